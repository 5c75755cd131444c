package scenario

import (
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// Epoch is when simulated time begins.
var Epoch = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// Network is the routers and what is between them.
type Network struct {
	// Loss and Duplicate are probabilities 0..1; Delay is how long a packet
	// travels, Jitter how much longer at most.
	Loss, Duplicate float64
	Delay, Jitter   time.Duration

	now     time.Time
	routers []*Router
	flying  []flight
	sent    uint64
	random  *rand.Rand
	cut     map[string]int // partition of a router; equal numbers hear each other
	out     io.Writer
}

// flight is a packet under way.
type flight struct {
	at     time.Time
	order  uint64
	to     *Router
	socket vrrp.SocketID
	packet vrrp.Packet
}

// NewNetwork returns an empty network that prints to out; nil prints nothing.
// Equal seeds give equal loss.
func NewNetwork(seed uint64, out io.Writer) *Network {
	if out == nil {
		out = io.Discard
	}
	return &Network{now: Epoch, random: rand.New(rand.NewPCG(seed, 1)), cut: map[string]int{}, out: out}
}

// Now is the simulated time.
func (n *Network) Now() time.Time { return n.now }

// Routers are all that were added, in that order.
func (n *Network) Routers() []*Router { return n.routers }

// Router finds one by name, nil if there is none.
func (n *Network) Router(name string) *Router {
	for _, r := range n.routers {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// Partition puts routers on sides of a cut; those with equal numbers hear each
// other. An empty map heals it.
func (n *Network) Partition(sides map[string]int) { n.cut = sides }

// Advance runs everything that happens within d.
func (n *Network) Advance(d time.Duration) {
	end := n.now.Add(d)
	for {
		n.land()
		at, r := n.next()
		if r == nil || at.After(end) {
			break
		}
		if at.After(n.now) {
			n.now = at
			n.land()
		}
		if r.Awake() {
			if deadline, ok := r.Engine.Deadline(); ok && !deadline.After(n.now) {
				r.Step(vrrp.Timer{})
			}
		} else if !r.pausedUntil.After(n.now) {
			r.wake()
		}
	}
	n.now = end
	n.land()
}

// next is the first thing that happens: a deadline, an arrival, the end of a
// pause. The router of an arrival is any.
func (n *Network) next() (at time.Time, who *Router) {
	consider := func(t time.Time, r *Router) {
		if who == nil || t.Before(at) {
			at, who = t, r
		}
	}
	for _, r := range n.routers {
		if r.dead {
			continue
		}
		if !r.Awake() {
			consider(r.pausedUntil, r)
		} else if t, ok := r.Engine.Deadline(); ok {
			consider(t, r)
		}
	}
	for i := range n.flying {
		consider(n.flying[i].at, n.flying[i].to)
	}
	return at, who
}

// land delivers the packets that have arrived, in the order of arrival.
func (n *Network) land() {
	for {
		i := -1
		for j := range n.flying {
			f := &n.flying[j]
			if f.at.After(n.now) {
				continue
			}
			if i < 0 || f.at.Before(n.flying[i].at) || f.at.Equal(n.flying[i].at) && f.order < n.flying[i].order {
				i = j
			}
		}
		if i < 0 {
			return
		}
		f := n.flying[i]
		n.flying = append(n.flying[:i], n.flying[i+1:]...)
		f.to.deliver(f.socket, f.packet)
	}
}

// send puts a datagram on the link: to everybody who has joined the group, or
// to the owner of the address.
func (n *Network) send(from *Router, a *vrrp.SendAdvert, spec vrrp.SocketSpec) {
	if spec.Family == config.IPv6 {
		// The kernel fills the checksum in; ours must be the same.
		if !wire.ChecksumOK(a.Data, wire.ChecksumPseudo, a.Source, a.Destination) {
			panic("wrong IPv6 checksum from " + from.Name)
		}
	}
	for _, to := range n.routers {
		if to == from || to.dead || n.cut[to.Name] != n.cut[from.Name] {
			continue
		}
		for _, id := range to.socketIDs() {
			s := to.sockets[id]
			if s.Family != spec.Family || s.Protocol != spec.Protocol || !to.hears(s) {
				continue
			}
			if s.Multicast() {
				if s.Group == a.Destination && to.segment(s.Interface) == from.segment(spec.Interface) {
					n.launch(to, id, a)
				}
			} else if s.Local == a.Destination {
				n.launch(to, id, a)
			}
		}
	}
}

func (n *Network) launch(to *Router, id vrrp.SocketID, a *vrrp.SendAdvert) {
	copies := 1
	if n.Loss > 0 && n.random.Float64() < n.Loss {
		copies = 0
	}
	if n.Duplicate > 0 && n.random.Float64() < n.Duplicate {
		copies++
	}
	for range copies {
		delay := n.Delay
		if n.Jitter > 0 {
			delay += time.Duration(n.random.Int64N(int64(n.Jitter)))
		}
		hops := a.HopLimit
		if hops < 0 {
			hops = 64
		}
		n.sent++
		n.flying = append(n.flying, flight{
			at: n.now.Add(delay), order: n.sent, to: to, socket: id,
			packet: vrrp.Packet{Data: append([]byte(nil), a.Data...), Source: a.Source, Destination: a.Destination, HopLimit: hops},
		})
	}
}

// printf writes one line of the trace.
func (n *Network) printf(r *Router, format string, args ...any) {
	if n.out == io.Discard {
		return
	}
	at := n.now.Sub(Epoch)
	fmt.Fprintf(n.out, "%8.3f %s %s\n", at.Seconds(), r.Name, fmt.Sprintf(format, args...))
}

// Settle hands over every packet that is due now.
func (n *Network) Settle() { n.land() }
