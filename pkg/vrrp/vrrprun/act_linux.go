package vrrprun

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

// carryOut does what the engine wants, in its order, with two exceptions that
// make a takeover of many instances faster: no advert waits for another
// instance's addresses, and events, which wake up other threads, come last.
// Failures go to the end of the queue.
func (e *Engine) carryOut(actions []vrrp.Action) {
	first := advertsFirst(actions)
	if first {
		for _, action := range actions {
			if a, ok := action.(*vrrp.SendAdvert); ok {
				e.queueAdvert(a)
			}
		}
		e.flushAdverts()
	}
	for _, action := range actions {
		switch a := action.(type) {
		case *vrrp.SendAdvert:
			if !first {
				e.flushAnnouncements()
				e.queueAdvert(a)
			}
			continue
		case vrrp.Emit:
			e.emitted = append(e.emitted, a.Event)
			continue
		case vrrp.SendGARP:
			e.flushAdverts()
			e.announce(a.Index, a)
			continue
		case vrrp.SendNA:
			e.flushAdverts()
			e.announce(a.Index, a)
			continue
		case vrrp.Log:
			e.log(a.Level, a.Text)
			continue
		}
		e.flushAdverts()
		e.flushAnnouncements()
		e.act(action)
	}
	e.flushAdverts()
	e.flushAnnouncements()
	for i, ev := range e.emitted {
		e.opt.Events.Send(ev)
		e.emitted[i] = nil
	}
	e.emitted = e.emitted[:0]
}

// advertsFirst reports whether the adverts among actions may leave before
// everything else: unless sockets or interfaces that they need change.
func advertsFirst(actions []vrrp.Action) bool {
	for _, action := range actions {
		switch action.(type) {
		case vrrp.OpenSocket, vrrp.CloseSocket, vrrp.EnsureVMAC, vrrp.RemoveVMAC:
			return false
		}
	}
	return true
}

// act carries out one action that is not a packet, a log line or an event.
func (e *Engine) act(action vrrp.Action) {
	var err error
	switch a := action.(type) {
	case vrrp.OpenSocket:
		err = e.openSocket(a)
	case vrrp.ResizeSocket:
		err = e.resizeSocket(a)
	case vrrp.CloseSocket:
		e.closeSocket(a.ID)
	case vrrp.AddAddress:
		e.touched = true
		e.made.ask(a.AddressSpec, e.machine)
		if err = e.kernel.AddAddress(netif.FromConfig(a.Address, a.Index)); err != nil {
			e.made.unask(a.AddressSpec)
		}
	case vrrp.RemoveAddress:
		e.touched = true
		e.made.unask(a.AddressSpec)
		err = e.kernel.DeleteAddress(netif.FromConfig(a.Address, a.Index))
	case vrrp.AddRoute:
		e.touched = true
		err = e.addRoute(a)
	case vrrp.RemoveRoute:
		e.touched = true
		err = e.removeRoute(a)
	case vrrp.AddRule:
		e.touched = true
		err = e.addRule(a)
	case vrrp.RemoveRule:
		e.touched = true
		err = e.removeRule(a)
	case vrrp.DropTraffic:
		err = e.dropTraffic(a)
	case vrrp.EnsureVMAC:
		err = e.ensureVMAC(a)
	case vrrp.RemoveVMAC:
		err = e.removeVMAC(a)
	case vrrp.PromoteSecondaries:
		err = e.promoteSecondaries(a)
	case vrrp.SetSyncDaemon:
		e.setSyncDaemon(a)
	case vrrp.RaisePriority:
		e.opt.RaisePriority(a.Limit)
	case vrrp.Finished:
		e.finished = true
	default:
		err = fmt.Errorf("%T: %w", action, errors.ErrUnsupported)
	}
	if err != nil {
		e.log(slog.LevelInfo, complaint(action, err))
		e.failedWith(action, err)
	}
}

func (e *Engine) setSyncDaemon(a vrrp.SetSyncDaemon) {
	if e.lvsSync == nil {
		e.lvsSync = startSyncDaemon(e.opt.IPVS, e.opt.Log)
	}
	vrid := uint8(0)
	if a.Daemon != nil {
		if v := e.cfg.Instance(a.Daemon.Instance); v != nil {
			vrid = v.VirtualRouterID
		}
	}
	e.lvsSync.set(a, vrid)
}

// failed reports a failure of the system to the engine.
func (e *Engine) failed(action vrrp.Action, errno unix.Errno) {
	e.queue = append(e.queue, vrrp.ActionFailed{
		Action: action, Errno: int(errno), Text: netif.ErrorText(errno)})
}

func (e *Engine) failedWith(action vrrp.Action, err error) {
	if errno := netif.Errno(err); errno != 0 {
		e.failed(action, errno)
		return
	}
	e.queue = append(e.queue, vrrp.ActionFailed{Action: action, Text: err.Error()})
}

// announce adds a gratuitous ARP or neighbour advertisement to the next
// flush.
func (e *Engine) announce(index int, action vrrp.Action) {
	link := e.machine.link(index)
	if link == nil {
		e.failed(action, unix.ENODEV)
		return
	}
	var err error
	switch a := action.(type) {
	case vrrp.SendGARP:
		err = e.announcer.Add(e.now(), link, a.Address)
	case vrrp.SendNA:
		err = e.announcer.Add(e.now(), link, a.Address)
	}
	if err != nil {
		e.failedWith(action, err)
	}
}

func (e *Engine) flushAnnouncements() {
	if err := e.announcer.Flush(); err != nil {
		e.log(slog.LevelInfo, withRemedy(fmt.Sprintf(logAnnounceFailed, netif.Errno(err), err), err))
	}
}

func (e *Engine) openSocket(a vrrp.OpenSocket) error {
	p, err := openSocketPair(a.ID, a.Spec, a.ReceiveBuffer)
	if err != nil {
		return err
	}
	if err := e.poller.Add(p.receive, int(a.ID)); err != nil {
		p.close()
		return err
	}
	e.sockets[a.ID] = p
	if e.opt.Detail {
		e.log(slog.LevelDebug, sockpoolText(p))
	}
	return nil
}

// sockpoolText is keepalived's line for a socket pair, odd comma included.
func sockpoolText(p *socketPair) string {
	kind, address := "multicast", p.spec.Group
	if !p.spec.Multicast() {
		kind, address = ", unicast", p.spec.Local
	}
	return fmt.Sprintf(logtext.Sockpool, p.spec.Index, p.spec.Family, p.spec.Protocol, p.receive, p.send, kind, address)
}

func (e *Engine) resizeSocket(a vrrp.ResizeSocket) error {
	p := e.sockets[a.ID]
	if p == nil {
		return unix.EBADF
	}
	return receiveBufferOption(a.ReceiveBuffer).set(p.receive)
}

func (e *Engine) closeSocket(id vrrp.SocketID) {
	if p := e.sockets[id]; p != nil {
		p.close()
		delete(e.sockets, id)
	}
}
