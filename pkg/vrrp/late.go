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
	if e.lateLimit == 0 || late < e.lateLimit {
		return
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

// setLateLimit finds the lateness below which no instance looks at it.
func (e *Engine) setLateLimit() {
	e.lateLimit = 0
	for _, v := range e.instances {
		if v.cfg.TimerExpiredBackup == 0 {
			continue
		}
		if limit := v.lateLimit(); e.lateLimit == 0 || limit < e.lateLimit {
			e.lateLimit = limit
		}
	}
}

// lateLimit is 2 intervals and the skew time of the router that may have taken
// over.
func (v *instance) lateLimit() time.Duration {
	adv := v.cfg.AdvertInterval
	return 2*adv + skewTime(v.cfg.Version, v.cfg.TimerExpiredBackup, adv)
}

// tooLate reports whether a router of priority TimerExpiredBackup will have
// taken over while we were held up.
func (v *instance) tooLate(late time.Duration) bool {
	if v.cfg.TimerExpiredBackup == 0 || v.state != event.Master {
		return false
	}
	limit := v.lateLimit()
	return late >= limit && v.e.now.Sub(v.lastSent) > limit+v.cfg.AdvertInterval
}
