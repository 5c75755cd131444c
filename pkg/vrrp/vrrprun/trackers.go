package vrrprun

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/track"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// scriptGrace is how long track scripts have to end after SIGTERM when the
// engine stops.
const scriptGrace = time.Second

// trackers are the watchers whose results the engine gets.
type trackers struct {
	post func(vrrp.Event)
	log  *slog.Logger
	opt  *Options

	// mu keeps start, update and stop apart.
	mu        sync.Mutex
	files     *track.Files
	processes *track.Processes
	scripts   *track.Scripts
	stopped   bool

	// told counts the changes of files and processes that were told.
	tellMu sync.Mutex
	told   int
}

func newTrackers(opt *Options, g *config.VRRPGlobal, post func(vrrp.Event)) *trackers {
	t := &trackers{post: post, log: opt.Log, opt: opt}
	t.files = track.NewFiles(track.FileOptions{Log: opt.Log, Changed: func(v track.FileValue) {
		t.tell(vrrp.FileValue{File: v.Name, Value: int64(v.Value)})
	}})
	t.processes = track.NewProcesses(track.ProcessOptions{
		Log: opt.Log,
		Changed: func(p track.ProcessState) {
			t.tell(vrrp.ProcessQuorum{Process: p.Name, ProcessCount: vrrp.ProcessCount{Count: p.Count, OK: p.Quorum}})
		},
		ReceiveBuffer: int(g.ProcessMonitorRcvBuf),
		ForceBuffer:   g.ProcessMonitorRcvBufForce,
	})
	if opt.Runner != nil {
		t.scripts = track.NewScripts(track.ScriptOptions{
			Log: opt.Log, Runner: opt.Runner,
			Result: func(r track.ScriptResult) { t.post(scriptResult(r)) },
		})
	}
	return t
}

func (t *trackers) tell(ev vrrp.Event) {
	t.tellMu.Lock()
	defer t.tellMu.Unlock()
	t.told++
	t.post(ev)
}

func scriptResult(r track.ScriptResult) vrrp.ScriptResult {
	out := vrrp.ScriptResult{Script: r.Name}
	switch r.Outcome {
	case script.Exited:
		out.Exit = r.ExitCode
	case script.Signalled:
		out.Signal = int(r.Signal)
	case script.TimedOut:
		out.TimedOut = true
	case script.NotExecuted, script.Stopped:
		out.NotRun = r.Reason()
		if out.NotRun == "" {
			out.NotRun = r.Outcome.String()
		}
	}
	return out
}

// readings are the first values of trackers, as Start and Reload want them.
type readings struct {
	files     map[string]int64
	processes map[string]vrrp.ProcessCount
}

func newReadings(files []track.FileValue, processes []track.ProcessState) readings {
	r := readings{files: map[string]int64{}, processes: map[string]vrrp.ProcessCount{}}
	for _, f := range files {
		r.files[f.Name] = int64(f.Value)
	}
	for _, p := range processes {
		r.processes[p.Name] = vrrp.ProcessCount{Count: p.Count, OK: p.Quorum}
	}
	return r
}

// start begins to watch what cfg uses, except scripts.
func (t *trackers) start(cfg *config.Config) readings {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := usedBy(cfg)
	return newReadings(t.files.Start(u.files), t.processes.Start(u.processes))
}

// startScripts begins to run the scripts that cfg uses.
func (t *trackers) startScripts(cfg *config.Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.scripts != nil {
		t.scripts.Start(t.used(cfg), t.resolver(cfg))
	}
}

// refresh puts into list how many processes there are by now: the engine only
// hears of quorums.
func (t *trackers) refresh(list []status.TrackProcess) {
	if len(list) == 0 {
		return
	}
	for _, now := range t.processes.States() {
		for i := range list {
			if p := &list[i]; p.Name == now.Name {
				p.Count, p.ForkDelay, p.TerminateDelay = now.Count, now.ForkDelay, now.TerminateDelay
			}
		}
	}
}

// update goes over to cfg, except scripts. The readings are not older than
// any change that was told before.
func (t *trackers) update(cfg *config.Config) readings {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := usedBy(cfg)
	for {
		before := t.count()
		r := newReadings(t.files.Update(u.files), t.processes.Update(u.processes))
		if t.count() == before {
			return r
		}
	}
}

func (t *trackers) count() int {
	t.tellMu.Lock()
	defer t.tellMu.Unlock()
	return t.told
}

// updateScripts goes over to the scripts of cfg.
func (t *trackers) updateScripts(cfg *config.Config) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.scripts != nil && !t.stopped {
		t.scripts.Update(t.used(cfg), t.resolver(cfg))
	}
}

// stop ends everything and waits for it. Scripts get SIGTERM first.
func (t *trackers) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	t.stopped = true
	if t.scripts != nil {
		t.scripts.Stop(scriptGrace)
	}
	t.files.Stop()
	t.processes.Stop()
}

func (t *trackers) resolver(cfg *config.Config) *script.Resolver {
	return script.NewResolver(&cfg.Global, t.opt.Machine)
}

// used are the scripts that something tracks; the others are only mentioned.
func (t *trackers) used(cfg *config.Config) []*config.TrackScript {
	u := usedBy(cfg)
	if len(u.scripts) < len(cfg.Scripts) {
		for _, s := range cfg.Scripts {
			if !u.names[s.Name] {
				t.log.Info(fmt.Sprintf(logtext.ScriptNotUsed, s.Name))
			}
		}
	}
	return u.scripts
}

// usage is what instances and groups of a configuration track.
type usage struct {
	names     map[string]bool // of scripts
	scripts   []*config.TrackScript
	files     []*config.TrackFile
	processes []*config.TrackProcess
}

func usedBy(cfg *config.Config) usage {
	u := usage{names: map[string]bool{}}
	files, processes := map[string]bool{}, map[string]bool{}
	note := func(to map[string]bool, list []config.Track) {
		for _, t := range list {
			to[t.Name] = true
		}
	}
	for _, v := range cfg.Instances {
		note(u.names, v.TrackScripts)
		note(files, v.TrackFiles)
		note(processes, v.TrackProcesses)
	}
	for _, g := range cfg.SyncGroups {
		note(u.names, g.TrackScripts)
		note(files, g.TrackFiles)
		note(processes, g.TrackProcesses)
	}
	for _, s := range cfg.Scripts {
		if u.names[s.Name] {
			u.scripts = append(u.scripts, s)
		}
	}
	for _, f := range cfg.Files {
		if files[f.Name] {
			u.files = append(u.files, f)
		}
	}
	for _, p := range cfg.Processes {
		if processes[p.Name] {
			u.processes = append(u.processes, p)
		}
	}
	return u
}
