package bfd

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/wire"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// session is one bfd_instance with the state variables of RFC 5880 6.8.1.
type session struct {
	e   *Engine
	cfg *config.BFDInstance

	state, remoteState wire.State
	diag, remoteDiag   wire.Diag
	discr, remoteDiscr uint32 // remoteDiscr 0: unknown
	oldDiscr           uint32 // still understood, 0: none
	remoteMult         uint8
	remoteMinTx        time.Duration
	remoteMinRx        time.Duration
	remoteDemand       bool
	told               bool // what consumers believe: Up
	transitions        uint64
	sent, received     uint64
	drops              drops

	timing

	// socket is open once the driver has said so.
	socket SocketID
	open   bool
	retry  retry
	// Deadlines; zero: none.
	sentAt, lastSeen   time.Time
	txAt, expireAt     time.Time
	retryAt            time.Time
	next               time.Time // the first of them
	place              int       // in the queue, -1: not there
	failing            bool      // the last packet could not be sent
	failedAt           uint64    // value of sent then
	out                SendControl
	buffer             [wire.Len]byte
	firstPacketPending bool // nothing was sent since the socket is open
}

// unknownMinRx is RemoteMinRxInterval before the first packet (RFC 5880
// 6.8.1).
const unknownMinRx = time.Microsecond

// add begins a session: Down, and announced so.
func (e *Engine) add(cfg *config.BFDInstance) *session {
	s := &session{
		e: e, cfg: cfg, state: wire.Down, remoteState: wire.Down, discr: e.newDiscriminator(),
		remoteMinRx: unknownMinRx, place: -1,
	}
	s.jitter = e.newJitter()
	s.setTimers(cfg.IdleTx, cfg.MinRx)
	e.byDiscr[s.discr] = s
	e.byAddress[s.addresses()] = s
	e.sessions = append(e.sessions, s)
	s.openSocket()
	s.announce(VRRP | Checker)
	return s
}

func (s *session) addresses() addresses { return addressesOf(s.cfg) }

func addressesOf(c *config.BFDInstance) addresses {
	return addresses{c.Neighbor, c.Source, c.MultiHop}
}

// listener is the receiving socket that the session needs.
func (s *session) listener() Listener {
	l := Listener{Family: config.IPv6, MultiHop: s.cfg.MultiHop}
	if s.cfg.Neighbor.Is4() {
		l.Family = config.IPv4
	}
	return l
}

func (s *session) openSocket() {
	s.e.lastSocket++
	s.socket, s.open, s.retryAt = s.e.lastSocket, false, time.Time{}
	s.e.do(OpenSocket{
		ID: s.socket, Session: s.cfg.Name, Local: s.cfg.Source, TTL: s.cfg.TTL,
		Remote: netip.AddrPortFrom(s.cfg.Neighbor, s.listener().Port()),
	})
}

func (s *session) closeSocket() {
	if s.open {
		s.e.do(CloseSocket{s.socket})
	}
	s.open = false
}

func (s *session) opened() {
	s.open, s.retry, s.firstPacketPending = true, retry{}, true
	if s.state == wire.AdminDown {
		s.becomeDown(wire.DiagNone)
	}
	s.plan()
}

// openFailed happens when the source address is not there (yet).
func (s *session) openFailed(why string) {
	wait := s.retry.next()
	s.retryAt = s.e.now.Add(wait)
	if text := textNoSocket(s.cfg.Name, why, wait); s.state != wire.AdminDown {
		s.e.error(text)
		s.becomeAdminDown()
	} else {
		s.e.debug(text)
	}
	s.plan()
}

// become* are the only ones to change the state.

func (s *session) becomeDown(diag wire.Diag) {
	was := s.state
	s.state, s.diag = wire.Down, diag
	s.e.warn(textDown(s.cfg.Name, diag, s.remoteDiag))
	s.setTimers(s.cfg.IdleTx, s.cfg.MinRx)
	if was == wire.Up {
		s.leftUp()
	}
}

func (s *session) becomeAdminDown() {
	was := s.state
	s.state, s.diag = wire.AdminDown, wire.DiagNone
	s.e.warn(textAdminDown(s.cfg.Name))
	s.setTimers(s.cfg.IdleTx, s.cfg.MinRx)
	if was == wire.Up {
		s.leftUp()
	}
	s.forget()
}

func (s *session) becomeInit() { s.state = wire.Init }

func (s *session) becomeUp() {
	s.state, s.diag = wire.Up, wire.DiagNone
	s.transitions++
	s.e.info(textUp(s.cfg.Name))
	s.setTimers(s.cfg.MinTx, s.cfg.MinRx)
	s.told = true
	s.announce(VRRP | Checker)
}

// leftUp takes a new discriminator, so that nothing that was sent for the old
// session counts for the next one, and tells consumers.
func (s *session) leftUp() {
	s.transitions++
	s.dropOldDiscriminator()
	s.oldDiscr, s.discr = s.discr, s.e.newDiscriminator()
	s.e.byDiscr[s.discr] = s
	if s.remoteState == wire.AdminDown {
		return
	}
	s.told = false
	s.announce(VRRP | Checker)
}

func (s *session) dropOldDiscriminator() {
	if s.oldDiscr != 0 {
		delete(s.e.byDiscr, s.oldDiscr)
		s.oldDiscr = 0
	}
}

// announce tells consumers what they are to believe.
func (s *session) announce(to Consumers) {
	wants := VRRP | Checker
	if s.cfg.VRRP != s.cfg.Checker {
		wants = VRRP
		if s.cfg.Checker {
			wants = Checker
		}
	}
	if to &= wants; to != 0 {
		s.e.do(Announce{To: to, Session: s.cfg.Name, Up: s.told, At: s.e.now})
	}
}

// expired is the end of the detection time (RFC 5880 6.8.4).
func (s *session) expired() {
	overdue := s.e.now.Sub(s.expireAt)
	if s.state == wire.Init || s.state == wire.Up {
		s.e.warn(textExpired(s.cfg.Name, s.e.now.Sub(s.lastSeen), overdue))
		s.becomeDown(wire.DiagExpired)
		// A neighbor that still hears us learns it at once, with its own
		// discriminator, although that is forgotten now.
		s.send(false)
	}
	s.forget()
}

// forget drops what is known about the neighbor (RFC 5880 6.8.1,
// RemoteDiscr).
func (s *session) forget() {
	s.remoteDiscr, s.remoteState = 0, wire.Down
	s.remoteDemand, s.remoteMinRx = false, unknownMinRx
	s.expireAt = time.Time{}
	s.dropOldDiscriminator()
}

// due does what the session's deadline is for.
func (s *session) due() {
	now := s.e.now
	reached := func(t time.Time) bool { return !t.IsZero() && !t.After(now) }
	switch {
	case reached(s.retryAt):
		s.openSocket()
	case reached(s.expireAt):
		s.expired()
	case reached(s.txAt):
		s.send(false)
	}
	s.plan()
}

// plan sets the deadlines from the state.
func (s *session) plan() {
	s.txAt = time.Time{}
	if s.periodic() {
		s.txAt = s.sentAt.Add(s.jittered(s.txInterval()))
		if s.firstPacketPending {
			s.txAt = s.e.now
		}
	}
	s.e.arm(s, earlier(earlier(s.txAt, s.expireAt), s.retryAt))
}

// periodic reports whether packets are sent without being asked for (RFC 5880
// 6.8.7).
func (s *session) periodic() bool {
	switch {
	case !s.open || s.state == wire.AdminDown:
		return false
	case s.cfg.Passive && s.remoteDiscr == 0:
		return false
	case s.remoteMinRx == 0:
		return false
	case s.remoteDemand && s.state == wire.Up && s.remoteState == wire.Up:
		return s.polling
	}
	return true
}

// send sends a packet now; final answers a poll.
func (s *session) send(final bool) {
	if !s.open {
		return
	}
	p := wire.Control{
		Version: wire.Version, Diag: s.diag, State: s.state, Poll: s.polling && !final, Final: final,
		DetectMult: s.cfg.Multiplier, MyDiscr: s.discr, YourDiscr: s.remoteDiscr,
		DesiredMinTx: micros(s.desiredTx), RequiredMinRx: micros(s.requiredRx),
	}
	s.out = SendControl{Socket: s.socket, Session: s.cfg.Name, Data: p.Append(s.buffer[:0]), session: s}
	s.e.do(&s.out)
	s.sent++
	s.sentAt, s.firstPacketPending = s.e.now, false
	s.jitter = s.e.newJitter()
}

// sendFailed logs the first failure of a row.
func (s *session) sendFailed() {
	if !s.failing || s.failedAt != s.sent-1 {
		s.e.error(textSendError(s.cfg.Name))
	}
	s.failing, s.failedAt = true, s.sent
}

// leave tells the neighbor that the session ends on purpose (RFC 5880 6.8.16),
// once.
func (s *session) leave() {
	if s.open && s.remoteDiscr != 0 {
		s.state, s.diag = wire.AdminDown, wire.DiagAdminDown
		s.setTimers(s.cfg.IdleTx, s.cfg.MinRx)
		s.send(false)
	}
	s.closeSocket()
}
