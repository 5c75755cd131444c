package checkers

import (
	"context"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// probeMisc runs the script of MISC_CHECK. What its exit status means is
// judged by the health core, which knows misc_dynamic. Unlike keepalived a
// script that cannot be executed has failed, and so has one that was told to
// end at its timeout, whatever it made of that.
func probeMisc(ctx context.Context, t *Target) health.Outcome {
	if t.NotRunnable != "" {
		return bad("%s", t.NotRunnable)
	}
	res := t.Scripts.Run(ctx, t.Command, script.Options{Timeout: t.Checker.Misc.Timeout, Stuck: t.Stuck})
	switch res.Outcome {
	case script.Exited:
		o := health.Outcome{Exit: res.ExitCode}
		if res.ExitCode != 0 {
			o.Verdict = health.Bad
		}
		return o
	case script.Signalled:
		return health.Outcome{Verdict: health.Bad, Signal: int(res.Signal)}
	case script.TimedOut:
		return timedOut("")
	case script.NotExecuted:
		return bad("%v", res.Err)
	case script.Stopped:
	}
	return localTrouble("stopped.", "")
}
