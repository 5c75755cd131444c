package track

import (
	"log/slog"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// ScriptResult is the end of one run of a track script.
type ScriptResult struct {
	// Name is that of the vrrp_script block.
	Name string
	script.Result
}

// ScriptOptions are what Scripts needs.
type ScriptOptions struct {
	Log    *slog.Logger
	Runner *script.Runner
	// Result gets every result, in the order in which runs of one script
	// ended. Scripts that Stop or Update ends give none.
	Result func(ScriptResult)
}

// Scripts runs track scripts at their intervals, counted from start to start.
// A script that is still running when its time comes again is not started a
// second time.
type Scripts struct {
	opt ScriptOptions
}

// NewScripts returns a scheduler that runs nothing yet.
func NewScripts(opt ScriptOptions) *Scripts { return &Scripts{opt: opt} }

// Start begins with all of list at once.
func (s *Scripts) Start(list []*config.TrackScript, resolver *script.Resolver) {}

// Update goes on with list: unchanged scripts keep their phase, new and
// changed ones start at once, those missing are ended (TERM, KILL 1 s later)
// in the background.
func (s *Scripts) Update(list []*config.TrackScript, resolver *script.Resolver) {}

// Stop ends all scripts, TERM and after grace KILL, and waits for that.
func (s *Scripts) Stop(grace time.Duration) {}
