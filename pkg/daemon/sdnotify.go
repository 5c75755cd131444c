package daemon

import (
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// notifyVariable names the service manager's socket (sd_notify(3)).
const notifyVariable = "NOTIFY_SOCKET"

// serviceManager tells systemd how we are. Without a socket it does nothing;
// a failure to tell changes nothing for us.
type serviceManager struct {
	socket string
	// watchdog is the longest time between two signs of life, 0 for none.
	watchdog time.Duration
}

// takeServiceManager removes the socket from the environment, so that neither
// children nor scripts talk in our name.
func takeServiceManager() serviceManager {
	s := serviceManager{socket: os.Getenv(notifyVariable), watchdog: takeWatchdog()}
	_ = os.Unsetenv(notifyVariable)
	return s
}

// notifyWait bounds how long a service manager that does not read holds us up.
const notifyWait = 500 * time.Millisecond

func (s serviceManager) tell(lines ...string) {
	if s.socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetWriteDeadline(time.Now().Add(notifyWait))
	_, _ = conn.Write([]byte(strings.Join(lines, "\n")))
}

func (s serviceManager) ready(pid int, status string) {
	s.tell("READY=1", fmt.Sprintf("MAINPID=%d", pid), statusLine(status))
}

// status changes what the manager shows.
func (s serviceManager) status(text string) { s.tell(statusLine(text)) }

// statusLine is one line whatever is in text.
func statusLine(text string) string {
	return "STATUS=" + strings.Join(strings.Fields(text), " ")
}

// reloading also carries the time that Type=notify-reload wants.
func (s serviceManager) reloading() {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		s.tell("RELOADING=1")
		return
	}
	s.tell("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000))
}

// stopping says that the stop has begun, ordered that somebody wanted it.
func (s serviceManager) stopping(ordered bool) {
	if ordered {
		s.tell("STOPPING=1", "STATUS=Stopping")
	} else {
		s.tell("STOPPING=1")
	}
}

// failed says why we end.
func (s serviceManager) failed(errno unix.Errno, status string) {
	s.tell(fmt.Sprintf("ERRNO=%d", int(errno)), statusLine(status))
}
