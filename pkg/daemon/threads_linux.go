package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"golang.org/x/sys/unix"
)

// Scheduling class, nice value and CPU set belong to threads, and the runtime
// makes threads when it likes. A new thread inherits from the one that makes
// it, so it is enough to set all that exist, again and again until a round
// finds nothing left to set: a thread made during that round has a parent that
// was set before the round, or was listed in it.

// threadSetting is one property of a thread.
type threadSetting struct {
	// is reports whether the thread has it already.
	is  func(tid int) bool
	set func(tid int) error
}

// onAllThreads applies s to every thread of this process, except those that
// skip says.
func onAllThreads(s threadSetting, skip func(tid int) bool) error {
	for {
		tids, err := threads()
		if err != nil {
			return err
		}
		changed := false
		for _, tid := range tids {
			if s.is(tid) || skip(tid) {
				continue
			}
			err := s.set(tid)
			if err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
			changed = true
		}
		if !changed {
			return nil
		}
	}
}

func threads() ([]int, error) {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	tids := make([]int, 0, len(entries))
	for _, e := range entries {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			tids = append(tids, tid)
		}
	}
	return tids, nil
}

// policyOf is the scheduling class for settings: round robin with a real-time
// priority, else ordinary with a nice value.
func policyOf(s config.ProcessSettings, nice int) unix.SchedAttr {
	if s.RTPriority > 0 {
		return unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: uint32(s.RTPriority)}
	}
	if s.Nice != 0 {
		nice = s.Nice
	}
	return unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL, Nice: int32(nice)}
}

func schedule(a unix.SchedAttr) threadSetting {
	return threadSetting{
		is: func(tid int) bool {
			now, err := unix.SchedGetAttr(tid, 0)
			return err == nil && now.Policy == a.Policy && now.Priority == a.Priority &&
				(a.Policy != unix.SCHED_NORMAL || now.Nice == a.Nice)
		},
		set: func(tid int) error { return unix.SchedSetAttr(tid, &a, 0) },
	}
}

func pin(set unix.CPUSet) threadSetting {
	return threadSetting{
		is: func(tid int) bool {
			var now unix.CPUSet
			return unix.SchedGetaffinity(tid, &now) == nil && now == set
		},
		set: func(tid int) error { return unix.SchedSetaffinity(tid, &set) },
	}
}

func named(name string) threadSetting {
	path := func(tid int) string { return fmt.Sprintf("/proc/self/task/%d/comm", tid) }
	return threadSetting{
		is: func(tid int) bool {
			now, err := os.ReadFile(path(tid))
			return err != nil || string(now) == name+"\n"
		},
		set: func(tid int) error { return os.WriteFile(path(tid), []byte(name), 0) },
	}
}

// maxProcessName is what the kernel keeps of a name.
const maxProcessName = 15

// setProcessName sets what ps and pgrep show.
func setProcessName(name string) {
	if len(name) > maxProcessName {
		name = name[:maxProcessName]
	}
	_ = onAllThreads(named(name), scriptThread)
}

func nobody(int) bool { return false }

// scheduling is what a child has asked the kernel for. Failures are logged and
// change nothing else: a router without its priority is better than none.
type scheduling struct {
	log  *slog.Logger
	role role
	// nice is the value we were started with, cpus the set.
	nice int
	cpus unix.CPUSet
	// skip tells threads with a scheduling of their own.
	skip func(tid int) bool

	// mu guards what follows.
	mu      sync.Mutex
	current config.ProcessSettings
	// steady is set while the real-time class is our own choice, see steady.go.
	steady bool
	// resting is set while a process that has computed for too long goes
	// without its real-time priority.
	resting bool
}

func newScheduling(log *slog.Logger, r role, nice int) *scheduling {
	s := &scheduling{log: log, role: r, nice: nice, skip: scriptThread}
	_ = unix.SchedGetaffinity(0, &s.cpus)
	return s
}

// apply goes over to the settings of a configuration.
func (s *scheduling) apply(g *config.Global) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had, want := s.current, s.role.settings(g)
	s.steady = s.role.wantsSteady(g)
	if s.steady {
		if err := enoughRealtime("/proc", "/sys/fs/cgroup"); err != nil {
			s.notSteady(err)
		} else {
			want.RTPriority = steadyPriority
		}
	}
	s.current = want
	if had.RTPriority != want.RTPriority || had.Nice != want.Nice {
		err := s.reschedule()
		if s.steady && err != nil {
			s.current.RTPriority = 0
			s.notSteady(err)
			err = s.reschedule()
		}
		s.try("set the scheduling priority (capability SYS_NICE)", err)
	}
	if fmt.Sprint(had.CPUs) != fmt.Sprint(want.CPUs) {
		set := s.cpus
		if len(want.CPUs) > 0 {
			set = unix.CPUSet{}
			for _, cpu := range want.CPUs {
				set.Set(cpu)
			}
		}
		s.try("set the CPU affinity", onAllThreads(pin(set), nobody))
	}
	if had.NoSwap != want.NoSwap {
		s.try("lock the memory (capability IPC_LOCK, or a higher limit of locked memory)", lockMemory(want.NoSwap))
	}
}

// notSteady gives up the real-time class that was our own choice.
func (s *scheduling) notSteady(why error) {
	s.steady = false
	s.log.Info(fmt.Sprintf(textNotSteady, why), "process", string(s.role))
}

// reschedule gives all threads the class of the current settings.
func (s *scheduling) reschedule() error {
	now := s.current
	if s.resting {
		now.RTPriority = 0
	}
	return onAllThreads(schedule(policyOf(now, s.nice)), s.skip)
}

// raise is max_auto_priority: the engine was late.
func (s *scheduling) raise(limit int) {
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.current.RTPriority >= limit {
			return
		}
		s.current.RTPriority++
		s.log.Info(fmt.Sprintf(logtext.RealtimePriority, s.current.RTPriority))
		s.try("set the scheduling priority", s.reschedule())
	}()
}

func (s *scheduling) try(what string, err error) {
	if err != nil {
		s.log.Warn(fmt.Sprintf(textCannot, what, err, "run as root, or give us that"), "process", string(s.role))
	}
}

// limit sets the real-time limit: how long a thread may compute at a stretch.
// It must not be in force while files are read.
func (s *scheduling) limit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.RTPriority == 0 {
		return
	}
	// What reading left behind must not be collected under the limit.
	debug.FreeOSMemory()
	// keepalived has the kernel kill it at the limit, which a takeover of a
	// thousand instances exceeds. We are told, and give up the priority.
	limit := unix.Rlimit{Cur: uint64(s.stretch() / time.Microsecond), Max: ^uint64(0)}
	s.try("set the real-time limit", unix.Setrlimit(rlimitRTTime, &limit))
}

// unlimit lifts the real-time limit.
func (s *scheduling) unlimit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.RTPriority == 0 {
		return
	}
	none := ^uint64(0)
	s.try("lift the real-time limit", unix.Setrlimit(rlimitRTTime, &unix.Rlimit{Cur: none, Max: none}))
}

// rlimitRTTime is RLIMIT_RTTIME, in microseconds.
const rlimitRTTime = 15

// lockMemory keeps what is resident, and what will be, from being swapped out.
// Without MCL_ONFAULT the runtime's whole reserve would become resident.
func lockMemory(on bool) error {
	if !on {
		return unix.Munlockall()
	}
	return unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT)
}

// scriptThread tells the threads that start scripts by their name.
func scriptThread(tid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", tid))
	return err == nil && string(name) == script.ThreadName+"\n"
}

// startedWith is what of our present scheduling and limits scripts get back
// after we have changed it for ourselves.
func startedWith() script.RunnerOptions {
	opt := script.RunnerOptions{Limits: map[int]unix.Rlimit{}}
	if a, err := unix.SchedGetAttr(0, 0); err == nil {
		opt.Nice = int(a.Nice)
	}
	for _, resource := range []int{unix.RLIMIT_CORE, rlimitRTTime} {
		var limit unix.Rlimit
		if unix.Getrlimit(resource, &limit) == nil {
			opt.Limits[resource] = limit
		}
	}
	return opt
}

// allowCoreDumps is -m.
func allowCoreDumps(log *slog.Logger) {
	none := ^uint64(0)
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: none, Max: none}); err != nil {
		log.Warn(fmt.Sprintf(textCannot, "raise the core size limit", err, "it needs the capability SYS_RESOURCE"))
	}
	debug.SetTraceback("crash")
}
