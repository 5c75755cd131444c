package script

import (
	"runtime"
	"time"
)

// Scripts are forked by threads that do nothing else. There are three reasons:
// the vfork of a program on a slow file system waits, and nobody else may wait
// with it; the parent-death signal is sent when the forking thread dies, so
// that thread must live as long as we do; and a child inherits scheduling
// class, nice value and signal mask from the thread, so that these can be
// scripts' own without touching the daemon's.
const (
	// maxThreads bounds the launch threads. One is enough as long as no fork
	// hangs.
	maxThreads = 32
	// reliefAfter is how long a fork may hold up the others before one more
	// thread is started.
	reliefAfter = 50 * time.Millisecond
)

// dispatch makes sure that somebody will take what was queued. r.mu is held.
func (r *Runner) dispatch() {
	switch {
	case r.idle > 0:
		r.wake.Signal()
	case r.threads == 0:
		r.addThread()
	}
	r.watch()
}

// watch looks again in a while whether the queue has moved. r.mu is held.
func (r *Runner) watch() {
	if r.relief != nil || len(r.queue) == 0 {
		return
	}
	seen := r.handed
	r.relief = time.AfterFunc(reliefAfter, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.relief = nil
		if len(r.queue) > 0 && r.handed == seen && r.threads < maxThreads {
			r.addThread()
		}
		r.watch()
	})
}

func (r *Runner) addThread() {
	r.threads++
	go r.launchThread()
}

// launchThread forks queued scripts until the runner is closed and the last
// script has ended. The thread is locked for good, so that it dies with the
// goroutine and its changed scheduling is nobody else's.
func (r *Runner) launchThread() {
	runtime.LockOSThread()
	r.kernel.prepare()
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		for len(r.queue) == 0 {
			if r.closed && r.live == 0 {
				r.threads--
				return
			}
			r.idle++
			r.wake.Wait()
			r.idle--
		}
		p := r.queue[0]
		r.queue[0] = nil
		r.queue = r.queue[1:]
		r.handed++
		r.mu.Unlock()
		p.launch()
		r.mu.Lock()
	}
}
