package bfdrun

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"golang.org/x/sys/unix"
)

type errno = unix.Errno

// A batch of packets is one system call; a socket that never gets empty has
// this many before the timers have their turn.
const (
	receiveCount = 16
	receiveLimit = 64
	// receiveSize holds a control packet with the longest authentication; a
	// longer datagram is cut.
	receiveSize = 128
)

// Tokens of the poller: listeners, then outlets.
const (
	tokenListener = 0
	tokenOutlet   = 8
)

func listenerToken(l bfd.Listener) int {
	n := tokenListener
	if l.Family == config.IPv6 {
		n++
	}
	if l.MultiHop {
		n += 2
	}
	return n
}

func (e *Engine) open() error {
	var err error
	if e.poller, err = eventloop.Open(); err != nil {
		return err
	}
	for i, o := range e.outlets {
		if o == nil {
			continue
		}
		if err := e.poller.Add(o.fd, tokenOutlet+i); err != nil {
			return err
		}
	}
	e.box.Open(e.poller.Wake)
	return nil
}

func (e *Engine) closeAll() {
	for _, fd := range e.listeners {
		unix.Close(fd)
	}
	for _, s := range e.senders {
		unix.Close(s.fd)
	}
	for _, o := range e.outlets {
		if o != nil {
			o.close()
		}
	}
	if e.poller != nil {
		e.poller.Close()
	}
}

// loop waits and steps until the engine has finished. Packets come before
// everything else: a process that was held up must read what its sockets hold
// before it declares a neighbor dead.
func (e *Engine) loop() error {
	for !e.finished {
		ready, err := e.poller.Wait(e.timeout())
		if err != nil {
			return err
		}
		mail := false
		for _, ev := range ready {
			switch token := int(ev.Fd); {
			case token == eventloop.TokenWake:
				mail = true
			case token >= tokenOutlet:
				e.requested(e.outlets[token-tokenOutlet])
			default:
				e.receive(token)
			}
		}
		e.expire()
		if mail {
			e.readMailbox()
		}
		e.logs.Flush()
	}
	return nil
}

// timeout is how long to wait for the next deadline; negative for ever.
func (e *Engine) timeout() time.Duration {
	at, ok := e.core.Deadline()
	for _, o := range e.outlets {
		if o != nil && !o.again.IsZero() && (!ok || o.again.Before(at)) {
			at, ok = o.again, true
		}
	}
	if !ok {
		return -1
	}
	return max(0, at.Sub(e.now()))
}

// expire does what is due.
func (e *Engine) expire() {
	now := e.now()
	if at, ok := e.core.Deadline(); ok && !at.After(now) {
		e.step(bfd.Timer{})
	}
	for _, o := range e.outlets {
		if o != nil && !o.again.IsZero() && !o.again.After(now) {
			o.again = time.Time{}
			e.step(bfd.Repeat{To: o.to})
		}
	}
}

func (e *Engine) requested(o *outlet) {
	if o.requested() {
		e.step(bfd.Repeat{To: o.to})
	}
}

func (e *Engine) readMailbox() {
	e.letters = e.box.Take(e.letters)
	for i, l := range e.letters {
		e.letters[i] = letter{}
		if l.call != nil {
			l.call()
		} else {
			e.step(l.event)
		}
	}
}

// receive reads a listener empty.
func (e *Engine) receive(token int) {
	for l, fd := range e.listeners {
		if listenerToken(l) != token {
			continue
		}
		for range receiveLimit {
			n, err := e.receiver.Receive(fd)
			if err != nil {
				return
			}
			for i := range n {
				e.packet = bfd.Packet{Data: e.receiver.Data(i), TTL: -1, MultiHop: l.MultiHop}
				fill(&e.packet, e.receiver.Name(i), e.receiver.Control(i))
				e.step(&e.packet)
			}
			if n < e.receiver.Cap() {
				return
			}
		}
		return
	}
}

// step passes one event to the engine and carries out what it answers, then
// what follows from that.
func (e *Engine) step(ev bfd.Event) {
	e.queue = append(e.queue, ev)
	for next := 0; next < len(e.queue); next++ {
		ev := e.queue[next]
		e.queue[next] = nil
		for _, a := range e.core.Step(e.now(), ev) {
			e.act(a)
		}
	}
	e.queue = e.queue[:0]
}

// act carries out one action.
func (e *Engine) act(action bfd.Action) {
	var err error
	switch a := action.(type) {
	case *bfd.SendControl:
		e.send(a)
	case bfd.Log:
		e.logs.Add(e.now(), a.Level, a.Text)
	case bfd.Announce:
		for _, o := range e.outlets {
			if o != nil && o.to&a.To != 0 {
				o.send(e.now(), State{a.Session, a.Up, a.At})
			}
		}
	case bfd.OpenSocket:
		var s *sender
		if s, err = openSender(a, e.random); err == nil {
			e.senders[a.ID] = s
			e.queue = append(e.queue, bfd.SocketOpened{ID: a.ID})
		}
	case bfd.CloseSocket:
		if s := e.senders[a.ID]; s != nil {
			unix.Close(s.fd)
			delete(e.senders, a.ID)
		}
	case bfd.Listen:
		err = e.listen(a)
	case bfd.Finished:
		e.finished = true
	}
	if err != nil {
		e.queue = append(e.queue, bfd.ActionFailed{Action: action, Text: err.Error()})
	}
}

func (e *Engine) send(a *bfd.SendControl) {
	s := e.senders[a.Socket]
	if s == nil {
		return
	}
	e.failed = 0
	e.sender.Add(a.Data, s.name[:s.nameLen], nil)
	e.sender.Send(s.fd, 0, e.onFailed)
	if e.failed != 0 {
		e.queue = append(e.queue, bfd.ActionFailed{Action: a, Text: e.failed.Error()})
	}
}

func (e *Engine) listen(a bfd.Listen) error {
	if !a.On {
		if fd, ok := e.listeners[a.Listener]; ok {
			unix.Close(fd)
			delete(e.listeners, a.Listener)
		}
		return nil
	}
	fd, err := openListener(a.Listener)
	if err != nil {
		return err
	}
	if err := e.poller.Add(fd, listenerToken(a.Listener)); err != nil {
		unix.Close(fd)
		return err
	}
	e.listeners[a.Listener] = fd
	return nil
}
