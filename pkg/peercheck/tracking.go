package peercheck

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// tracking reports weights that cannot move the address: the preferred node
// stays above the others whatever fails on it.
func (c *checker) tracking(r *router) {
	var top, next *member
	for _, m := range r.members {
		p := priority(m, nil)
		switch {
		case top == nil || p > priority(top, nil):
			top, next = m, top
		case next == nil || p > priority(next, nil):
			next = m
		}
	}
	if top.Owner() || next.Owner() {
		return // an owner's priority never changes
	}
	good, below := priority(top, nil), priority(next, nil)
	if good <= below {
		return
	}
	all := map[*config.Track]bool{}
	tracks := weighted(top)
	for _, t := range tracks {
		all[t.Track] = true
	}
	together := priority(top, all) < below
	for _, t := range tracks {
		bad := priority(top, map[*config.Track]bool{t.Track: true})
		if bad < below {
			c.deaf(top, next, t, bad)
			continue
		}
		if bad >= good {
			continue // reversed, or held by the limits of priorities
		}
		f := finding{CodeWeight, diag.Warning,
			fmt.Sprintf("%s: when %s %s fails, the priority goes from %d to %d, and %s has %d", top.what(), t.kind, t.Name, good, bad, next.node.Name, below),
			"the address stays on the failing node", "make the weight larger than the difference of the priorities, or use weight 0 (FAULT)"}
		if together {
			f.severity = diag.Note
			f.effect = "the address stays on the node until more of its trackers fail"
		}
		at := t.Head
		if at.IsZero() {
			at = top.Head
		}
		c.report(f, at, next.place("priority", fmt.Sprintf("priority %d", next.Priority)))
	}
}

// deaf reports that a backup does not use its higher priority.
func (c *checker) deaf(top, next *member, t tracked, bad uint8) {
	if !next.NoPreempt {
		return
	}
	c.report(finding{CodeWeightNoPreempt, diag.Warning,
		fmt.Sprintf("%s: when %s %s fails in %s, its priority goes to %d, but nopreempt keeps this node from taking over", next.what(), t.kind, t.Name, top.node.Name, bad),
		"the address stays on the failing node", "use weight 0 (FAULT) for the tracker, or drop nopreempt"},
		next.At("nopreempt"), place{top.node, t.Head, fmt.Sprintf("weight %d", t.Weight)})
}

// tracked is a tracker of an instance or of its group.
type tracked struct {
	*config.Track
	kind string
}

// weighted are the trackers of an instance that change its priority. Files are
// left out: their value may be anything.
func weighted(m *member) []tracked {
	var out []tracked
	add := func(kind string, l []config.Track) {
		for i := range l {
			if l[i].Weight != 0 {
				out = append(out, tracked{&l[i], kind})
			}
		}
	}
	add("interface", m.TrackInterfaces)
	add("script", m.TrackScripts)
	add("process", m.TrackProcesses)
	add("BFD session", m.TrackBFD)
	for _, g := range m.node.Config.SyncGroups {
		if g.Name == m.Group && m.Group != "" {
			add("interface", g.TrackInterfaces)
			add("script", g.TrackScripts)
			add("process", g.TrackProcesses)
			add("BFD session", g.TrackBFD)
		}
	}
	return out
}

// priority is the effective priority when the trackers in bad fail: a positive
// weight counts while the tracker is good, a negative one while it is bad, and
// reverse turns the sign of either.
func priority(m *member, bad map[*config.Track]bool) uint8 {
	if m.Owner() {
		return m.Priority
	}
	total := int(m.Priority)
	for _, t := range weighted(m) {
		if bad[t.Track] != (t.Weight < 0) {
			continue
		}
		if t.Reverse {
			total -= t.Weight
		} else {
			total += t.Weight
		}
	}
	return uint8(min(max(total, 1), 254))
}
