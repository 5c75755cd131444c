package vrrp

import "time"

// ownerConflict is what a Master that owns its addresses does about another
// router that claims the same, with a lower address and without giving way:
// after two more adverts of ours it gets one interval's time, then we step
// down, so that there is one Master and not two.
type ownerConflict struct {
	phase   ownerPhase
	adverts int
	theirs  time.Duration // advertisement interval of the other
	timer   *timer
	// reduced is true while our priority is 254 instead of 255.
	reduced bool
}

type ownerPhase uint8

const (
	noConflict     ownerPhase = iota
	countAdverts              // until two of ours have left
	watchForAdvert            // the timer runs
)

// reducedOwner is the priority of an owner that has stepped down.
const reducedOwner = 254

// hearOwner acts on an advert that an owner hears as Master; true if it must
// give way.
func (v *instance) hearOwner(p *packet) bool {
	if p.advert.Priority != 255 {
		return false
	}
	if v.limits.first(limitTwoOwners) {
		v.log(textTwoOwners(v.cfg.Name, p.source))
	}
	c := &v.conflict
	if p.source.Compare(v.orderAddress()) >= 0 {
		return false // the ordinary comparison decides
	}
	c.theirs = p.interval()
	switch c.phase {
	case noConflict:
		c.phase, c.adverts = countAdverts, 0
	case countAdverts:
	case watchForAdvert:
		v.log(textOwnerReduced(v.cfg.Name, p.source))
		v.stopOwnerConflict()
		v.effective, c.reduced = reducedOwner, true
		return true
	}
	return false
}

// countOwnerAdvert notes that a Master has sent an advert.
func (v *instance) countOwnerAdvert() {
	c := &v.conflict
	if c.phase != countAdverts {
		return
	}
	c.adverts++
	if c.adverts >= 2 {
		c.phase = watchForAdvert
		c.timer.set(v.e.now.Add(max(v.cfg.AdvertInterval, c.theirs) * 12 / 10))
	}
}

// ownerConflictOver is the end of the timer: the other one is silent.
func (v *instance) ownerConflictOver() {
	v.conflict.phase = noConflict
	v.log(textRogueStopped(v.cfg.Name))
}

func (v *instance) stopOwnerConflict() {
	v.conflict.phase = noConflict
	v.conflict.timer.stop()
}

// hearOwnerGone gives an owner that had stepped down its priority back when
// the router it hears does not claim the addresses any more.
func (v *instance) hearOwnerGone(p *packet) {
	if v.conflict.reduced && p.advert.Priority != 255 {
		v.log(textOwnerRestored(v.cfg.Name, p.source))
		v.restoreOwner()
	}
}

func (v *instance) restoreOwner() {
	if v.conflict.reduced {
		v.conflict.reduced = false
		v.effective = 255
	}
}

// interval is the advertisement interval in the packet.
func (p *packet) interval() time.Duration {
	if p.advert.Version == 2 {
		return time.Duration(p.advert.Interval) * time.Second
	}
	return time.Duration(p.advert.Interval) * 10 * time.Millisecond
}
