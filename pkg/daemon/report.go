package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/status"
	"golang.org/x/sys/unix"
)

const (
	// reportWait is how long a child may take for its part of a report.
	reportWait = 2 * time.Second
	// clientWait is how long a client may take to read one.
	clientWait = 10 * time.Second
)

// reporter is an engine that can say how everything is.
type reporter interface{ Report() *status.Report }

// reportSocket is where the status command asks: beside the pid file of the
// parent. It is for root alone, and for whoever we run as.
type reportSocket struct {
	m        *parent
	listener *net.UnixListener
	started  time.Time
	// closed is closed when the loop does not take tasks any more.
	closed chan struct{}
}

// openReports opens the socket. Without it everything else works.
func (m *parent) openReports() *reportSocket {
	path := status.SocketFor(m.pids[roleParent].path)
	// The lock of the pid file says that nobody listens here any more.
	_ = os.Remove(path)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		m.log.Warn(fmt.Sprintf(textCannot, "open the socket for the status command", err, "that command does not work; the pid file must be in a directory that we may write to"))
		return nil
	}
	s := &reportSocket{m: m, listener: l, started: time.Now(), closed: make(chan struct{})}
	go s.run()
	return s
}

// close removes the socket.
func (s *reportSocket) close() {
	if s != nil {
		close(s.closed)
		_ = s.listener.Close()
	}
}

// run answers one client after the other.
func (s *reportSocket) run() {
	for {
		conn, err := s.listener.AcceptUnix()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(reportWait) // too many open files; not a busy loop
			continue
		}
		_ = conn.SetDeadline(time.Now().Add(clientWait))
		if mayAsk(conn) {
			// A client that has gone is its own problem.
			_ = json.NewEncoder(conn).Encode(s.report())
		}
		_ = conn.Close()
	}
}

// mayAsk reports whether the other end is root or our own user.
func mayAsk(conn *net.UnixConn) bool {
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	var cred *unix.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) { cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	return err == nil && credErr == nil && (cred.Uid == 0 || cred.Uid == uint32(os.Geteuid()))
}

// part is what one child is to add.
type part struct {
	index int // in Daemon.Processes
	pipe  *os.File
}

// report collects the parts of all processes.
func (s *reportSocket) report() *status.Report {
	r := &status.Report{Version: status.ReportVersion}
	var parts []part
	asked := make(chan struct{})
	select {
	case s.m.tasks <- func() {
		parts = s.ask(r)
		close(asked)
	}:
	case <-s.closed:
		return r
	}
	select {
	case <-asked:
	case <-s.closed:
		return r
	}
	deadline := time.Now().Add(reportWait)
	for _, p := range parts {
		_ = p.pipe.SetReadDeadline(deadline)
		text, err := io.ReadAll(p.pipe)
		_ = p.pipe.Close()
		if err == nil {
			err = json.Unmarshal(text, r)
		}
		if err != nil {
			r.Daemon.Processes[p.index].Problem = fmt.Sprintf("no answer: %v", err)
		}
	}
	return r
}

// ask fills in what the parent knows and asks the children for the rest. It
// runs on the parent's loop.
func (s *reportSocket) ask(r *status.Report) (parts []part) {
	m := s.m
	r.Daemon = status.Daemon{
		Version: Version, PID: os.Getpid(), Started: s.started, ConfigFile: absolute(m.opt.ConfigFile, m.workDir), ConfigRead: m.configRead,
		Refused: m.refused, Waiting: m.sup.waitReason(),
	}
	for _, role := range childRoles {
		c := m.sup.children[role]
		if c == nil {
			continue
		}
		p := status.Process{Name: string(role)}
		switch {
		case c.worker == nil:
			p.Problem = "has died, waits to be started again"
		case !c.ready:
			p.PID, p.Started, p.Problem = c.worker.pid(), c.started, "is starting"
		default:
			p.PID, p.Started = c.worker.pid(), c.started
			if pipe, err := m.sup.askReport(c); err != nil {
				p.Problem = err.Error()
			} else {
				parts = append(parts, part{len(r.Daemon.Processes), pipe})
			}
		}
		r.Daemon.Processes = append(r.Daemon.Processes, p)
	}
	return parts
}

// askReport asks a child for its part, which comes through the pipe.
func (s *supervisor) askReport(c *child) (*os.File, error) {
	pipe, end, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer end.Close()
	if !s.tell(c, message{Op: opReport}, end) {
		_ = pipe.Close()
		return nil, errors.New("does not take messages")
	}
	return pipe, nil
}

// answerReport writes the child's part into the pipe of the parent.
func (c *childProcess) answerReport(pipe *os.File) {
	if pipe == nil {
		return
	}
	go func() {
		defer pipe.Close()
		if e, ok := c.engine.(reporter); ok {
			_ = json.NewEncoder(pipe).Encode(e.Report())
		}
	}()
}
