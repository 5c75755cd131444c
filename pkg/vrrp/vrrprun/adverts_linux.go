package vrrprun

import (
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

// sendBatch is how many adverts leave a socket in one system call.
const sendBatch = 64

// queueAdvert puts an advert behind the others of its socket. Adverts that
// stand next to each other in the engine's list leave together.
func (e *Engine) queueAdvert(a *vrrp.SendAdvert) {
	p := e.sockets[a.Socket]
	if p == nil {
		e.failed(a, unix.EBADF)
		return
	}
	if len(p.pending) == 0 {
		e.waiting = append(e.waiting, p)
	}
	p.pending = append(p.pending, a)
}

// flushAdverts sends what was queued: one system call per socket.
func (e *Engine) flushAdverts() {
	for i, p := range e.waiting {
		e.waiting[i] = nil
		flags := 0
		if p.spec.Multicast() {
			flags = unix.MSG_DONTROUTE
		}
		for rest := p.pending; len(rest) > 0; {
			e.sending = rest[:min(len(rest), sendBatch)]
			rest = rest[len(e.sending):]
			for _, a := range e.sending {
				addAdvert(e.sender, a)
			}
			e.sender.Send(p.send, flags, e.onAdvertFailed)
		}
		clear(p.pending)
		p.pending = p.pending[:0]
	}
	e.waiting = e.waiting[:0]
}

// advertFailed is told the position within the batch that is being sent.
func (e *Engine) advertFailed(i int, errno unix.Errno) { e.failed(e.sending[i], errno) }
