package script

import (
	"sync"
	"syscall"
	"time"
)

// Process is one run of a script.
type Process struct {
	runner  *Runner
	command Command
	opt     Options
	started time.Time
	gone    chan struct{}

	mu sync.Mutex
	// pid is also the process group; 0 before the fork and again once the
	// process has been waited for, when the number may be somebody else's.
	pid      int
	lastPID  int
	launched chan struct{}
	ending   ladder
	grace    time.Duration // of Stop: time between TERM and KILL
	timedOut bool
	stopped  bool
	told     bool
	over     bool
	timer    *time.Timer
}

func newProcess(r *Runner, c Command, o Options) *Process {
	return &Process{
		runner: r, command: c, opt: o,
		started: time.Now(), gone: make(chan struct{}), launched: make(chan struct{}),
	}
}

// Launched is closed once the script has been started, or could not be.
func (p *Process) Launched() <-chan struct{} { return p.launched }

// Gone is closed when the process has ended and was waited for, after Done
// was called.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// Running reports whether the process may still exist.
func (p *Process) Running() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// Ending reports whether the script is being ended: its time was up, or it
// was stopped.
func (p *Process) Ending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ending.begun()
}

// PID is the number of the process, which is also its group's; 0 if there
// never was one.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lastPID
}

// Stop ends the script: TERM to its group, KILL after grace. It doesn't wait.
// A script that is being ended already only gets the KILL earlier.
func (p *Process) Stop(grace time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.stopped = true
	p.grace = grace
	if !p.ending.begun() {
		p.step()
		return
	}
	if p.ending.rung == 1 {
		p.wait(grace)
	}
}

// Kill ends the script with SIGKILL to its group, at once.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.stopped = true
	if p.ending.rung > 1 {
		p.signal(syscall.SIGKILL)
		return
	}
	p.ending.rung = 1
	p.step()
}

// arm starts the clock of the timeout.
func (p *Process) arm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opt.Timeout > 0 && !p.over && !p.ending.begun() {
		p.wait(p.opt.Timeout)
	}
}

// wait has step called after d. p.mu is held.
func (p *Process) wait(d time.Duration) {
	if p.timer != nil {
		p.timer.Stop()
	}
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		// A timer that was replaced while it fired has nothing to say.
		if p.over || p.timer != t {
			return
		}
		if !p.ending.begun() {
			p.timedOut = true
		}
		p.step()
	})
	p.timer = t
}

// step takes the next rung. p.mu is held.
func (p *Process) step() {
	sig, stuck, wait := p.ending.next()
	if sig == syscall.SIGTERM && p.grace > 0 {
		wait = p.grace
	}
	p.signal(sig)
	if stuck {
		pid := p.pid
		res := p.outcome(Result{})
		tell := !p.told
		p.told = true
		go func() {
			if p.opt.Stuck != nil {
				p.opt.Stuck(pid)
			}
			if tell {
				p.tell(res)
			}
		}()
	}
	p.wait(wait)
}

// signal sends sig to the group, if there is one. p.mu is held. The leader has
// not been waited for, so the number still is this group's.
func (p *Process) signal(sig syscall.Signal) {
	if p.pid != 0 {
		p.runner.kernel.kill(p.pid, sig)
	}
}

// launch forks the script; it runs on a launch thread.
func (p *Process) launch() {
	p.mu.Lock()
	stopped := p.ending.begun()
	p.mu.Unlock()
	if stopped {
		p.end(Result{Outcome: Stopped})
		return
	}
	pid, err := p.runner.kernel.start(&p.command, p.opt.Extra)
	if err != nil {
		p.end(Result{Outcome: NotExecuted, Err: err})
		return
	}
	p.mu.Lock()
	p.pid, p.lastPID = pid, pid
	close(p.launched)
	// The fork took so long that the time was up meanwhile.
	switch p.ending.rung {
	case 0:
	case 1:
		p.signal(syscall.SIGTERM)
	default:
		p.signal(syscall.SIGKILL)
	}
	p.mu.Unlock()
	go p.await(pid)
}

// await reaps the script.
func (p *Process) await(pid int) {
	p.runner.kernel.await(pid)
	p.mu.Lock()
	if p.ending.begun() {
		// What the script has left behind in its group ends with it.
		p.signal(syscall.SIGKILL)
	}
	status, err := p.runner.kernel.reap(pid)
	p.pid = 0
	p.mu.Unlock()
	switch {
	case err != nil:
		p.end(Result{Outcome: NotExecuted, Err: err})
	case status.Signaled():
		p.end(Result{Outcome: Signalled, Signal: status.Signal()})
	default:
		p.end(Result{Outcome: Exited, ExitCode: status.ExitStatus()})
	}
}

// end records that the process is gone and tells the result unless that was
// done before.
func (p *Process) end(res Result) {
	p.mu.Lock()
	p.over = true
	if p.timer != nil {
		p.timer.Stop()
	}
	res = p.outcome(res)
	tell := !p.told
	p.told = true
	if p.lastPID == 0 {
		close(p.launched)
	}
	closed := res.Err == ErrClosed
	p.mu.Unlock()
	if tell {
		p.tell(res)
	}
	close(p.gone)
	if !closed {
		p.runner.ended()
	}
}

// outcome completes res: what we did to the script outranks how it took it.
// p.mu is held.
func (p *Process) outcome(res Result) Result {
	switch {
	case p.timedOut:
		res = Result{Outcome: TimedOut}
	case p.stopped && res.Outcome != NotExecuted:
		res = Result{Outcome: Stopped}
	}
	res.PID = p.lastPID
	res.Started = p.started
	res.Took = time.Since(p.started)
	return res
}

func (p *Process) tell(res Result) {
	if p.opt.Done != nil {
		p.opt.Done(res)
	}
}
