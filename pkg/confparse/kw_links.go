package confparse

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

var linkbeatInterfaces = ListBlock("linkbeat_interfaces", specRows{
	{Keyword: "<IFNAME>", Meta: Meta{Args: "[MII|ETHTOOL|IOCTL]", Repeat: RepeatList, Process: ProcVRRP, Doc: "Interface to poll."}},
	{Keyword: "MII", Meta: Meta{Default: "first supported of MII, ETHTOOL, IOCTL", Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Prefer MII registers."}},
	{Keyword: "ETHTOOL", Meta: Meta{Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Prefer ethtool."}},
	{Keyword: "IOCTL", Meta: Meta{Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Prefer the flags of the interface."}},
}, Meta{
	Process: ProcVRRP, Repeat: RepeatMerge, Doc: "Interfaces whose link state is polled.",
}, func(d *decoder, r *drafts, s *Line) {
	l := &config.LinkbeatInterface{Interface: s.Words[0].Text}
	l.Head = s.Range()
	l.Range = l.Head
	if len(s.Words) > 1 {
		switch w := s.Words[1]; w.Text {
		case "MII":
			l.Method = config.LinkbeatMII
		case "ETHTOOL":
			l.Method = config.LinkbeatETHTOOL
		case "IOCTL":
			l.Method = config.LinkbeatIOCTL
		default:
			d.complain(w, codeBadValue, "extra characters "+w.Text+" in linkbeat interface", "the interface is polled by the first way that works", "MII, ETHTOOL and IOCTL are known")
		}
	}
	r.cfg.LinkbeatInterfaces = append(r.cfg.LinkbeatInterfaces, l)
}, nil)

var linkDelays = ListBlock("interface_up_down_delays", specRows{
	{Keyword: "<IFNAME>", Meta: Meta{Args: "<DOWN_DELAY> [<UP_DELAY>]", Repeat: RepeatList, Process: ProcVRRP, Doc: "Interface to debounce."}},
	{Keyword: "<DOWN_DELAY>", Meta: Meta{Range: "0-255 s, microseconds", Process: ProcVRRP, Doc: "Delay before a down is acted on."}},
	{Keyword: "<UP_DELAY>", Meta: Meta{Range: "0-255 s, microseconds", Default: "0", Process: ProcVRRP, Doc: "Delay before an up is acted on."}},
}, Meta{
	Process: ProcVRRP, Repeat: RepeatMerge, OnBad: "the entry is ignored", Doc: "Debounce of link changes.",
}, func(d *decoder, r *drafts, s *Line) {
	if len(s.Words) < 2 {
		d.logOnly(s, codeEntry, "No delay specified for interface "+s.Words[0].Text, d.spec.OnBad)
		return
	}
	l := &config.LinkDelay{Interface: s.Words[0].Text}
	l.Head = s.Range()
	l.Range = l.Head
	for i, field := range []*time.Duration{&l.Down, &l.Up} {
		if i+1 >= len(s.Words) {
			break
		}
		w := s.Words[i+1]
		limit := seconds(0, 255e6)
		micros, cut, problem := readDecimal(w.Text, limit)
		if problem != "" {
			d.dropEntry(w, problem, "")
			return
		}
		if cut != 0 {
			d.adjust(w, "number '"+w.Text+"' has too many decimal places", limit.bound(micros)+" is used")
		}
		*field = duration(micros, time.Microsecond)
	}
	r.cfg.LinkDelays = append(r.cfg.LinkDelays, l)
}, nil)

func openGARPGroup(*decoder, *drafts, *Line) (*config.GARPGroup, string) {
	return &config.GARPGroup{}, ""
}

func closeGARPGroup(d *decoder, r *drafts, g *config.GARPGroup) {
	if !g.Has("garp_interval") && !g.Has("gna_interval") {
		d.drop(&g.Block, codeIncomplete, "garp group "+itoa(len(r.cfg.GARPGroups))+" does not have any delay set - removing", "write garp_interval or gna_interval")
		return
	}
	r.cfg.GARPGroups = append(r.cfg.GARPGroups, g)
}

var garpGroup = newTable([]Keyword[config.GARPGroup]{
	garpGroupInterval("garp_interval", func(g *config.GARPGroup) *time.Duration { return &g.GARPInterval }, "Pause between two gratuitous ARPs."),
	garpGroupInterval("gna_interval", func(g *config.GARPGroup) *time.Duration { return &g.GNAInterval }, "Pause between two unsolicited neighbour advertisements."),
	Custom("interface", "<IFNAME>", Meta{
		Process: ProcVRRP, Repeat: RepeatList, Doc: "One interface that the limits apply to.",
	}, func(d *decoder, g *config.GARPGroup, s *Line) bool {
		w, ok := d.arg(s, 1)
		return ok && d.garpInterface(g, w)
	}),
	ListBlock("interfaces", specRows{{Keyword: "<IFNAME>", Meta: Meta{
		Repeat: RepeatList, Process: ProcVRRP, Doc: "An interface of the group.",
	}}}, Meta{
		Process: ProcVRRP, Repeat: RepeatMerge, Doc: "Interfaces that share one limit.",
	}, func(d *decoder, g *config.GARPGroup, s *Line) {
		for _, w := range s.Words {
			d.garpInterface(g, w)
		}
	}, func(d *decoder, _ *config.GARPGroup, s *Line, n int) {
		if n == 0 {
			d.incompleteList(s, "Warning - empty garp_group interfaces block", "")
		}
	}),
})

func garpGroupInterval(name string, field func(*config.GARPGroup) *time.Duration, doc string) Keyword[config.GARPGroup] {
	l := seconds(0, maxTimer)
	return newEntry(name, "<TIMER>", l.String(), Meta{
		Process: ProcVRRP, Default: "unset", Bad: "garp_group " + name + " '%v' invalid", Doc: doc,
	}, func(d *decoder, g *config.GARPGroup, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v, ok := d.timer(w, l)
		if !ok {
			return false
		}
		d.longInterval(w, name, v)
		*field(g) = v
		return true
	})
}

// garpInterface adds an interface that is in no other group.
func (d *decoder) garpInterface(g *config.GARPGroup, w Word) bool {
	if d.names.garp[w.Text] {
		return d.refuse(w, "garp_group already specified for "+w.Text+" - ignoring", "an interface is in one group only")
	}
	d.names.garp[w.Text] = true
	g.Interfaces = append(g.Interfaces, w.Text)
	l := &d.stack[len(d.stack)-1]
	l.set = append(l.set, config.Setting{Keyword: config.GARPGroupInterface(w.Text), Range: w.Range()})
	return true
}
