package peercheck

import (
	"bytes"
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// adverts reports what makes a node drop the adverts of another one.
func (c *checker) adverts(r *router) {
	ref, rest := odd(r.members, func(m *member) uint8 { return m.Version })
	for _, m := range rest {
		c.report(finding{CodeVersion, diag.Error,
			fmt.Sprintf("%s: VRRP version is %d, in %s it is %d", m.what(), m.Version, ref.node.Name, ref.Version),
			"adverts of the other version are dropped; " + bothMaster, "set the same version (or vrrp_version) on all nodes"},
			m.At("version"), ref.place("version", fmt.Sprintf("version %d", ref.Version)))
	}
	c.transport(r)
	if len(rest) > 0 {
		// Nothing below is looked at in an advert of the wrong version.
		return
	}
	c.interval(r)
	c.authentication(r)
	for i, a := range r.members {
		for _, b := range r.members[i+1:] {
			c.hmac(a, b)
			c.checksum(a, b)
		}
	}
}

func (c *checker) interval(r *router) {
	ref, rest := odd(r.members, func(m *member) int64 { return int64(m.AdvertInterval) })
	for _, m := range rest {
		f := finding{CodeInterval, diag.Error,
			fmt.Sprintf("%s: advert_int is %v, in %s it is %v", m.what(), m.AdvertInterval.Seconds(), ref.node.Name, ref.AdvertInterval.Seconds()),
			"version 2 drops adverts with another interval; " + bothMaster, "set the same advert_int on all nodes"}
		if m.Version == 3 {
			f.severity = diag.Warning
			f.effect = "a backup follows the interval of the master, so how long a takeover takes depends on which node fails"
		}
		c.report(f, m.At("advert_int"), ref.place("advert_int", fmt.Sprintf("advert_int %v", ref.AdvertInterval.Seconds())))
	}
}

var authNames = [...]string{config.AuthNone: "no authentication", config.AuthPass: "auth_type PASS", config.AuthAH: "auth_type AH"}

// authentication compares that of version 2; auth_hmac takes its place.
func (c *checker) authentication(r *router) {
	var members []*member
	for _, m := range r.members {
		if m.Version == 2 && m.HMAC == nil {
			members = append(members, m)
		}
	}
	if len(members) < 2 {
		return
	}
	ref, rest := odd(members, func(m *member) config.AuthType { return m.Auth })
	for _, m := range rest {
		c.report(finding{CodeAuthType, diag.Error,
			fmt.Sprintf("%s: %s, in %s %s", m.what(), authNames[m.Auth], ref.node.Name, authNames[ref.Auth]),
			"adverts with another authentication are dropped; " + bothMaster, "use the same authentication block on all nodes"},
			m.At("authentication"), ref.place("authentication", authNames[ref.Auth]))
	}
	var same []*member
	for _, m := range members {
		if m.Auth == ref.Auth && ref.Auth != config.AuthNone {
			same = append(same, m)
		}
	}
	if len(same) < 2 {
		return
	}
	ref, rest = odd(same, func(m *member) [8]byte { return m.AuthPass })
	for _, m := range rest {
		c.report(finding{CodePassword, diag.Error,
			fmt.Sprintf("%s: auth_pass is not that of %s", m.what(), ref.node.Name),
			"adverts with another password are dropped; " + bothMaster, "set the same auth_pass on all nodes; its first 8 characters count"},
			m.At("authentication"), ref.place("authentication", "another auth_pass"))
	}
}

// hmac compares auth_hmac of two nodes, in both directions.
func (c *checker) hmac(a, b *member) {
	from, to := a, b
	why := refusesTrailer(a, b)
	if why == "" {
		from, to = b, a
		why = refusesTrailer(b, a)
	}
	if why == "" {
		return
	}
	c.report(finding{CodeHMAC, diag.Error,
		fmt.Sprintf("%s: adverts of %s are rejected: %s", to.what(), from.node.Name, why),
		"while " + from.node.Name + " is MASTER " + to.node.Name + " becomes MASTER too",
		"give all nodes the same keys; mode permissive or receive-only is for the time of the change"},
		to.At("auth_hmac"), from.place("auth_hmac", "other settings of auth_hmac"))
}

// refusesTrailer says why receiver rejects what sender signs or does not sign,
// "" if it does not. Keys in files are not known here.
func refusesTrailer(sender, receiver *member) string {
	s, r := sender.HMAC, receiver.HMAC
	signs := s != nil && s.Mode != config.HMACReceiveOnly
	switch {
	case !signs && r != nil && r.Mode == config.HMACEnforce:
		return "they have no trailer, and auth_hmac is enforced here"
	case !signs:
		return ""
	case r == nil:
		return "they have a trailer, and there is no auth_hmac here"
	}
	sent, known := s.Keys[s.ActiveKey]
	have, ok := r.Keys[s.ActiveKey]
	_, inFile := r.KeyFiles[s.ActiveKey]
	switch {
	case inFile:
		return ""
	case !ok:
		return fmt.Sprintf("there is no key %d here", s.ActiveKey)
	case known && !bytes.Equal(sent, have):
		return fmt.Sprintf("key %d is another one here", s.ActiveKey)
	}
	return ""
}

// checksum compares the forms of the version 3 checksum over IPv4.
func (c *checker) checksum(a, b *member) {
	if a.Version != 3 || a.Family != config.IPv4 {
		return
	}
	if a.V3ChecksumAsV2 != b.V3ChecksumAsV2 {
		if a.V3ChecksumAsV2 {
			a, b = b, a
		}
		c.report(finding{CodeChecksum, diag.Error,
			fmt.Sprintf("%s: v3_checksum_as_v2 is set, in %s it is not", b.what(), a.node.Name),
			a.node.Name + " drops its adverts: Invalid VRRPv3 checksum; it becomes MASTER too", "set v3_checksum_as_v2 on all nodes or on none"},
			b.At("v3_checksum_as_v2"), place{a.node, a.Head, "no v3_checksum_as_v2"})
	}
	if !a.Unicast() || !b.Unicast() || a.UnicastChecksum == b.UnicastChecksum {
		return
	}
	if b.UnicastChecksum == config.UnicastChecksumOld {
		a, b = b, a
	}
	if a.UnicastChecksum != config.UnicastChecksumOld {
		return // auto and never send the same
	}
	f := finding{CodeChecksum, diag.Warning,
		fmt.Sprintf("%s: old_unicast_checksum is set, in %s it is not", a.what(), b.node.Name),
		"adverts of " + b.node.Name + " are dropped until it has heard the old form once: both may be MASTER for a moment",
		"set old_unicast_checksum on all nodes or on none"}
	if b.UnicastChecksum == config.UnicastChecksumNew {
		f.severity = diag.Error
		f.summary = fmt.Sprintf("%s: old_unicast_checksum is set, in %s it is never", a.what(), b.node.Name)
		f.effect = "each drops the other's adverts; " + bothMaster
	}
	c.report(f, a.At("old_unicast_checksum"), b.place("old_unicast_checksum", "another form of the checksum"))
}
