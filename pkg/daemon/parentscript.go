package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// runScript runs the startup or shutdown script and waits for it, at most as
// long as its timeout says and the time it takes to end it after that. A
// signal to stop ends a startup script. No child exists then, so that nobody
// else collects the end of the script's process.
func (m *parent) runScript(what string, s *config.Script, timeout time.Duration) {
	if s == nil {
		return
	}
	command, verdict := script.NewResolver(&m.conf.Global, script.Host{}).Resolve(s)
	for _, f := range verdict.Findings {
		m.log.Info(f.Line)
	}
	if verdict.Disabled {
		return
	}
	runner := script.NewRunner(m.scripts)
	defer runner.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stopWatching := m.signals.watchStop(cancel)
	defer stopWatching()
	m.log.Debug(fmt.Sprintf(logtext.RunningScript, what, s.Text))
	result := runner.Run(ctx, command, script.Options{Timeout: timeout})
	m.log.Debug(scriptEnd(what, result))
}

// scriptEnd is the line about the end of a startup or shutdown script.
func scriptEnd(what string, r script.Result) string {
	switch {
	case r.OK():
		return fmt.Sprintf(logtext.ScriptSucceeded, what)
	case r.Outcome == script.Exited:
		return fmt.Sprintf(logtext.ScriptFailed, what, r.ExitCode)
	case r.Outcome == script.TimedOut:
		return fmt.Sprintf(logtext.ScriptTimedOut, what)
	}
	return fmt.Sprintf(textScriptEnded, what, r.Reason())
}
