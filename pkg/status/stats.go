package status

import "io"

// WriteStats writes keepalived.stats.
func WriteStats(w io.Writer, v *VRRP) error {
	p := &printer{w: w}
	for i := range v.Instances {
		p.stats(&v.Instances[i])
	}
	return p.err
}

func (p *printer) stats(v *VRRPInstance) {
	c := &v.Counters
	p.line("VRRP Instance: %s", v.Name)
	p.line("  Advertisements:")
	p.line("    Received: %d", c.AdvertReceived)
	p.line("    Sent: %d", c.AdvertSent)
	p.line("  Became master: %d", c.BecomeMaster)
	p.line("  Released master: %d", c.ReleaseMaster)
	p.line("  Packet Errors:")
	p.line("    Length: %d", c.PacketLengthErrors)
	p.line("    TTL: %d", c.TTLErrors)
	p.line("    Invalid Type: %d", c.InvalidTypeReceived)
	p.line("    Advertisement Interval: %d", c.AdvertIntervalErrors)
	p.line("    Address List: %d", c.AddressListErrors)
	p.line("  Authentication Errors:")
	p.line("    Invalid Type: %d", c.InvalidAuthType)
	p.line("    Type Mismatch: %d", c.AuthTypeMismatch)
	p.line("    Failure: %d", c.AuthFailure)
	p.line("  Authentication Extension Errors:")
	p.line("    Missing: %d", c.AuthExtMissing)
	p.line("    Malformed: %d", c.AuthExtMalformed)
	p.line("    Unknown Key: %d", c.AuthExtUnknownKey)
	p.line("    Invalid HMAC: %d", c.AuthExtInvalidHMAC)
	p.line("    Stale: %d", c.AuthExtStale)
	p.line("    Replay: %d", c.AuthExtReplay)
	p.line("  Priority Zero:")
	p.line("    Received: %d", c.PriorityZeroReceived)
	p.line("    Sent: %d", c.PriorityZeroSent)
}
