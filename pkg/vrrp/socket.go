package vrrp

import (
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// socket is one pair of sockets and the instances on it.
type socket struct {
	id     SocketID
	spec   SocketSpec
	users  []*instance
	byVRID map[uint8][]*instance
	opened bool
	buffer int
}

// How long to wait before a socket or a VMAC that could not be made is asked
// for again, and how long before the absence of a failure counts as success.
const (
	retryDelay = 10 * time.Second
	trialTime  = time.Second
)

// socketSpec is the socket that an instance needs, false while it cannot be
// known: the interface does not exist, or a unicast source is missing.
func (v *instance) socketSpec() (SocketSpec, bool) {
	s := SocketSpec{Family: v.cfg.Family, Protocol: wire.ProtocolVRRP}
	if v.cfg.Auth == config.AuthAH {
		s.Protocol = wire.ProtocolAH
	}
	if v.link != nil {
		if !v.link.present {
			return s, false
		}
		s.Interface, s.Index = v.link.name, v.link.facts.Index
	} else {
		s.VRF = v.cfg.VRF
	}
	if !v.cfg.Unicast() {
		s.Group = v.cfg.MulticastGroup
		return s, v.link != nil
	}
	s.Local = v.source
	return s, v.source.IsValid()
}

// bind puts the instance on the socket that it needs now.
func (v *instance) bind() {
	spec, ok := v.socketSpec()
	if v.socket != nil && ok && v.socket.spec == spec {
		return
	}
	v.unbind()
	if !ok {
		return
	}
	e := v.e
	s := e.bySpec[spec]
	if s == nil {
		e.lastSocket++
		s = &socket{id: e.lastSocket, spec: spec, byVRID: map[uint8][]*instance{}}
		e.bySpec[spec], e.sockets[s.id] = s, s
	}
	s.users = append(s.users, v)
	id := v.cfg.VirtualRouterID
	s.byVRID[id] = append(s.byVRID[id], v)
	v.socket = s
	e.checkDuplicates(s, id)
	if !e.settling {
		e.openSockets()
	}
}

// unbind leaves the socket; it is closed at the end of the Step if nobody
// else has come by then.
func (v *instance) unbind() {
	s := v.socket
	if s == nil {
		return
	}
	v.socket = nil
	is := func(x *instance) bool { return x == v }
	s.users = slices.DeleteFunc(s.users, is)
	for id, list := range s.byVRID {
		if list = slices.DeleteFunc(list, is); len(list) == 0 {
			delete(s.byVRID, id)
		} else {
			s.byVRID[id] = list
		}
	}
	v.e.socketsChanged = true
	v.dropCause(causeDuplicate, nil)
	v.e.checkDuplicates(s, v.cfg.VirtualRouterID)
}

// openSockets asks for the sockets that are new, and for more room where
// instances have joined.
func (e *Engine) openSockets() {
	for _, v := range e.instances {
		s := v.socket
		if s == nil {
			continue
		}
		size := e.receiveBuffer(s)
		switch {
		case !s.opened:
			s.opened, s.buffer = true, size
			e.do(OpenSocket{ID: s.id, Spec: s.spec, ReceiveBuffer: size})
		case size != s.buffer:
			s.buffer = size
			e.do(ResizeSocket{ID: s.id, ReceiveBuffer: size})
		}
	}
}

// sweepSockets closes what nobody uses any more.
func (e *Engine) sweepSockets() {
	if !e.socketsChanged {
		return
	}
	e.socketsChanged = false
	for id := SocketID(1); id <= e.lastSocket; id++ {
		if s := e.sockets[id]; s != nil && len(s.users) == 0 {
			delete(e.sockets, id)
			delete(e.bySpec, s.spec)
			if s.opened {
				e.do(CloseSocket{ID: id})
			}
		}
	}
}

// receiveBuffer is SO_RCVBUF: what each instance needs, added up; 0 leaves the
// kernel's default.
func (e *Engine) receiveBuffer(s *socket) int {
	g := &e.cfg.Global.VRRP
	total := 0
	for _, v := range s.users {
		size := 0
		switch {
		case v.cfg.KernelRxBufSize > 0:
			size = int(v.cfg.KernelRxBufSize)
		case g.RxBufferSize > 0:
			size = int(g.RxBufferSize)
		case g.RxBufferPolicyMTU && v.link != nil:
			size = v.link.facts.MTU * int(g.RxBufferMultiplier)
		case g.RxBufferPolicyAdvert:
			size = v.datagramLen() * int(g.RxBufferMultiplier)
		}
		total += size
	}
	return total
}

// checkDuplicates keeps all but the first of several instances in Fault that
// would be the same virtual router: the same VRID on the same link and, for
// unicast, with a peer in common.
func (e *Engine) checkDuplicates(s *socket, vrid uint8) {
	list := s.byVRID[vrid]
	for i, v := range list {
		first := slices.IndexFunc(list[:i], v.clashes)
		if first < 0 {
			v.dropCause(causeDuplicate, nil)
			continue
		}
		c := cause{kind: causeDuplicate, text: "VRID used by " + list[first].cfg.Name + " on the same link"}
		c.start = textFault(v.cfg.Name, c.text)
		v.addCause(c)
	}
}

func (v *instance) clashes(other *instance) bool {
	if !v.cfg.Unicast() {
		return true
	}
	for a := range v.peers {
		if other.peers[a] != nil {
			return true
		}
	}
	return false
}

// socketFailed takes the instances of a socket that could not be opened to
// Fault. It is tried again later, and when the interface changes.
func (e *Engine) socketFailed(a OpenSocket, f ActionFailed) {
	s := e.sockets[a.ID]
	if s == nil {
		return
	}
	delete(e.sockets, s.id)
	delete(e.bySpec, s.spec)
	for _, v := range s.users {
		v.socket = nil
		if v.findCause(causeSocket, nil) >= 0 {
			continue
		}
		c := cause{kind: causeSocket, text: "cannot open socket: " + f.Text}
		c.start = textFault(v.cfg.Name, c.text)
		v.log(c.start)
		v.addCause(c)
	}
	s.users = nil
	e.retry.set(e.now.Add(retryDelay))
}

// retryFailed takes the sockets that were asked for again and have not failed
// since as open, and asks for the others. A VMAC shows itself.
func (e *Engine) retryFailed() {
	again := time.Duration(0)
	for _, v := range e.instances {
		if v.findCause(causeVMACFailed, nil) >= 0 {
			v.ensureVMACs()
			again = retryDelay
		}
	}
	for _, v := range e.instances {
		switch {
		case v.findCause(causeSocket, nil) < 0:
		case v.socket == nil:
			v.bind()
			again = trialTime
		default:
			v.dropCause(causeSocket, nil)
		}
	}
	if again > 0 {
		e.retry.set(e.now.Add(again))
	}
}
