package vrrp

import (
	"fmt"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// checkLate acts on a wake-up that came after its deadline: max_auto_priority
// asks for more real-time priority, timer_expired_backup gives up mastership
// that somebody else must have taken by now.
func (e *Engine) checkLate() {
	deadline, ok := e.timers.next()
	if !ok {
		return
	}
	late := e.now.Sub(deadline)
	if late <= 0 {
		return
	}
	if limit := e.cfg.Global.MaxAutoPriority; limit > 0 && late > e.cfg.Global.MinAutoPriorityDelay {
		e.info(textLateTimer(late))
		e.do(RaisePriority{Limit: limit})
	}
	said := false
	for _, v := range e.instances {
		if !v.tooLate(late) {
			continue
		}
		if !said {
			e.info(textLateVRRP(late))
			said = true
		}
		w := because(fmt.Sprintf("own timer was %s s late", seconds(late)))
		v.becomeBackup(w, false)
		v.armMasterDown()
		if v.group != nil {
			v.group.syncBackup(v, w)
		}
	}
}

// tooLate reports whether a router of priority TimerExpiredBackup will have
// taken over while we were held up.
func (v *instance) tooLate(late time.Duration) bool {
	p := v.cfg.TimerExpiredBackup
	if p == 0 || v.state != event.Master {
		return false
	}
	adv := v.cfg.AdvertInterval
	skew := skewTime(v.cfg.Version, p, adv)
	return late >= 2*adv+skew && v.e.now.Sub(v.lastSent) > 3*adv+skew
}
