package confparse

import "github.com/gokeepalived/gokeepalived/pkg/config"

var methodRows = specRows{
	{Keyword: "NAT", Meta: Meta{Default: "NAT (with a config error message when the VS sets none)", Process: ProcChecker, Doc: "Masquerading."}},
	{Keyword: "DR", Meta: Meta{Process: ProcChecker, Doc: "Direct routing."}},
	{Keyword: "TUN", Meta: Meta{Args: "[type ipip|gue|gre] [port <N>] [nocsum|csum|remcsum]", Default: "type absent=ipip; checksum absent=nocsum", Process: ProcChecker, Doc: "Tunnel."}},
	{Keyword: "type", Meta: Meta{Args: "ipip|gue|gre", Default: "ipip", Process: ProcChecker, Doc: "Type of the tunnel."}},
	{Keyword: "port", Meta: Meta{Args: "<N>", Range: "1-65535; only and always with gue", Default: "none", Process: ProcChecker, Doc: "UDP port of a gue tunnel."}},
	{Keyword: "nocsum", Meta: Meta{Default: "nocsum", Process: ProcChecker, Doc: "No checksum."}},
	{Keyword: "csum", Meta: Meta{Range: "gue or gre", Process: ProcChecker, Doc: "Checksum."}},
	{Keyword: "remcsum", Meta: Meta{Range: "gue", Process: ProcChecker, Doc: "Remote checksum offload."}},
	{Keyword: "<UNKNOWN>", Meta: Meta{Repeat: RepeatOnce, Process: ProcChecker, OnBad: "the options of the tunnel are ignored", Doc: "Any other word is an error."}},
}

// methodKeywords are lvs_method of a virtual server and its other name, which
// has no rows of its own.
func methodKeywords(alias, name string) []Keyword[serverDraft] {
	read := func(d *decoder, v *serverDraft, s *Line) bool {
		return d.method(s, &v.Forwarding, "virtual server")
	}
	m := Meta{
		Process: ProcChecker, Range: "see virtual_server/lvs_method", Default: "NAT with a config error message",
		Doc: "Default forwarding method of the real servers that follow.",
	}
	other := m
	other.Alias, other.Default = name, "as lvs_method"
	return []Keyword[serverDraft]{
		Custom(alias, "NAT|DR|TUN [options]", other, read),
		withRows(Custom(name, "NAT|DR|TUN [options]", m, read), methodRows),
	}
}

// method reads a forwarding method with the options of a tunnel. Wrong
// options leave those that were set before; the method counts all the same.
func (d *decoder) method(s *Line, f *config.Forwarding, what string) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	method := config.ForwardNone
	switch w.Text {
	case "NAT":
		method = config.NAT
	case "DR":
		method = config.DR
	case "TUN":
		method = config.TUN
	default:
		d.refuse(w, "PARSER : unknown ["+w.Text+"] routing method for "+what+".", "NAT, DR and TUN are known, in capitals")
		return false
	}
	f.Method = method
	tunnel := config.Forwarding{Method: method}
	if d.tunnel(s, &tunnel, what) {
		*f = tunnel
	}
	return true
}

func (d *decoder) tunnel(s *Line, f *config.Forwarding, what string) bool {
	bad := func(w Placed, summary, why string) bool {
		effect := "the options of the tunnel are ignored"
		if why != "" {
			effect = why + "; " + effect
		}
		d.complain(w, codeBadValue, summary, effect, "")
		return false
	}
	for i := 2; i < len(s.Words); i++ {
		w := s.Words[i]
		switch {
		case f.Method != config.TUN:
			return bad(w, "Invalid tunnel option "+w.Text+" for "+what+".", "only TUN has options")
		case w.Text == "type":
			i++
			if i == len(s.Words) {
				return bad(s, "Missing tunnel type for "+what+".", "")
			}
			switch t := s.Words[i]; t.Text {
			case "ipip":
				f.Tunnel = config.TunnelIPIP
			case "gue":
				f.Tunnel = config.TunnelGUE
			case "gre":
				f.Tunnel = config.TunnelGRE
			default:
				return bad(t, "Unknown tunnel type "+t.Text+" for "+what+".", "")
			}
		case w.Text == "port":
			i++
			if i == len(s.Words) {
				return bad(s, "Missing port for gue tunnel for "+what+".", "")
			}
			n, problem := d.readInteger(s.Words[i], within(1, 65535))
			if problem != "" {
				return bad(s.Words[i], "Invalid gue tunnel port "+s.Words[i].Text+" for "+what+".", problem)
			}
			f.Port = uint16(n)
		case w.Text == "nocsum":
			f.Checksum = config.TunnelNoChecksum
		case w.Text == "csum":
			f.Checksum = config.TunnelChecksumOn
		case w.Text == "remcsum":
			f.Checksum = config.TunnelRemoteChecksum
		default:
			return bad(w, "Invalid tunnel option "+w.Text+" for "+what+".", "")
		}
	}
	switch {
	case (f.Tunnel == config.TunnelGUE) != (f.Port != 0):
		return bad(s, "gue tunnels require port, otherwise cannot have port.", "")
	case f.Tunnel == config.TunnelIPIP && f.Checksum != config.TunnelNoChecksum:
		return bad(s, "ipip tunnels do not support checksum option.", "")
	case f.Tunnel == config.TunnelGRE && f.Checksum == config.TunnelRemoteChecksum:
		return bad(s, "gre tunnels do not support remote checksum option.", "")
	}
	return true
}
