package health

import "time"

// webResult takes the result for one url of HTTP_GET or SSL_GET and returns
// the delay until the next.
//
// One url is asked for in each check. A checker that is up goes round and
// round. One that failed asks only for the url that failed; when that is good
// again it goes through the whole list, and only then is it up. A checker that
// starts failed (alpha) goes through the list once.
func (e *Engine) webResult(ck *checker, o *Outcome) time.Duration {
	ck.runCount++
	if o.HasLength {
		e.checkLength(ck, o)
	}
	if o.Verdict == Bad {
		ck.badCount++
		return e.webBad(ck, o)
	}
	if !ck.up {
		e.log(lineURLGood(o.Passed, ck.rs.cfg.Name, ck.cfg.HTTP.URLs[ck.url].Path))
	}
	if ck.up && ck.hasRun {
		ck.failures = 0
		ck.url = (ck.url + 1) % len(ck.cfg.HTTP.URLs)
		return ck.cfg.DelayLoop
	}
	switch {
	case !ck.up && !ck.recovering:
		ck.recovering = true
		ck.url = 0
	case ck.url+1 < len(ck.cfg.HTTP.URLs):
		ck.url++
	default:
		ck.url = 0
		e.good(ck, 0)
		if ck.up {
			ck.recovering = false
		}
		return ck.cfg.DelayLoop
	}
	if ck.cfg.HTTP.FastRecovery {
		return 0
	}
	return ck.cfg.DelayLoop
}

// webBad takes a failure. Unlike the other kinds, an alpha checker says
// nothing of its first, and the first check decides only if it is up.
func (e *Engine) webBad(ck *checker, o *Outcome) time.Duration {
	if ck.up {
		delay := e.bad(ck, o)
		if ck.up {
			return delay
		}
	}
	ck.hasRun = true
	ck.recovering = false
	return max(ck.cfg.DelayLoop, ck.cfg.DelayBeforeRetry)
}

// checkLength logs a Content-Length that is off, once for each new
// difference.
func (e *Engine) checkLength(ck *checker, o *Outcome) {
	off := int64(o.Received - o.ContentLength)
	if ck.lengthOff[ck.url] == off {
		return
	}
	if ck.lengthOff == nil {
		ck.lengthOff = map[int]int64{}
	}
	ck.lengthOff[ck.url] = off
	if off != 0 {
		e.log(lineLength(ck.rs.cfg.Name, ck.rs.vs.cfg.Name, ck.cfg.HTTP.URLs[ck.url], o.ContentLength, o.Received))
	}
}
