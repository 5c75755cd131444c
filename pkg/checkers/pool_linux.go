package checkers

import (
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Pool makes TCP_CHECK's connections, any number at a time, on one goroutine:
// a connection costs one descriptor and a few hundred bytes, instead of a
// goroutine and a net.Conn each.
type Pool struct {
	done  func([]PoolResult)
	epoll int
	wake  int // eventfd

	mu      sync.Mutex
	pending []poolRequest
	closing bool

	// What follows belongs to the goroutine.

	open    map[int]*connection
	byToken map[Token]*connection
	due     connectionHeap
	batch   []PoolResult
	ended   chan struct{}
}

// Token names a connection of a Pool; the zero Token is none.
type Token struct {
	ID  health.CheckerID
	Run uint64
}

// PoolResult is the end of one connection.
type PoolResult struct {
	Token
	health.Outcome
}

type poolRequest struct {
	token   Token
	checker *config.Checker // nil: cancel token, or all for the zero Token
}

// connection is one that has not been decided.
type connection struct {
	fd    int
	token Token
	begin time.Time
	end   time.Time // when it times out
	place int
}

// NewPool starts a pool. done gets the results, many at a time, on the
// goroutine of the pool; it must not wait.
func NewPool(done func([]PoolResult)) (*Pool, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err == nil {
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wake)})
	}
	if err != nil {
		unix.Close(epoll)
		if wake > 0 {
			unix.Close(wake)
		}
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	p := &Pool{
		done: done, epoll: epoll, wake: wake,
		open: map[int]*connection{}, byToken: map[Token]*connection{}, ended: make(chan struct{}),
	}
	go p.run()
	return p, nil
}

// Start connects to the destination of c. The result carries token.
func (p *Pool) Start(token Token, c *config.Checker) { p.post(poolRequest{token, c}) }

// Cancel forgets a connection. Its result may be under way already.
func (p *Pool) Cancel(token Token) { p.post(poolRequest{token: token}) }

// CancelAll forgets all connections.
func (p *Pool) CancelAll() { p.post(poolRequest{}) }

// Close ends the pool and waits for that.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	p.ring()
	<-p.ended
}

func (p *Pool) post(r poolRequest) {
	p.mu.Lock()
	p.pending = append(p.pending, r)
	first := len(p.pending) == 1
	p.mu.Unlock()
	if first {
		p.ring()
	}
}

func (p *Pool) ring() {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	// A full counter is a ring as well.
	_, _ = unix.Write(p.wake, one[:])
}

// run is the goroutine of the pool.
func (p *Pool) run() {
	defer close(p.ended)
	events := make([]unix.EpollEvent, 512)
	for {
		n, err := unix.EpollWait(p.epoll, events, p.patience())
		if err != nil && !errors.Is(err, unix.EINTR) {
			// Only a wrong descriptor can do this.
			panic(fmt.Sprintf("epoll_wait: %v", err))
		}
		now := time.Now()
		for i := range max(n, 0) {
			if fd := int(events[i].Fd); fd != p.wake {
				p.ready(now, p.open[fd])
			}
		}
		p.expire(now)
		if p.takeRequests(now) {
			p.closeAll()
			return
		}
		if len(p.batch) > 0 {
			p.done(p.batch)
			p.batch = nil
		}
	}
}

// patience is how long to wait for the kernel, in milliseconds.
func (p *Pool) patience() int {
	if len(p.due) == 0 {
		return -1
	}
	d := time.Until(p.due[0].end)
	if d <= 0 {
		return 0
	}
	return int(min((d+time.Millisecond-1)/time.Millisecond, 1<<30))
}

// takeRequests carries out what was asked for; true when the pool is to end.
func (p *Pool) takeRequests(now time.Time) bool {
	// First the bell, then the requests: one that comes in between rings
	// again.
	var count [8]byte
	_, _ = unix.Read(p.wake, count[:])
	p.mu.Lock()
	pending := p.pending
	p.pending = nil
	closing := p.closing
	p.mu.Unlock()
	if closing {
		return true
	}
	for _, r := range pending {
		switch {
		case r.checker != nil:
			p.connect(now, r)
		case r.token == Token{}:
			for _, c := range p.open {
				p.drop(c)
			}
		default:
			if c := p.byToken[r.token]; c != nil {
				p.drop(c)
			}
		}
	}
	return false
}

// connect starts one connection.
func (p *Pool) connect(now time.Time, r poolRequest) {
	to := destination(r.checker)
	family := unix.AF_INET
	if to.Addr().Is6() && !to.Addr().Is4In6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		p.finish(r.token, now, localTrouble(logtext.ReasonSocket, err.Error()))
		return
	}
	err = prepare(fd, r.checker, true)
	if err == nil {
		err = unix.Connect(fd, sockaddr(to))
	}
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		unix.Close(fd)
		p.finish(r.token, now, connectOutcome(err))
		return
	}
	if err == nil {
		unix.Close(fd)
		p.finish(r.token, now, good())
		return
	}
	ev := unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLONESHOT, Fd: int32(fd)}
	if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		unix.Close(fd)
		p.finish(r.token, now, localTrouble(logtext.ReasonSocket, err.Error()))
		return
	}
	c := &connection{fd: fd, token: r.token, begin: now, end: now.Add(r.checker.ConnectTimeout)}
	p.open[fd] = c
	p.byToken[r.token] = c
	heap.Push(&p.due, c)
}

// ready decides a connection that the kernel has news of.
func (p *Pool) ready(now time.Time, c *connection) {
	if c == nil {
		return
	}
	o := good()
	errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		o = connectOutcome(err)
	case errno != 0:
		o = connectOutcome(syscall.Errno(errno))
	}
	p.drop(c)
	p.finish(c.token, c.begin, o)
}

// expire decides the connections whose time is over.
func (p *Pool) expire(now time.Time) {
	for len(p.due) > 0 && !p.due[0].end.After(now) {
		c := p.due[0]
		p.drop(c)
		p.finish(c.token, c.begin, timedOut(textTimeout))
	}
}

// drop closes a connection, which takes it out of the epoll set.
func (p *Pool) drop(c *connection) {
	unix.Close(c.fd)
	delete(p.open, c.fd)
	delete(p.byToken, c.token)
	heap.Remove(&p.due, c.place)
}

func (p *Pool) finish(token Token, begin time.Time, o health.Outcome) {
	o.Duration = time.Since(begin)
	p.batch = append(p.batch, PoolResult{token, o})
}

func (p *Pool) closeAll() {
	for fd := range p.open {
		unix.Close(fd)
	}
	unix.Close(p.epoll)
	unix.Close(p.wake)
}

// connectionHeap orders connections by the end of their time.
type connectionHeap []*connection

func (h connectionHeap) Len() int           { return len(h) }
func (h connectionHeap) Less(i, j int) bool { return h[i].end.Before(h[j].end) }
func (h connectionHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is part of heap.Interface.
func (h *connectionHeap) Push(x any) {
	c := x.(*connection)
	c.place = len(*h)
	*h = append(*h, c)
}

// Pop is part of heap.Interface.
func (h *connectionHeap) Pop() any {
	old := *h
	c := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return c
}
