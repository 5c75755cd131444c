package notify

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// readerGrace is how long a FIFO script has between TERM and KILL.
const readerGrace = time.Second

// reader is the script of a FIFO. It is started once and not again when it
// ends by itself.
type reader struct {
	mu      sync.Mutex
	process *script.Process
	// before is closed when the script that this one replaces has gone.
	before <-chan struct{}
	ended  bool // by us
}

// startReader starts c when after, the reader that it replaces, has gone; nil
// means at once.
func startReader(runner *script.Runner, c script.Command, path, who string, after *reader, log *slog.Logger) *reader {
	r := &reader{}
	start := func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.ended {
			return
		}
		r.process = runner.Start(c, script.Options{
			Extra: []string{path},
			Done: func(res script.Result) {
				switch res.Outcome {
				case script.Stopped:
				case script.NotExecuted:
					log.Info(fmt.Sprintf(logtext.FIFOScriptEnded, who) + " - " + res.Reason())
				case script.Exited, script.Signalled, script.TimedOut:
					log.Info(fmt.Sprintf(logtext.FIFOScriptEnded, who))
				}
			},
		})
	}
	if after == nil {
		start()
		return r
	}
	r.before = after.stop()
	go func() {
		<-r.before
		start()
	}()
	return r
}

// stop ends the script and returns what is closed when it has gone.
func (r *reader) stop() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if r.process == nil {
		return r.before
	}
	r.process.Stop(readerGrace)
	return r.process.Gone()
}
