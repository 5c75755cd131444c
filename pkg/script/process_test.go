package script

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// fakeKernel is a kernel whose processes do what the test says, in the time of
// a synctest bubble.
type fakeKernel struct {
	mu      sync.Mutex
	begun   time.Time // constant
	pids    int
	log     []string
	ends    map[int]chan syscall.WaitStatus
	obeys   map[syscall.Signal]syscall.WaitStatus // what a signal makes of a process
	starts  func(c *Command) error                // may wait
	status  map[int]syscall.WaitStatus
	closed  bool
	threads int
}

func newFakeKernel() *fakeKernel {
	return &fakeKernel{
		begun: time.Now(), ends: map[int]chan syscall.WaitStatus{}, status: map[int]syscall.WaitStatus{},
		obeys: map[syscall.Signal]syscall.WaitStatus{},
	}
}

// Wait statuses as wait4 returns them.
func exited(code int) syscall.WaitStatus              { return syscall.WaitStatus(code << 8) }
func signalled(sig syscall.Signal) syscall.WaitStatus { return syscall.WaitStatus(sig) }

func (k *fakeKernel) note(format string, args ...any) {
	k.log = append(k.log, fmt.Sprintf("%v ", time.Since(k.begun))+fmt.Sprintf(format, args...))
}

func (k *fakeKernel) prepare() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.threads++
}

func (k *fakeKernel) start(c *Command, extra []string) (int, error) {
	if k.starts != nil {
		if err := k.starts(c); err != nil {
			return 0, err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pids++
	k.ends[k.pids] = make(chan syscall.WaitStatus, 1)
	k.note("start %s", c.Path)
	return k.pids, nil
}

func (k *fakeKernel) kill(pid int, sig syscall.Signal) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.note("kill %d %v", pid, sig)
	if status, obeys := k.obeys[sig]; obeys {
		k.ended(pid, status)
	}
}

// end ends a process.
func (k *fakeKernel) end(pid int, status syscall.WaitStatus) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended(pid, status)
}

func (k *fakeKernel) ended(pid int, status syscall.WaitStatus) {
	select {
	case k.ends[pid] <- status:
	default:
	}
}

// seen is what the kernel was asked to do.
func (k *fakeKernel) seen() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.log)
}

func (k *fakeKernel) await(pid int) {
	k.mu.Lock()
	end := k.ends[pid]
	k.mu.Unlock()
	status := <-end
	k.mu.Lock()
	k.status[pid] = status
	k.mu.Unlock()
}

func (k *fakeKernel) reap(pid int) (syscall.WaitStatus, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.note("reap %d", pid)
	return k.status[pid], nil
}

func (k *fakeKernel) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
}

// told collects the results of a run.
type told struct {
	mu      sync.Mutex
	results []Result
	stuck   []time.Duration
	begun   time.Time
}

func (o *told) options(timeout time.Duration) Options {
	o.begun = time.Now()
	return Options{
		Timeout: timeout,
		Done: func(r Result) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.results = append(o.results, r)
		},
		Stuck: func(int) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.stuck = append(o.stuck, time.Since(o.begun))
		},
	}
}

// all are the results, and when the script was reported stuck.
func (o *told) all() ([]Result, []time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.results), slices.Clone(o.stuck)
}

func TestTimeout(t *testing.T) {
	tests := map[string]struct {
		obeys  map[syscall.Signal]syscall.WaitStatus
		dieAt  time.Duration
		log    []string
		toldAt time.Duration
		stuck  []time.Duration
	}{
		"obeys TERM": {
			obeys:  map[syscall.Signal]syscall.WaitStatus{syscall.SIGTERM: signalled(syscall.SIGTERM)},
			log:    []string{"0s start /x", "5s kill 1 terminated", "5s kill 1 killed", "5s reap 1"},
			toldAt: 5 * time.Second,
		},
		"says that all is well on TERM": {
			obeys:  map[syscall.Signal]syscall.WaitStatus{syscall.SIGTERM: exited(0)},
			log:    []string{"0s start /x", "5s kill 1 terminated", "5s kill 1 killed", "5s reap 1"},
			toldAt: 5 * time.Second,
		},
		"obeys KILL": {
			obeys:  map[syscall.Signal]syscall.WaitStatus{syscall.SIGKILL: signalled(syscall.SIGKILL)},
			log:    []string{"0s start /x", "5s kill 1 terminated", "7s kill 1 killed", "7s kill 1 killed", "7s reap 1"},
			toldAt: 7 * time.Second,
		},
		"cannot be killed": {
			dieAt: 25 * time.Second,
			log: []string{"0s start /x", "5s kill 1 terminated", "7s kill 1 killed", "9s kill 1 killed",
				"19s kill 1 killed", "25s kill 1 killed", "25s reap 1"},
			toldAt: 9 * time.Second,
			stuck:  []time.Duration{9 * time.Second, 19 * time.Second},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newFakeKernel()
				if test.obeys != nil {
					k.obeys = test.obeys
				}
				r := newRunner(RunnerOptions{}, k)
				defer r.Close()
				var o told
				p := r.Start(Command{Path: "/x"}, o.options(5*time.Second))
				if test.dieAt > 0 {
					time.Sleep(test.dieAt - time.Millisecond)
					if !p.Running() || !p.Ending() {
						t.Error("the process is forgotten while it lives")
					}
					time.Sleep(time.Millisecond)
					k.end(1, signalled(syscall.SIGKILL))
				}
				<-p.Gone()
				synctest.Wait()
				if log := k.seen(); !slices.Equal(log, test.log) {
					t.Errorf("the kernel saw\n%q, want\n%q", log, test.log)
				}
				results, stuck := o.all()
				if len(results) != 1 || results[0].Outcome != TimedOut || results[0].Took != test.toldAt || results[0].OK() {
					t.Errorf("results %+v, want one timeout after %v", results, test.toldAt)
				}
				if !slices.Equal(stuck, test.stuck) {
					t.Errorf("reported stuck at %v, want %v", stuck, test.stuck)
				}
			})
		})
	}
}

func TestEndings(t *testing.T) {
	tests := map[string]struct {
		status syscall.WaitStatus
		err    error
		want   Outcome
		reason string
		ok     bool
	}{
		"success": {status: exited(0), want: Exited, ok: true},
		"failure": {status: exited(3), want: Exited, reason: "exited with status 3"},
		"signal":  {status: signalled(syscall.SIGSEGV), want: Signalled, reason: "due to signal 11"},
		"no exec": {err: errors.New("exec format error"), want: NotExecuted, reason: "could not be executed: exec format error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newFakeKernel()
				k.starts = func(*Command) error { return test.err }
				r := newRunner(RunnerOptions{}, k)
				defer r.Close()
				go func() {
					time.Sleep(time.Second)
					if test.err == nil {
						k.end(1, test.status)
					}
				}()
				res := r.Run(t.Context(), Command{Path: "/x"}, Options{Timeout: 2 * time.Second})
				if res.Outcome != test.want || res.Reason() != test.reason || res.OK() != test.ok {
					t.Errorf("got %+v, reason %q", res, res.Reason())
				}
				time.Sleep(time.Minute) // no timer must fire any more
				for _, line := range k.seen() {
					if test.err == nil && !slices.Contains([]string{"0s start /x", "1s reap 1"}, line) {
						t.Errorf("the kernel also saw %q", line)
					}
				}
			})
		})
	}
}

func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newFakeKernel()
		k.obeys[syscall.SIGKILL] = signalled(syscall.SIGKILL)
		r := newRunner(RunnerOptions{}, k)
		defer r.Close()
		var o told
		p := r.Start(Command{Path: "/x"}, o.options(0))
		<-p.Launched()
		p.Stop(time.Second)
		p.Stop(time.Second)
		<-p.Gone()
		p.Kill() // far too late
		want := []string{"0s start /x", "0s kill 1 terminated", "1s kill 1 killed", "1s kill 1 killed", "1s reap 1"}
		if log := k.seen(); !slices.Equal(log, want) {
			t.Errorf("the kernel saw %q, want %q", log, want)
		}
		if results, _ := o.all(); len(results) != 1 || results[0].Outcome != Stopped {
			t.Errorf("results %+v", results)
		}
	})
}

func TestStopDuringTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newFakeKernel()
		k.obeys[syscall.SIGKILL] = signalled(syscall.SIGKILL)
		r := newRunner(RunnerOptions{}, k)
		defer r.Close()
		var o told
		p := r.Start(Command{Path: "/x"}, o.options(time.Second))
		time.Sleep(1500 * time.Millisecond)
		p.Stop(100 * time.Millisecond)
		<-p.Gone()
		if took := time.Since(o.begun); took != 1600*time.Millisecond {
			t.Errorf("gone after %v", took)
		}
	})
}

// A program on a file system that does not answer holds up its own fork only,
// and still times out.
func TestHungExec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newFakeKernel()
		release := make(chan struct{})
		k.starts = func(c *Command) error {
			if c.Path == "/nfs/x" {
				<-release
			}
			return nil
		}
		k.obeys[syscall.SIGKILL] = signalled(syscall.SIGKILL)
		r := newRunner(RunnerOptions{}, k)
		var hung, other told
		h := r.Start(Command{Path: "/nfs/x"}, hung.options(time.Second))
		synctest.Wait()
		p := r.Start(Command{Path: "/x"}, other.options(0))
		<-p.Launched()
		if waited := time.Since(k.begun); waited > 2*reliefAfter {
			t.Errorf("the other script was launched after %v", waited)
		}
		time.Sleep(10 * time.Second)
		if results, _ := hung.all(); len(results) != 1 || results[0].Outcome != TimedOut || results[0].PID != 0 {
			t.Errorf("results %+v of a script that was never executed", results)
		}
		r.Close()
		if res := r.Run(t.Context(), Command{Path: "/x"}, Options{}); !errors.Is(res.Err, ErrClosed) {
			t.Errorf("a closed runner gave %+v", res)
		}
		close(release)
		<-h.Gone() // executed at last, and killed at once
		k.mu.Lock()
		closedEarly := k.closed
		k.mu.Unlock()
		if closedEarly {
			t.Error("closed while a script was running")
		}
		k.end(1, exited(0))
		<-p.Gone()
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if !k.closed || r.threads != 0 || k.threads != 2 {
			t.Errorf("closed %v, %d threads left of %d", k.closed, r.threads, k.threads)
		}
	})
}

func TestRunCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newFakeKernel() // obeys nothing
		r := newRunner(RunnerOptions{}, k)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		res := r.Run(ctx, Command{Path: "/x"}, Options{})
		if res.Outcome != Stopped || time.Since(k.begun) != 3*time.Second {
			t.Errorf("got %v after %v", res.Outcome, time.Since(k.begun))
		}
		r.Close()
		k.end(1, exited(0))
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.live != 0 {
			t.Error("the process is not forgotten")
		}
	})
}

// What is not yet forked when it is stopped is not forked any more.
func TestStopBeforeLaunch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newFakeKernel()
		release := make(chan struct{})
		k.starts = func(*Command) error { <-release; return nil }
		r := newRunner(RunnerOptions{}, k)
		var o told
		first := r.Start(Command{Path: "/first"}, Options{})
		p := r.Start(Command{Path: "/second"}, o.options(0))
		p.Stop(time.Second)
		close(release)
		<-p.Gone()
		k.end(1, exited(0))
		<-first.Gone()
		r.Close()
		synctest.Wait()
		results, _ := o.all()
		if starts := len(k.seen()); starts != 2 || len(results) != 1 || results[0].Outcome != Stopped {
			t.Errorf("%q, results %+v", k.seen(), results)
		}
	})
}
