package confparse

import (
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

const diagWarning = diag.Warning

func logFinding(code, summary, effect string) diag.Diagnostic {
	return diag.Diagnostic{Code: code, Severity: diag.Warning, Class: diag.ClassLog, Summary: summary, Effect: effect}
}

var udpKeywords = []Keyword[checkerDraft]{
	Custom("payload", "<HEX>...", Meta{
		Process: ProcChecker, Range: "hex digits, blanks allowed", Default: "random data", Missing: "UDP_CHECK payload requires a payload", OnBad: "the standard payload is sent",
		Doc: "What is sent.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		if _, ok := d.arg(s, 1); !ok {
			return false
		}
		b, _, ok := hexWords(s.Words[1:], false)
		if !ok {
			c.UDP.Payload = nil
			return d.refuse(s.Words[1], "Invalid hex string for UDP_CHECK payload", "")
		}
		c.UDP.Payload = b
		return true
	}),
	Custom("require_reply", "[<HEX>...]", Meta{
		Process: ProcChecker, Range: "hex digits, X = any nibble", Default: "no reply needed", Bare: "any reply", OnBad: "any reply will do",
		Doc: "Ask for a reply, and for its content.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		c.UDP.RequireReply = true
		if len(s.Words) == 1 {
			return true
		}
		b, mask, ok := hexWords(s.Words[1:], true)
		if !ok {
			c.UDP.Reply, c.UDP.ReplyMask = nil, nil
			return d.refuse(s.Words[1], "Invalid hex string for UDP_CHECK reply", "")
		}
		c.UDP.Reply, c.UDP.ReplyMask = b, mask
		if w := s.Words[1]; strings.HasPrefix(w.Text, "0x") {
			d.own(w, codeOwnDropped, "0x is taken for a digit 0 and any digit", "the reply needs one byte more in front", "write the digits alone")
		}
		return true
	}),
	Number("min_reply_length", func(c *checkerDraft) *uint16 { return &c.UDP.MinReply }, within(0, 65535), Meta{
		Process: ProcChecker, Default: "0", Bad: "UDP_CHECK min length %v not valid - must be between 0 & 65535", Doc: "Shortest reply.",
	}),
	Number("max_reply_length", func(c *checkerDraft) *uint16 { return &c.UDP.MaxReply }, within(0, 65535), Meta{
		Process: ProcChecker, Default: "255", Bad: "UDP_CHECK max length %v not valid - must be between 0 & 65535", Doc: "Longest reply.",
	}),
}

// hexWords joins words of hex digits, which may have blanks inside when they are
// quoted, to bytes, two digits each; the last one
// of an odd number is a byte of its own. With wild an X is any nibble, and
// mask has the bits that count.
func hexWords(words []Word, wild bool) (b, mask []byte, ok bool) {
	for _, word := range words {
		for _, digits := range strings.Fields(word.Text) {
			for i := 0; i < len(digits); i += 2 {
				v, m, ok := nibble(digits[i], wild)
				if !ok {
					return nil, nil, false
				}
				if i+1 < len(digits) {
					low, lowMask, ok := nibble(digits[i+1], wild)
					if !ok {
						return nil, nil, false
					}
					v, m = v<<4|low, m<<4|lowMask
				} else {
					m |= 0xf0
				}
				b, mask = append(b, v), append(mask, m)
			}
		}
	}
	return b, mask, len(b) > 0
}

func nibble(c byte, wild bool) (value, mask byte, ok bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', 0xf, true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, 0xf, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, 0xf, true
	case wild && (c == 'X' || c == 'x'):
		return 0, 0, true
	}
	return 0, 0, false
}

func closeUDP(d *decoder, _ *realDraft, c *checkerDraft) bool {
	if c.UDP.MinReply > c.UDP.MaxReply {
		d.conflict(&c.Block, "min_reply_length", codeConflict, diag.Error, "UDP_CHECK min_reply length "+itoa(int(c.UDP.MinReply))+" > max_reply length "+itoa(int(c.UDP.MaxReply))+" - will always fail", "the check always fails")
	}
	return true
}

var dnsTypes = []string{"A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"}

var dnsCheck = newTable(connectKeywords, retryKeywords("3", "delay_loop"), []Keyword[checkerDraft]{
	Custom("type", "<TYPE>", Meta{
		Process: ProcChecker, Range: strings.Join(dnsTypes, " ") + ", case-insensitive", Default: "SOA", Doc: "Type of the query.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if !contains(dnsTypes, strings.ToUpper(w.Text)) {
			return d.refuse(w, "Unknown DNS check type "+w.Text+" - ignoring", "")
		}
		c.DNS.Type = strings.ToUpper(w.Text)
		return true
	}),
	Custom("name", "<NAME>", Meta{
		Process: ProcChecker, Repeat: RepeatFirst, Range: "no empty label", Default: "root", Doc: "Name to ask for.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if d.has("name") {
			return d.duplicate(w, "DNS_CHECK name already specified - ignoring %v")
		}
		name := strings.TrimSuffix(w.Text, ".")
		for _, label := range strings.Split(name, ".") {
			switch {
			case label == "" && w.Text != ".":
				return d.refuse(w, "DNS_CHECK name '"+w.Text+"' has empty label - ignoring", "")
			case len(label) > 63:
				return d.refuse(w, "DNS_CHECK name '"+w.Text+"' has a label longer than 63 - ignoring", "")
			}
		}
		if len(name) > 253 {
			return d.refuse(w, "DNS_CHECK name '"+w.Text+"' too long - ignoring", "")
		}
		c.DNS.Name = w.Text
		return true
	}),
})

var fileCheck = newTable([]Keyword[checkerDraft]{
	Custom("track_file", "<NAME>", Meta{
		Process: ProcChecker, Range: "defined earlier", Required: true, Doc: "Name of a track_file that stands earlier.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if !d.names.files[w.Text].known(d) {
			c.refused = w.Range()
			d.complain(w, codeReference, "track_file "+w.Text+" not found", "the line is ignored", trackFiles.whereIs(d, w.Text))
			return false
		}
		c.File.TrackFile = w.Text
		return true
	}),
	Custom("weight", "<N> [reverse|noreverse]", Meta{
		Process: ProcChecker, Range: "-2147483647 to 2147483647", Default: "the file's weight", Missing: "track file weight missing",
		Bad: "weight for track file must be in [-2147483647..2147483647] inclusive. Ignoring...", Doc: "What the number in the file is multiplied with.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		reverse, set := false, false
		if len(s.Words) > 2 {
			switch o := s.Words[2]; o.Text {
			case "reverse":
				reverse, set = true, true
			case "noreverse":
				set = true
			default:
				return d.refuse(o, "unknown track file weight option "+o.Text+" - ignoring", "")
			}
		}
		n, ok := d.number(w, within(-(1<<31-1), 1<<31-1).tolerant())
		if !ok {
			return false
		}
		c.File.Weight, c.fileWeightSet = int(n), true
		c.File.Reverse = reverse
		if !set {
			c.File.Reverse = d.names.files[c.File.TrackFile].reverse()
		}
		return true
	}),
})

func (n named[T]) reverse() bool {
	f, ok := any(n.value).(*config.TrackFile)
	return ok && f != nil && f.Reverse
}

func closeFile(d *decoder, _ *realDraft, c *checkerDraft) bool {
	f := d.names.files[c.File.TrackFile]
	if c.File.TrackFile == "" || f.value == nil {
		d.drop(&c.Block, codeIncomplete, "FILE_CHECK has no track_file specified - ignoring", "write track_file")
		d.follows(c.refused)
		return false
	}
	if !c.fileWeightSet {
		c.File.Weight, c.File.Reverse = f.value.Weight, f.value.Reverse
	}
	return true
}

var bfdCheck = newTable([]Keyword[checkerDraft]{
	Custom("name", "<NAME>", Meta{
		Process: ProcChecker, Repeat: RepeatOnce, Range: "bfd_instance defined earlier, not limited to vrrp", Required: true, OnBad: "the checker is dropped",
		Doc: "Session to follow.",
	}, readBFDName),
	alphaKeyword,
})

func readBFDName(d *decoder, c *checkerDraft, s *Line) bool {
	prefix := "(" + d.name() + ") BFD_CHECK - "
	if len(s.Words) != 2 {
		c.bfdBad = true
		return d.refuse(s, prefix+"No or too many names specified - skipping checker", "")
	}
	w := s.Words[1]
	if c.BFD != "" {
		c.bfdBad = true
		return d.refuse(w, prefix+"BFD "+w.Text+" is already specified as "+c.BFD, "")
	}
	b := d.names.bfd[w.Text]
	if !b.known(d) || b.value.VRRP && !b.value.Checker {
		c.bfdBad = true
		return d.refuse(w, prefix+"BFD "+w.Text+" not configured", "a bfd_instance must stand before the virtual server")
	}
	if n := len(d.stack); n > 1 {
		for _, o := range d.stack[n-1].parent.(*realDraft).checkers {
			if o.BFD == w.Text {
				c.bfdBad = true
				return d.refuse(w, prefix+"RS already monitoring "+w.Text, "")
			}
		}
	}
	c.BFD = w.Text
	return true
}

func closeBFDCheck(d *decoder, _ *realDraft, c *checkerDraft) bool {
	if c.bfdBad {
		return false
	}
	if c.BFD == "" {
		d.drop(&c.Block, codeIncomplete, "("+d.name()+") No name has been specified for BFD_CHECKER - skipping", "write name")
		return false
	}
	return true
}
