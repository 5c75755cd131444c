package vrrprun

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// made keeps the record of what is in the kernel because of this engine, for
// the next one if this process is killed. Its lines:
//
//	address PREFIX PEER|- INDEX CREATED CHANGED
//	vmac NAME INDEX
//	route WORDS
//	rule PRIORITY WORDS
//	firewall TABLE
//
// An address that was there before is not ours, nor is one that somebody else
// has changed since. Nor is a route or rule of another protocol than
// keepalived's: an equal one may have been there before.
type made struct {
	record *netif.ObjectRecord // nil: none is kept
	// asked are addresses that were added and are still to be announced: those
	// of IPv6 are when the kernel has time.
	asked map[madeAddress]bool
	// addresses are their lines.
	addresses map[madeAddress]string
}

type madeAddress struct {
	index int
	addr  netip.Addr
}

func (m *made) open(path string, failed func(error)) {
	m.asked, m.addresses = map[madeAddress]bool{}, map[madeAddress]string{}
	if path != "" {
		m.record = netif.OpenObjectRecord(path, failed)
	}
}

// ask notes that an address is added, if it is not there already.
func (m *made) ask(a vrrp.AddressSpec, machine *machine) {
	if m.record != nil && !machine.has(a.Index, a.Address.Prefix) {
		m.asked[madeAddress{a.Index, a.Address.Prefix.Addr()}] = true
	}
}

// unask notes that an address is removed, or could not be added.
func (m *made) unask(a vrrp.AddressSpec) {
	delete(m.asked, madeAddress{a.Index, a.Address.Prefix.Addr()})
}

// observe takes what the monitor announces of addresses and interfaces.
func (m *made) observe(c *netif.Change) {
	if m.record == nil {
		return
	}
	key := madeAddress{c.Address.Index, c.Address.Prefix.Addr()}
	switch c.Kind {
	case netif.AddressAdded:
		line := addressLine(&c.Address)
		if m.addresses[key] != line {
			m.drop(key)
			if m.asked[key] {
				delete(m.asked, key)
				m.addresses[key] = line
				m.record.Add(line)
			}
		}
	case netif.AddressRemoved:
		m.drop(key)
	case netif.LinkRemoved:
		for key := range m.addresses {
			if key.index == c.Link.Index {
				m.drop(key)
			}
		}
		m.record.Remove(vmacLine(c.Link.Name, c.Link.Index))
	case netif.LinkChanged, netif.RouteRemoved, netif.RuleRemoved:
	}
}

func (m *made) drop(key madeAddress) {
	if line, ok := m.addresses[key]; ok {
		m.record.Remove(line)
		delete(m.addresses, key)
	}
}

func addressLine(a *netif.Address) string {
	peer := "-"
	if a.Peer.IsValid() {
		peer = a.Peer.String()
	}
	return fmt.Sprintf("address %s %s %d %d %d", a.Prefix, peer, a.Index, a.Created, a.Changed)
}

func vmacLine(name string, index int) string { return "vmac " + name + " " + strconv.Itoa(index) }

func firewallLine(table string) string { return "firewall " + table }

// routeLine is "" for a route that is not recorded.
func routeLine(c *config.Route, r *iproute.Route) string {
	if r.Protocol != iproute.ProtocolKeepalived {
		return ""
	}
	return "route " + strings.Join(c.Words, " ")
}

// ruleLine is "" for a rule that is not recorded. The priority need not be
// among its words: it depends on the rest of the configuration then.
func ruleLine(c *config.Rule, r *iproute.Rule) string {
	if r.Protocol != iproute.ProtocolKeepalived {
		return ""
	}
	return fmt.Sprintf("rule %d %s", *r.Priority, strings.Join(c.Words, " "))
}

// left is what the record says that a killed engine has left and that is still
// as that engine had made it.
type left struct {
	cfg        config.Config // addresses, routes and rules as static ones
	priorities map[*config.Rule]uint32
	vmacs      []string
	tables     []string
}

// find compares the record with the machine, and forgets what is not there.
func (m *made) find(machine *machine, present []netif.Address) left {
	l := left{priorities: map[*config.Rule]uint32{}}
	clear(m.addresses)
	addresses := map[string]*netif.Address{}
	for i := range present {
		addresses[addressLine(&present[i])] = &present[i]
	}
	for _, line := range m.record.Lines() {
		kind, rest, _ := strings.Cut(line, " ")
		words := strings.Fields(rest)
		a := addresses[line]
		switch {
		case kind == "address" && a != nil && machine.link(a.Index) != nil:
			m.addresses[madeAddress{a.Index, a.Prefix.Addr()}] = line
			l.cfg.StaticAddresses = append(l.cfg.StaticAddresses, asConfigured(a, machine.link(a.Index).Name))
		case kind == "vmac" && len(words) == 2 && machine.isVMAC(words[0], words[1]):
			l.vmacs = append(l.vmacs, words[0])
		case kind == "route" && len(words) > 0:
			l.cfg.StaticRoutes = append(l.cfg.StaticRoutes, &config.Route{Words: words})
		case kind == "rule" && len(words) > 1:
			rule := &config.Rule{Words: words[1:]}
			priority, err := strconv.ParseUint(words[0], 10, 32)
			if err != nil {
				continue
			}
			l.priorities[rule] = uint32(priority)
			l.cfg.StaticRules = append(l.cfg.StaticRules, rule)
		case kind == "firewall" && len(words) == 1:
			l.tables = append(l.tables, words[0])
		default:
			m.record.Remove(line)
		}
	}
	return l
}

// asConfigured is the line of a configuration that such an address came of.
func asConfigured(a *netif.Address, dev string) *config.Address {
	c := &config.Address{Prefix: a.Prefix, Peer: a.Peer, Dev: dev}
	if a.Label != dev {
		c.Label = a.Label
	}
	if a.Prefix.Addr().Is4() { // that of IPv6 is the kernel's choice
		c.Scope = config.Scope(a.Scope)
	}
	return c
}

// isVMAC reports whether the interface of that name and index is one that we
// can have made.
func (m *machine) isVMAC(name, index string) bool {
	l := m.named(name)
	return l != nil && strconv.Itoa(l.Index) == index && (l.Kind == netif.KindMACVLAN || l.Kind == netif.KindIPVLAN)
}
