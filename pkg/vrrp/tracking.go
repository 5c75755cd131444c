package vrrp

import (
	"fmt"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// objectKind is what is tracked.
type objectKind uint8

const (
	trackInterface objectKind = iota
	trackScript
	trackFile
	trackProcess
	trackBFD
)

// object is one thing that instances watch.
type object struct {
	kind objectKind
	name string
	// known is false for a script without a result: it counts for nothing.
	known bool
	good  bool
	value int64 // of a file
	count int   // of processes
	users []*tracker
}

// tracker is an object as it counts for one instance.
type tracker struct {
	v         *instance
	object    *object
	weight    int
	reverse   bool
	fromGroup bool
	implicit  bool
	// contribution is what it adds to the priority, fault whether it keeps
	// the instance in Fault.
	contribution int
	fault        bool
}

// Limits of what one tracked file adds to the priority: at the lower one it
// means Fault.
const (
	minFile = -254
	maxFile = 253
)

// evaluate is the weight arithmetic: what the tracker adds to the priority,
// and whether it means Fault.
func (t *tracker) evaluate() (contribution int, fault bool) {
	o := t.object
	if o.kind == trackFile {
		return t.evaluateFile()
	}
	if !o.known || t.implicit && t.v.awaits(o) {
		return 0, false
	}
	switch {
	case t.weight == 0:
		return 0, o.good == t.reverse
	case o.good && t.weight > 0, !o.good && t.weight < 0:
		contribution = t.weight
	}
	if t.reverse {
		contribution = -contribution
	}
	return contribution, false
}

func (t *tracker) evaluateFile() (contribution int, fault bool) {
	n := t.object.value
	if t.weight == 0 {
		return 0, (n != 0) != t.reverse
	}
	n *= int64(t.weight)
	if t.reverse {
		n = -n
	}
	if n <= minFile {
		return 0, true
	}
	return int(min(n, maxFile)), false
}

// refresh applies what changed about the object.
func (t *tracker) refresh() {
	v := t.v
	contribution, fault := t.evaluate()
	if fault != t.fault {
		t.fault = fault
		if t.object.kind == trackFile && !v.e.settling {
			if fault {
				v.log(textFileFault(v.cfg.Name, t.object.name))
			} else {
				v.debug(textFileLeaves(v.cfg.Name, t.object.name))
			}
		}
	}
	if contribution != t.contribution {
		t.contribution = contribution
		v.updatePriority()
	}
	// The fault before the wait for a first result: a bad one must not pass
	// through Backup.
	if fault {
		v.addCause(t.cause())
	}
	pending := !t.object.known && t.weight == 0
	v.setCause(pending, cause{
		kind: causePending, object: t.object,
		text: "waiting for the first result of script " + t.object.name,
		over: "first result of script " + t.object.name,
	})
	if !fault {
		v.dropCause(causeTracked, t.object)
	}
}

// cause is the entry of the set of causes for a tracker that means Fault.
func (t *tracker) cause() cause {
	o, name := t.object, t.v.cfg.Name
	c := cause{kind: causeTracked, object: o}
	switch o.kind {
	case trackInterface:
		c.text = "interface " + o.name + " down"
		c.start = textStartInterface(name, o.name)
		if o.good {
			c.text = "interface " + o.name + " up"
			c.start = textFault(name, c.text)
		}
	case trackScript:
		c.text = t.v.e.scripts[o.name].failure()
		c.start = textStartScript(name, o.name)
	case trackFile:
		c.text = fmt.Sprintf("tracked file %s has status %d", o.name, o.value)
		c.start = textStartFile(name, o.name, o.value)
	case trackProcess:
		c.text = fmt.Sprintf("tracked process %s quorum not achieved, %d found", o.name, o.count)
		if o.good {
			c.text = "tracked process " + o.name + " quorum achieved"
		}
		c.start = textStartProcess(name, o.name)
	case trackBFD:
		c.text = "BFD session " + o.name + " " + upDown(o.good, "up", "down")
	}
	return c
}

// updatePriority makes the effective priority from the total. Only the next
// advert carries it. A Backup's timer moves by as much as the master down
// interval changes.
func (v *instance) updatePriority() {
	if v.owner() || v.e.settling {
		return
	}
	p := v.clampPriority()
	if p == v.effective {
		return
	}
	before := v.masterDown()
	v.log(textPriority(v.cfg.Name, v.effective, p))
	v.effective = p
	if v.state == event.Backup && v.main.running() {
		at := v.main.until().Add(v.masterDown() - before)
		if v.e.now.After(at) {
			at = v.e.now
		}
		v.main.set(at)
	}
	if v.cfg.NotifyPriorityChanges || v.group != nil && v.group.cfg.NotifyPriorityChanges {
		v.e.emit(event.PriorityChange{Instance: v.cfg.Name, State: v.state, Priority: p})
	}
}

func (v *instance) clampPriority() uint8 {
	total := int(v.base)
	for _, t := range v.trackers {
		total += t.contribution
	}
	v.total = total
	return uint8(max(1, min(254, total)))
}

// changed tells everybody who watches the object.
func (o *object) changed() {
	for _, t := range o.users {
		t.refresh()
	}
}

// track makes the trackers of an instance from its own lists, those of its
// group, and the interfaces that it depends on without saying so.
func (v *instance) track() {
	v.trackers = nil
	c := v.cfg
	v.trackList(trackInterface, c.TrackInterfaces, false)
	v.trackList(trackScript, c.TrackScripts, false)
	v.trackList(trackFile, c.TrackFiles, false)
	v.trackList(trackProcess, c.TrackProcesses, false)
	v.trackList(trackBFD, c.TrackBFD, false)
	if g := v.group; g != nil {
		v.trackList(trackInterface, g.cfg.TrackInterfaces, true)
		v.trackList(trackScript, g.cfg.TrackScripts, true)
		v.trackList(trackFile, g.cfg.TrackFiles, true)
		v.trackList(trackProcess, g.cfg.TrackProcesses, true)
		v.trackList(trackBFD, g.cfg.TrackBFD, true)
	}
	for _, l := range v.implicitLinks() {
		if v.tracks(&l.object) == nil {
			v.addTracker(&tracker{v: v, object: &l.object, implicit: true})
		}
	}
}

func (v *instance) trackList(kind objectKind, list []config.Track, fromGroup bool) {
	for i := range list {
		o := v.e.object(kind, list[i].Name)
		if o == nil {
			continue
		}
		t := &tracker{v: v, object: o, weight: list[i].Weight, reverse: list[i].Reverse, fromGroup: fromGroup}
		if fromGroup && v.group.hasOwner() {
			t.weight = 0
		}
		if have := v.tracks(o); have != nil {
			// On both the member and its group: the group's weight counts,
			// unless the member's is 0.
			if fromGroup && have.weight != 0 {
				have.weight, have.reverse, have.fromGroup = t.weight, t.reverse, true
			}
			continue
		}
		if v.owner() && t.weight != 0 {
			continue
		}
		v.addTracker(t)
	}
}

func (v *instance) addTracker(t *tracker) {
	v.trackers = append(v.trackers, t)
	t.object.users = append(t.object.users, t)
}

func (v *instance) tracks(o *object) *tracker {
	if i := slices.IndexFunc(v.trackers, func(t *tracker) bool { return t.object == o }); i >= 0 {
		return v.trackers[i]
	}
	return nil
}

// object finds what a list names. Unknown names are reported by the
// configuration's check and dropped here.
func (e *Engine) object(kind objectKind, name string) *object {
	switch kind {
	case trackInterface:
		return &e.link(name).object
	case trackScript:
		if s := e.scripts[name]; s != nil {
			return &s.object
		}
	case trackFile:
		return e.files[name]
	case trackProcess:
		return e.processes[name]
	case trackBFD:
		return e.sessions[name]
	}
	return nil
}
