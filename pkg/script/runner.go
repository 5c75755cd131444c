package script

import (
	"context"
	"errors"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ErrClosed is why a script was not executed after Close.
var ErrClosed = errors.New("the runner is closed")

// RunnerOptions are the settings of a Runner. The zero value is usable.
type RunnerOptions struct {
	// Nice is the nice value of scripts, -20..19: the one that the daemon had
	// before it changed its own.
	Nice int
	// Limits are resource limits (unix.RLIMIT_*) that the daemon changed for
	// itself and that scripts get back. They are set just after the start.
	Limits map[int]unix.Rlimit
	// Env replaces the environment, which is otherwise our own without the
	// names of withheld.
	Env []string
}

// Options are the settings of one run.
type Options struct {
	// Extra are words appended to the arguments.
	Extra []string
	// Timeout after which the process group gets SIGTERM, SIGKILL 2 s later,
	// again 2 s after that and then every 10 s; 0: none.
	Timeout time.Duration
	// Stuck is called each time the process is found alive after a KILL.
	Stuck func(pid int)
	// Done is called exactly once, on a goroutine of the run; it must not
	// wait. See TimedOut for when it precedes the end of the process.
	Done func(Result)
}

// withheld are the variables of our environment that scripts don't get:
// keepalived's three, and the channel to the service manager.
var withheld = [...]string{"IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "NOTIFY_SOCKET"}

// Runner starts scripts. One per process is enough and is meant; all its
// methods may be called from any goroutine.
type Runner struct {
	opt    RunnerOptions
	kernel kernel

	mu      sync.Mutex
	wake    *sync.Cond
	closed  bool
	queue   []*Process
	live    int // runs that have not ended
	threads int // launch threads
	idle    int // of these, those without work
	// handed counts the runs that launch threads took from the queue.
	handed uint64
	relief *time.Timer
}

// kernel is what a Runner needs of the operating system.
type kernel interface {
	// prepare makes the calling thread one that start may be called on.
	prepare()
	// start forks and executes c with extra words appended.
	start(c *Command, extra []string) (pid int, err error)
	// kill sends sig to the process group of a script.
	kill(pid int, sig syscall.Signal)
	// await returns when the process has ended; it remains a zombie.
	await(pid int)
	// reap buries it.
	reap(pid int) (syscall.WaitStatus, error)
	close()
}

// NewRunner returns a runner. It has no threads before the first Start.
func NewRunner(opt RunnerOptions) *Runner {
	return newRunner(opt, newSystem(opt))
}

func newRunner(opt RunnerOptions, k kernel) *Runner {
	r := &Runner{opt: opt, kernel: k}
	r.wake = sync.NewCond(&r.mu)
	return r
}

// Environment is what scripts get of env.
func Environment(env []string) []string {
	kept := make([]string, 0, len(env))
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		keep := true
		for _, w := range withheld {
			keep = keep && name != w
		}
		if keep {
			kept = append(kept, v)
		}
	}
	return kept
}

// Start runs c without waiting for anything. The result comes to o.Done.
func (r *Runner) Start(c Command, o Options) *Process {
	p := newProcess(r, c, o)
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		go p.end(Result{Outcome: NotExecuted, Err: ErrClosed})
		return p
	}
	r.live++
	r.queue = append(r.queue, p)
	r.dispatch()
	r.mu.Unlock()
	p.arm()
	return p
}

// Run starts c and waits for its result. When ctx is cancelled the script is
// stopped (TERM, KILL 1 s later) and its end awaited, 2 s at most.
func (r *Runner) Run(ctx context.Context, c Command, o Options) Result {
	result := make(chan Result, 1)
	tell := o.Done
	o.Done = func(res Result) {
		if tell != nil {
			tell(res)
		}
		result <- res
	}
	p := r.Start(c, o)
	select {
	case res := <-result:
		return res
	case <-ctx.Done():
	}
	p.Stop(time.Second)
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	select {
	case res := <-result:
		return res
	case <-t.C:
		return Result{Outcome: Stopped, PID: p.PID()}
	}
}

// Close refuses further runs. It ends none: those under way go on, and the
// launch threads stay until the last has ended, because the kernel sends the
// parent-death signal when the thread that forked dies.
func (r *Runner) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.tidy()
}

// ended is called once per run, when its process is gone.
func (r *Runner) ended() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live--
	r.tidy()
}

// tidy lets go of what a closed runner no longer needs.
func (r *Runner) tidy() {
	if !r.closed || r.live > 0 {
		return
	}
	r.wake.Broadcast()
	r.kernel.close()
}
