package confparse

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// bfdDraft is a bfd_instance while it is read.
type bfdDraft struct {
	*config.BFDInstance
	malformed bool
}

// bfdPair tells sessions apart.
type bfdPair struct {
	neighbor, source netip.Addr
	multihop         bool
}

// checkerOnly reports whether the VRRP process does not get its events.
func (b *bfdDraft) checkerOnly() bool { return b.Checker && !b.VRRP }

func openBFD(d *decoder, _ *drafts, s *Line) (*bfdDraft, string) {
	w, ok := d.arg(s, 1)
	if !ok {
		return nil, ""
	}
	if len(w.Text) > 31 {
		d.complain(w, codeBlock, "Configuration error: BFD instance "+w.Text+" name too long (maximum length is 31 characters) - ignoring", "the block is skipped", "a name has at most 31 bytes")
		return nil, ""
	}
	if d.names.bfd[w.Text].line != 0 {
		d.complain(w, codeDuplicate, "Configuration error: BFD instance "+w.Text+" already configured - ignoring", "the block is skipped", "give it another name")
		return nil, ""
	}
	b := &bfdDraft{BFDInstance: config.NewBFDInstance()}
	b.Name = w.Text
	return b, w.Text
}

func closeBFD(d *decoder, r *drafts, b *bfdDraft) {
	switch {
	case b.malformed:
		return
	case !b.Neighbor.IsValid():
		d.drop(&b.Block, codeIncomplete, "Configuration error: BFD instance "+b.Name+" has no neighbor address set, disabling instance", "write neighbor_ip")
		return
	case b.Source.IsValid() && b.Source.Is4() != b.Neighbor.Is4():
		d.drop(&b.Block, codeConflict, "Configuration error: BFD instance "+b.Name+" source address "+b.Source.String()+" and neighbor address "+b.Neighbor.String()+" are not of the same family, disabling instance", "")
		return
	}
	pair := bfdPair{b.Neighbor, b.Source, b.MultiHop}
	if o, twice := d.names.bfdPairs[pair]; twice {
		what := "neighbor address " + b.Neighbor.String()
		if b.Source.IsValid() {
			what = "source/neighbor address " + b.Source.String() + "/" + b.Neighbor.String()
		}
		d.drop(&b.Block, codeDuplicate, "Configuration error: BFD instance "+b.Name+" has duplicate "+what+", ignoring instance", "it is the one of "+o.Name)
		return
	}
	d.names.bfdPairs[pair] = b
	if b.TTL == 0 {
		b.TTL = 255
		if b.Neighbor.Is6() {
			b.TTL = 64
		}
	}
	if b.MaxHops > int(b.TTL) {
		d.conflict(&b.Block, "max_hops", codeConflict, diagWarning, "BFD instance "+b.Name+": max_hops exceeds ttl/hoplimit - setting to ttl/hoplimit", itoa(int(b.TTL))+" is used")
		b.MaxHops = int(b.TTL)
	}
	if !b.VRRP && !b.Checker {
		b.VRRP, b.Checker = true, true
	}
	r.bfd = append(r.bfd, b)
	d.names.bfd[b.Name] = named[*bfdDraft]{b, d.next}
}

var bfdInstance = newTable([]Keyword[bfdDraft]{
	Custom("source_ip", "<IP>", Meta{
		Process: ProcBFD, Range: "family of neighbor_ip", Default: "kernel's choice", Doc: "Local address.",
	}, func(d *decoder, b *bfdDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		a, ok := d.host(w)
		if !ok {
			return d.refuse(w, "Configuration error: BFD instance "+b.Name+" has malformed source address "+w.Text+", ignoring", "")
		}
		b.Source = a
		return true
	}),
	bfdNeighbor("neighbor_ip", Meta{Required: true}),
	bfdNeighbor("neighbour_ip", Meta{Alias: "neighbor_ip"}),
	bfdTimer("min_rx", "1-4294967", "10", 1000, func(b *bfdDraft) *time.Duration { return &b.MinRx }, "Smallest interval at which we can receive."),
	bfdTimer("min_tx", "1-4294967", "10", 1000, func(b *bfdDraft) *time.Duration { return &b.MinTx }, "Smallest interval at which we want to send."),
	bfdTimer("idle_tx", "1000-4294967", "1000", 1000000, func(b *bfdDraft) *time.Duration { return &b.IdleTx }, "Interval at which we send while the session is down."),
	Number("multiplier", func(b *bfdDraft) *uint8 { return &b.Multiplier }, within(1, 255), Meta{
		Process: ProcBFD, Default: "5", Ref: "RFC 5880 6.8.1", Doc: "How many packets may be missed.",
		Bad: "Configuration error: BFD instance %n multiplier value %v not valid (must be in range [1-255]), ignoring",
	}),
	Flag("passive", func(b *bfdDraft) *bool { return &b.Passive }, true, Meta{
		Process: ProcBFD, Default: "active", Bare: "passive", Ref: "RFC 5880 6.1", Doc: "Wait for the neighbour to start.",
	}),
	bfdTTL("ttl", Meta{Default: "255 (IPv4), 64 (IPv6)", Doc: "TTL of the packets we send."}),
	bfdTTL("hoplimit", Meta{Default: "64 (IPv6), 255 (IPv4)", Alias: "ttl", Doc: "Hop limit of the packets we send."}),
	Number("max_hops", func(b *bfdDraft) *int { return &b.MaxHops }, within(-1, 255), Meta{
		Process: ProcBFD, Default: "0", Doc: "How much smaller than ours the TTL of a received packet may be; -1 and 255 switch the check off.",
		Bad: "Configuration error: BFD instance %n max_hops value %v not valid (must be in range [-1-255]), ignoring",
	}),
	Bool("multihop", func(b *bfdDraft) *bool { return &b.MultiHop }, Meta{
		Process: ProcBFD, Default: "no", Since: "2.3.0", Ref: "RFC 5883", Bad: "Invalid multihop parameter %v", Doc: "Use port 4784 instead of 3784.",
	}),
	Custom("weight", "<N> [reverse]", Meta{
		Process: ProcVRRP, Range: "-253 to 253", Default: "0", Doc: "Default weight of track_bfd.",
		Bad: "Configuration error: BFD instance %n weight value %v not valid (must be in range [-253-253]), ignoring",
	}, func(d *decoder, b *bfdDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, within(-253, 253).tolerant())
		if ok {
			b.Weight = int(n)
		}
		return d.reverseOption(s, &b.Reverse, "Configuration error: BFD instance %n unknown weight option %v") && ok
	}),
	Flag("vrrp", func(b *bfdDraft) *bool { return &b.VRRP }, true, Meta{
		Process: ProcBFD | ProcVRRP | ProcChecker, Default: "events to VRRP and checker", Doc: "Tell the VRRP process about it, and no other unless that is named, too.",
	}),
	Flag("checker", func(b *bfdDraft) *bool { return &b.Checker }, true, Meta{
		Process: ProcBFD | ProcVRRP | ProcChecker, Default: "events to VRRP and checker", Doc: "Tell the checker process about it, and no other unless that is named, too.",
	}),
})

func bfdNeighbor(name string, m Meta) Keyword[bfdDraft] {
	m.Process, m.OnBad, m.Doc = ProcBFD, "the block is dropped", "Address of the neighbour."
	return Custom(name, "<IP>", m, func(d *decoder, b *bfdDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		a, ok := d.host(w)
		if !ok {
			b.malformed = true
			return d.refuse(w, "Configuration error: BFD instance "+b.Name+" has malformed neighbor address "+w.Text+", ignoring instance", "")
		}
		b.Neighbor = a
		return true
	})
}

func bfdTTL(name string, m Meta) Keyword[bfdDraft] {
	m.Process = ProcBFD
	m.Bad = "Configuration error: BFD instance %n ttl/hoplimit value %v not valid (must be in range [1-255]), ignoring"
	return Number(name, func(b *bfdDraft) *uint8 { return &b.TTL }, within(1, 255), m)
}

func bfdTimer(name, limits, value string, minMicros uint64, field func(*bfdDraft) *time.Duration, doc string) Keyword[bfdDraft] {
	l := decimal{min: minMicros, max: 4294967e3, places: 3, unit: time.Millisecond}
	return newEntry(name, "<MS>", limits+" ms, 3 decimals", Meta{
		Process: ProcBFD, Default: value, Ref: "RFC 5880 6.8.1", Doc: doc,
		Bad: "Configuration error: BFD instance %n " + name + " value %v is not valid (must be in range [" + limits + "]), ignoring",
	}, func(d *decoder, b *bfdDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v, ok := d.timer(w, l)
		if !ok {
			return false
		}
		if v > 10*time.Second {
			d.logOnly(w, codeLogOnly, "Configuration warning: BFD instance "+b.Name+" "+name+" value "+w.Text+" is larger than max sensible (10000)", "a failure is noticed late")
		}
		*field(b) = v
		return true
	})
}
