package vrrp

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

type (
	counters   = status.VRRPCounters
	dropCounts [wire.DropCount]uint64
)

// instance is one virtual router. Its state is changed by become* only.
type instance struct {
	e     *Engine
	cfg   *config.VRRPInstance
	group *syncGroup

	state event.State
	// want is Master while the router strives for it: the owner at first, and
	// a member of a sync group whose timer has expired.
	want event.State
	// announced is the last state that was notified; Init if none was.
	announced event.State
	// silent is true in Fault (or Init) while nothing but the first results of
	// scripts or a VMAC is awaited: nobody is told about that state.
	silent      bool
	since       time.Time // of state
	transitions []status.Transition

	causes    []cause
	oldCauses []cause // before a reload

	// main is the advert timer of a Master and the master down timer of a
	// Backup.
	main *timer

	base      uint8 // configured priority, or what SNMP made of it
	total     int   // base and contributions of trackers, before the limits
	effective uint8 // in the next advert
	trackers  []*tracker

	masterAdver    time.Duration // interval in force
	masterAddress  netip.Addr    // source of the last accepted advert
	masterPriority uint8
	lastAdvert     time.Time // when it was accepted
	heard          heard
	heardFrom      netip.Addr
	heardPriority  uint8
	masterReason   status.MasterReason
	noPreempt      bool
	accept         bool // for SNMP alone
	preempt        *timer
	preemptOver    bool // the delay has passed, lower priorities are discarded

	conflict ownerConflict

	// Where adverts go.
	baseLink *link // the configured interface, nil: routed unicast
	link     *link // that of the adverts: baseLink or the VMAC
	vmac     *vmac
	vmacs    []*vmac // all, those of addresses too
	promoted *link   // where promote_secondaries was asked for
	source   netip.Addr
	socket   *socket
	peers    map[netip.Addr]*config.UnicastPeer

	// Sending.
	advertised  []*config.Address // those in adverts, see fitAddresses
	addresses   []byte            // their bytes
	ipID        uint16
	sends       []*SendAdvert
	sendsUsed   int
	sendsStep   uint64
	lastSent    time.Time
	ah          *wire.AH
	ahSequence  uint32
	hmac        *wire.HMAC
	oldChecksum bool // learned: old_unicast_checksum
	// sendErrors are the errnos last logged, by destination, so that a link
	// that is down does not fill the log.
	sendErrors map[netip.Addr]int

	// daemon is the IPVS sync daemon that follows us, as daemonFor says.
	daemon    *config.SyncDaemon
	daemonFor *config.VRRPInstance

	virtuals    []*virtual // addresses of the advert, then excluded ones
	routes      []*virtualRoute
	rules       []*virtualRule
	oldRoutes   []*config.Route // of the configuration before a reload
	oldRules    []*config.Rule
	virtualsSet bool
	dropping    bool // firewall rules are there

	garpAgain   *timer // second burst
	garpRounds  uint32 // of the second burst
	garpRefresh *timer
	garpExtra   *timer

	counters counters
	drops    dropCounts
	protocol status.ProtocolError // the last one
	limits   limits
	// limitsBefore is limits before the present packet.
	limitsBefore limits
	// refused, accepted and sources bound the lines about packets that limits
	// does not: an attacker's, a lower priority, another master.
	refused, accepted, sources lineBudget
}

// heard is what the last packet of a router that we listen to was: why the
// timer of a Backup runs out.
type heard uint8

const (
	heardNothing heard = iota
	heardAdvert        // an accepted advert
	heardZero          // priority 0
	heardLower         // a lower priority, discarded
)

func newInstance(e *Engine, cfg *config.VRRPInstance) *instance {
	v := &instance{e: e, state: event.Init, announced: event.Init, want: event.Backup, since: e.now, sendErrors: map[netip.Addr]int{}}
	v.main = e.timers.add(v.mainExpired)
	v.preempt = e.timers.add(func() { v.preemptOver = true })
	v.garpAgain = e.timers.add(v.secondBurst)
	v.garpRefresh = e.timers.add(v.refreshBurst)
	v.garpExtra = e.timers.add(v.extraBurst)
	v.conflict.timer = e.timers.add(v.ownerConflictOver)
	v.configure(cfg)
	return v
}

// configure takes over a configuration, everything that follows from it alone.
func (v *instance) configure(cfg *config.VRRPInstance) {
	v.cfg = cfg
	v.base = cfg.Priority
	v.total = int(cfg.Priority)
	v.effective = cfg.Priority
	// A backup that reloads goes on with the interval it has learned: its own
	// may be too short for this master.
	if v.state != event.Backup || cfg.Version == 2 || !v.masterAddress.IsValid() {
		v.masterAdver = cfg.AdvertInterval
	}
	v.noPreempt = cfg.NoPreempt
	v.accept = cfg.Accept
	v.oldChecksum = false
	v.limits = 0

	v.peers = make(map[netip.Addr]*config.UnicastPeer, len(cfg.Peers))
	for i := range cfg.Peers {
		v.peers[cfg.Peers[i].Address] = &cfg.Peers[i]
	}
	v.ah = nil
	if cfg.Auth == config.AuthAH {
		v.ah = wire.NewAH(cfg.AuthPass)
	}
	old := v.hmac
	v.hmac = nil
	if cfg.HMAC != nil {
		n := wire.MulticastSources
		if cfg.Unicast() {
			n = len(cfg.Peers)
		}
		v.hmac = wire.NewHMAC(cfg.HMAC, n)
		if old != nil {
			v.hmac.Adopt(old)
		}
	}
}

// owner reports whether this router owns the addresses (RFC 5798 1.7).
func (v *instance) owner() bool { return v.cfg.Owner() }

// skew is the skew time in force. The owner's never changes, even while its
// priority is reduced.
func (v *instance) skew() time.Duration {
	p := v.effective
	if v.owner() {
		p = 255
	}
	return skewTime(v.cfg.Version, p, v.masterAdver)
}

// masterDown is the master down interval in force.
func (v *instance) masterDown() time.Duration {
	return masterDownInterval(v.cfg.DownTimerAdverts, v.masterAdver, v.skew())
}

// mainExpired is the end of the advert timer or of the master down timer.
func (v *instance) mainExpired() {
	switch v.state {
	case event.Master:
		v.advertise()
	case event.Backup:
		v.masterDownExpired()
	case event.Init, event.Fault, event.Stop, event.Deleted:
	}
}

// record notes a change of state and its cause.
func (v *instance) record(to event.State, w why) {
	const keep = 100
	if len(v.transitions) == keep {
		// Not in place: snapshots share what was written.
		v.transitions = v.transitions[1:]
	}
	v.transitions = append(v.transitions, status.Transition{
		Time: v.e.now, From: v.state, To: to, Reason: w.text, Peer: w.peer,
		Priority: v.effective, Counters: v.counters,
	})
	v.state = to
	v.since = v.e.now
	clear(v.sendErrors)
}

// why is the cause of a change of state.
type why struct {
	text string
	peer netip.Addr
}

// because is a cause without a peer.
func because(text string) why { return why{text: text} }

// notify tells the outside the present state, unless it knows.
func (v *instance) notify(w why) {
	if v.announced == v.state {
		return
	}
	v.announced = v.state
	ev := event.InstanceState{
		Time: v.e.now, Instance: v.cfg.Name, State: v.state, Priority: v.effective, Reason: w.text,
	}
	if v.state == event.Master {
		ev.MasterReason = uint8(v.masterReason)
	}
	v.e.emit(ev)
}

func (v *instance) log(text string)   { v.e.info(text) }
func (v *instance) debug(text string) { v.e.debug(text) }

// resetMasterAdver goes back to our own interval (version 3).
func (v *instance) resetMasterAdver() {
	if v.masterAdver == v.cfg.AdvertInterval {
		return
	}
	if v.e.detail {
		v.debug(textAdverReset(v.cfg.Name, v.masterAdver, v.cfg.AdvertInterval))
	}
	v.masterAdver = v.cfg.AdvertInterval
}

// armMasterDown starts the master down timer of a Backup anew.
func (v *instance) armMasterDown() { v.main.set(v.e.origin().Add(v.masterDown())) }
