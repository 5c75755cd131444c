package daemon

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// silent reports whether no sign of life comes for a while.
func (s *serviceSocket) silent(while time.Duration) bool {
	s.t.Helper()
	buf := make([]byte, 4096)
	for end := time.Now().Add(while); ; {
		_ = s.conn.SetReadDeadline(end)
		n, err := s.conn.Read(buf)
		if err != nil {
			return true
		}
		if strings.Contains(string(buf[:n]), "WATCHDOG=1") {
			return false
		}
	}
}

// awaitSilence waits until there are no signs of life any more.
func (s *serviceSocket) awaitSilence() {
	s.t.Helper()
	for end := time.Now().Add(patience); !s.silent(time.Second); {
		if time.Now().After(end) {
			s.t.Fatal("signs of life while a process hangs")
		}
	}
}

// TestWatchdog: signs of life come as long as every child answers.
func TestWatchdog(t *testing.T) {
	socket := newServiceSocket(t)
	r := newTrial(t, vrrpBlock+checkerBlock)
	r.env = []string{"NOTIFY_SOCKET=" + socket.path, "WATCHDOG_USEC=300000"}
	r.start()
	for range 5 {
		socket.await("\nWATCHDOG=1")
	}
	child := r.pid("c.pid")
	for _, variable := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC"} {
		if strings.Contains(procText(child, "environ"), variable) {
			t.Errorf("a child has %s, and so have its scripts", variable)
		}
	}
	kill(t, child, syscall.SIGSTOP)
	r.await("Healthcheck process(")
	r.await("has not answered for")
	socket.awaitSilence()
	kill(t, child, syscall.SIGCONT)
	socket.await("\nWATCHDOG=1")
	r.await("answers again")
	// A dead child is started again; that is no hang.
	kill(t, child, syscall.SIGKILL)
	r.awaitN("Starting Healthcheck child process", 2)
	for range 3 {
		socket.await("\nWATCHDOG=1")
	}
	r.stop()
}

// TestWatchdogOfLoop: an engine whose loop hangs counts, not its process.
func TestWatchdogOfLoop(t *testing.T) {
	socket := newServiceSocket(t)
	r := newTrial(t, globals("router_id vrrp:hang")+vrrpBlock)
	r.env = []string{"NOTIFY_SOCKET=" + socket.path, "WATCHDOG_USEC=300000"}
	r.start()
	r.await("VRRP process(")
	r.await("has not answered for")
	socket.awaitSilence()
	// The service manager kills the parent. The child must not be in the way
	// of the next daemon.
	child := r.pid("v.pid")
	r.signal(syscall.SIGKILL)
	r.eventually("the end of the child", func() bool { return gone(child) })
	r.await("hangs and has no parent any more")
}

func TestTakeWatchdog(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "30000000": 30 * time.Second, "0": 0, "-5": 0, "x": 0, "99999999999999999999": 0, "9223372036854775807": 0} {
		t.Setenv("WATCHDOG_USEC", text)
		t.Setenv("WATCHDOG_PID", "")
		if got := takeWatchdog(); got != want {
			t.Errorf("WATCHDOG_USEC=%s: %v, want %v", text, got, want)
		}
	}
	t.Setenv("WATCHDOG_USEC", "30000000")
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()+1))
	if got := takeWatchdog(); got != 0 {
		t.Error("another process is meant")
	}
	if _, there := os.LookupEnv("WATCHDOG_PID"); there {
		t.Error("the variable is still there")
	}
}

func TestCensus(t *testing.T) {
	said := make(chan string, 10)
	c := &census{tell: func(s string) { said <- s }, states: map[string]event.State{}}
	c.line = c.instances
	c.Send(event.InstanceState{Instance: "A", State: event.Backup})
	c.Send(event.Started{Instances: []event.InstanceState{{Instance: "A", State: event.Backup}, {Instance: "B", State: event.Fault}}})
	c.Send(event.InstanceState{Instance: "A", State: event.Master})
	if got := <-said; got != "2 instances: 1 master, 1 fault" {
		t.Errorf("said %q", got)
	}
	c.Send(event.Reloaded{Instances: []event.InstanceState{{Instance: "A", State: event.Master}}})
	if got := <-said; got != "1 instance: 1 master" {
		t.Errorf("after a reload %q", got)
	}
	if len(said) > 0 {
		t.Errorf("also said %q", <-said)
	}
}
