package daemon

import (
	"os"
	"os/signal"
	"syscall"
)

// Real-time signals, by the numbers that a program of the C library gives
// them: SIGRTMIN+2 and SIGRTMAX-1.
const (
	signalJSON       = syscall.Signal(36)
	signalStatsClear = syscall.Signal(63)
)

// stopSignals end the daemon.
func stopSignals(ignoreInterrupt bool) []os.Signal {
	if ignoreInterrupt {
		return []os.Signal{syscall.SIGTERM}
	}
	return []os.Signal{syscall.SIGTERM, syscall.SIGINT}
}

// workSignals ask for something, in parent and children alike.
var workSignals = []os.Signal{syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, signalStatsClear, signalJSON, syscall.SIGXCPU}

// unusedSignals have no meaning for us and must not end us. They are caught,
// not ignored: what is ignored stays so in scripts.
func unusedSignals(ignoreInterrupt bool) []os.Signal {
	list := []os.Signal{
		syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGALRM, syscall.SIGVTALRM, syscall.SIGPROF, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU,
		syscall.SIGXFSZ, syscall.SIGIO, syscall.SIGPWR, syscall.SIGSTKFLT, syscall.SIGTRAP, syscall.SIGSYS,
	}
	if ignoreInterrupt {
		list = append(list, syscall.SIGINT)
	}
	for n := syscall.Signal(signalRTMin + 1); n <= 64; n++ {
		if n != signalJSON && n != signalStatsClear {
			list = append(list, n)
		}
	}
	return list
}

// parentSignals are the signals of a parent, apart by what happens when there
// are too many: one stop or one child signal says it all.
type parentSignals struct {
	stop, child, work chan os.Signal
	// early is set when a stop came before the loop was there to see it.
	early bool
}

func catchParentSignals(ignoreInterrupt bool) *parentSignals {
	s := &parentSignals{
		stop: make(chan os.Signal, 4), child: make(chan os.Signal, 1), work: make(chan os.Signal, 64),
	}
	signal.Notify(s.stop, stopSignals(ignoreInterrupt)...)
	signal.Notify(s.child, syscall.SIGCHLD)
	signal.Notify(s.work, workSignals...)
	catchUnused(ignoreInterrupt)
	return s
}

// catchUnused keeps signals without meaning from ending us.
func catchUnused(ignoreInterrupt bool) {
	signal.Notify(make(chan os.Signal, 1), unusedSignals(ignoreInterrupt)...)
	catchRTMin()
}

// drain forgets the dumps that were asked for while there was nobody to make
// them. A reload is kept: the files may have changed since they were read.
func (s *parentSignals) drain() {
	reload := false
	for {
		select {
		case sig := <-s.work:
			reload = reload || sig == syscall.SIGHUP
		default:
			if reload {
				s.work <- syscall.SIGHUP
			}
			return
		}
	}
}

// watchStop calls f when a stop is asked for, until done is called. The loop
// learns of it by stopped.
func (s *parentSignals) watchStop(f func()) (done func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-s.stop:
			s.early = true
			f()
		case <-end:
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

// stopped reports whether a stop was asked for before the loop began.
func (s *parentSignals) stopped() bool {
	select {
	case <-s.stop:
		s.early = true
	default:
	}
	return s.early
}
