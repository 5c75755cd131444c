package dbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

const (
	// setupLimit is how long the bus may take to let us in, and to answer a
	// request.
	setupLimit = 5 * time.Second
	// writeLimit is how long one message may wait for a bus that does not
	// read; then the connection is given up.
	writeLimit = time.Second
	// firstDelay and lastDelay bound the doubling time between two attempts.
	firstDelay = time.Second
	lastDelay  = time.Minute
	// maxSignals is how many signals wait for the bus; then the oldest go.
	maxSignals = 4096
	// reportEvery limits the lines about dropped signals.
	reportEvery = 10 * time.Second
)

// link keeps a connection to the bus.
type link struct {
	sink *Sink
	name string // that we want to own
	// limit is the sink's setupLimit.
	limit time.Duration
	// ending is closed by stop, aborted by abort, done when run returns.
	ending chan struct{}
	ctx    context.Context
	abort  context.CancelFunc
	done   chan struct{}
	// wake says that there is something in queue.
	wake chan struct{}

	// What follows is guarded by sink.mu.

	stopped bool
	online  bool
	greeted bool // VrrpStarted was signalled
	queue   []signal
	dropped uint64
	// reported and reportAfter belong to the lines about dropped signals.
	reported    uint64
	reportAfter time.Time
}

// newLink returns a link that does nothing until run.
func newLink(s *Sink, name string) *link {
	l := &link{sink: s, name: name, limit: s.setupLimit, ending: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1)}
	l.ctx, l.abort = context.WithCancel(context.Background())
	return l
}

// put queues a signal while there is a connection: a new one begins with the
// present states. sink.mu is held.
func (l *link) put(s signal) {
	if !l.online {
		return
	}
	if len(l.queue) >= maxSignals {
		l.queue = l.queue[1:]
		l.dropped++
	}
	l.queue = append(l.queue, s)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// take empties the queue.
func (l *link) take() []signal {
	l.sink.mu.Lock()
	defer l.sink.mu.Unlock()
	if n := l.dropped - l.reported; n > 0 && !time.Now().Before(l.reportAfter) {
		l.reported, l.reportAfter = l.dropped, time.Now().Add(reportEvery)
		l.sink.opt.Log.Warn(fmt.Sprintf(textDropped, n))
	}
	list := l.queue
	l.queue = nil
	return list
}

// stop ends the link when what is queued has been sent. sink.mu is held.
func (l *link) stop() {
	if !l.stopped {
		l.stopped = true
		close(l.ending)
	}
}

// run connects, and connects again, until the link is stopped.
func (l *link) run() {
	defer close(l.done)
	defer l.abort()
	delay, said := firstDelay, ""
	for {
		lasted, err := l.session()
		select {
		case <-l.ending:
			l.sink.opt.Log.Info(logtext.DBusReleased)
			return
		default:
		}
		if lasted {
			delay, said = firstDelay, ""
		}
		if text := err.Error(); text != said {
			said = text
			l.sink.opt.Log.Warn(fmt.Sprintf(textNoBus, l.name, err))
		}
		wait := time.NewTimer(delay)
		select {
		case <-wait.C:
		case <-l.ending:
			wait.Stop()
			return
		}
		delay = min(2*delay, lastDelay)
	}
}

// session is one connection from its beginning to its end. lasted says that
// the name was ours, or queued for. It ends with an error, or because the link
// was stopped.
func (l *link) session() (lasted bool, err error) {
	conn, err := l.open()
	if err != nil {
		return false, err
	}
	defer conn.Close()
	defer l.offline()
	l.greet()
	l.sink.opt.Log.Info(fmt.Sprintf(logtext.DBusAcquiredBus, l.name))
	if err := l.flush(conn); err != nil {
		return false, err
	}
	if err := l.request(conn); err != nil {
		return false, err
	}
	for {
		select {
		case <-l.wake:
			if err := l.flush(conn); err != nil {
				return true, err
			}
		case <-conn.Context().Done():
			return true, errClosed
		case <-l.ending:
			if l.flush(conn) == nil {
				l.call(conn, "ReleaseName", nil, l.name)
			}
			return true, nil
		}
	}
}

var errClosed = errors.New("the bus has closed the connection")

// open connects and introduces us. It gives up when the link is stopped.
func (l *link) open() (*dbus.Conn, error) {
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	go func() {
		select {
		case <-l.ending:
			cancel()
		case <-ctx.Done():
		}
	}()
	socket, err := dial(ctx, l.sink.opt.Address, l.limit)
	if err != nil {
		return nil, err
	}
	unblock := context.AfterFunc(ctx, func() { _ = socket.Close() })
	_ = socket.SetReadDeadline(time.Now().Add(l.limit))
	conn, err := dbus.NewConn(patientConn{socket}, dbus.WithContext(l.ctx), dbus.WithHandler(l.sink),
		dbus.WithSignalHandler(l), dbus.WithIncomingInterceptor(takePeerCalls))
	if err != nil {
		_ = socket.Close()
		return nil, err
	}
	// The user is told by its number: names may need a look-up.
	err = conn.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(os.Geteuid()))})
	if err == nil {
		err = conn.Hello()
	}
	if err != nil || !unblock() {
		_ = conn.Close()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = fmt.Errorf("the bus does not answer: %w", err)
		}
		return nil, errors.Join(err, context.Cause(ctx))
	}
	_ = socket.SetReadDeadline(time.Time{})
	return conn, nil
}

// greet queues the first signals of a connection and lets others follow.
func (l *link) greet() {
	l.sink.mu.Lock()
	defer l.sink.mu.Unlock()
	l.online = true
	if l.stopped || l.sink.model == nil {
		return
	}
	l.queue = l.sink.hello(!l.greeted)
	l.greeted = true
}

func (l *link) offline() {
	l.sink.mu.Lock()
	defer l.sink.mu.Unlock()
	l.online, l.queue = false, nil
}

// flush sends what is queued.
func (l *link) flush(conn *dbus.Conn) error {
	for _, s := range l.take() {
		if err := conn.Emit(s.path, s.name, s.values...); err != nil {
			return err
		}
	}
	return nil
}

// call asks the bus itself for something.
func (l *link) call(conn *dbus.Conn, method string, result any, args ...any) error {
	ctx, cancel := context.WithTimeout(l.ctx, l.limit)
	defer cancel()
	c := conn.BusObject().CallWithContext(ctx, busInterface+"."+method, 0, args...)
	if result == nil {
		return c.Err
	}
	return c.Store(result)
}

// request asks for our name. While another program has it we are next in its
// queue.
func (l *link) request(conn *dbus.Conn) error {
	var answer uint32
	err := l.call(conn, "RequestName", &answer, l.name, uint32(0))
	var refused dbus.Error
	switch {
	case errors.As(err, &refused) && refused.Name == "org.freedesktop.DBus.Error.AccessDenied":
		return fmt.Errorf("the policy of the bus does not let us own it (%w): install the file org.keepalived.Vrrp1.conf in /usr/share/dbus-1/system.d, with this name in it", err)
	case err != nil:
		return err
	case dbus.RequestNameReply(answer) == dbus.RequestNameReplyInQueue:
		var pid uint32
		_ = l.call(conn, "GetConnectionUnixProcessID", &pid, l.name)
		l.sink.opt.Log.Warn(fmt.Sprintf(textWaiting, l.name, pid))
	}
	return nil
}

// DeliverSignal gets the signals that the bus sends to us.
func (l *link) DeliverSignal(iface, member string, s *dbus.Signal) {
	if iface != busInterface || len(s.Body) == 0 || s.Body[0] != l.name {
		return
	}
	select {
	case <-l.ending: // we have given it back
		return
	default:
	}
	switch member {
	case "NameAcquired":
		l.sink.opt.Log.Info(fmt.Sprintf(logtext.DBusAcquiredName, l.name))
	case "NameLost":
		l.sink.opt.Log.Warn(fmt.Sprintf(logtext.DBusLostName, l.name))
	}
}

// patientConn gives every write its limit and closes the connection when it
// is over: half a message cannot be followed by another.
type patientConn struct{ net.Conn }

func (c patientConn) Write(b []byte) (int, error) {
	_ = c.SetWriteDeadline(time.Now().Add(writeLimit))
	n, err := c.Conn.Write(b)
	if err != nil {
		_ = c.Close()
	}
	return n, err
}
