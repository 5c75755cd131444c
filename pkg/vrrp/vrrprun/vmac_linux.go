package vrrprun

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

// ownVMAC is a VMAC or ipvlan that we keep.
type ownVMAC struct {
	instance  string
	base      string
	baseIndex int
	// holds is true while the base interface's sysctls are held for it.
	holds bool
	// notify is netlink_notify_msg.
	notify bool
}

// ensureVMAC makes the interface, with the sysctls and firewall rules that it
// needs around it.
func (e *Engine) ensureVMAC(a vrrp.EnsureVMAC) error {
	base := e.machine.link(a.BaseIndex)
	if base == nil {
		return unix.ENODEV
	}
	e.touched = true
	want := wantedVMAC(a, base, e.machine)
	want.TakeOver = e.vmacs[a.Name] == nil
	link, plan, err := e.kernel.EnsureVMAC(want, e.sysctls)
	if err != nil {
		return err
	}
	if plan.FoundFitting {
		e.log(slog.LevelInfo, fmt.Sprintf(logtext.VMACFound, a.Instance, a.Name))
	} else if e.opt.Detail {
		e.log(slog.LevelDebug, fmt.Sprintf(logtext.VMACCreated, a.Instance, a.Name))
	}
	own := e.vmacs[a.Name]
	if own == nil {
		own = &ownVMAC{}
		e.vmacs[a.Name] = own
	}
	if own.holds && own.baseIndex != a.BaseIndex {
		e.releaseBase(own)
	}
	own.instance, own.base, own.baseIndex, own.notify = a.Instance, a.Base, a.BaseIndex, a.NotifyBase
	e.made.record.Add(vmacLine(a.Name, link.Index))
	e.notifyBase(own)
	if a.IPVLAN == nil {
		e.surroundVMAC(a, own, link.Index)
	}
	return e.tellVMAC(a.Name, link.Index)
}

// tellVMAC gives the engine the interface as it is now. One that is taken over
// makes no announcement; those of one that was made tell of an interface that
// is still down, which must not look like a fault. What the kernel announces
// from now on counts again, so the interface is read after them.
func (e *Engine) tellVMAC(name string, index int) error {
	e.overtaken = index
	e.readMonitor()
	e.overtaken = 0
	link, err := e.kernel.LinkByName(name)
	if err != nil || link == nil {
		return errors.Join(err, unix.ENODEV)
	}
	if ev := e.machine.apply(netif.Change{Kind: netif.LinkChanged, Link: *link}); ev != nil {
		e.queue = append(e.queue, ev)
	}
	return nil
}

// wantedVMAC is the interface that an action asks for.
func wantedVMAC(a vrrp.EnsureVMAC, base *netif.Link, m *machine) *netif.VMAC {
	want := &netif.VMAC{Name: a.Name, Base: base, Group: base.Group, NoIPv6: a.DisableIPv6}
	if a.Group != nil {
		want.Group = *a.Group
	}
	if master := m.link(base.Master); master != nil && master.Kind == netif.KindVRF {
		want.Master = base.Master
	}
	if a.IPVLAN != nil {
		want.IPVLAN = true
		switch a.IPVLAN.Mode {
		case config.IPVLANPrivate:
			want.IPVLANFlags = netif.IPVLANPrivate
		case config.IPVLANVEPA:
			want.IPVLANFlags = netif.IPVLANVEPA
		case config.IPVLANBridge:
		}
		if p := a.IPVLAN.Address; p.IsValid() {
			address := netif.Address{Prefix: p}
			if p.Addr().Is6() {
				address.Flags = netif.FlagNoDAD
			}
			want.Addresses = append(want.Addresses, address)
		}
	} else {
		want.MAC = a.MAC[:]
		want.Sysctls = netif.VMACSettings(a.Family == config.IPv4)
	}
	if a.LinkLocal.IsValid() {
		want.Addresses = append(want.Addresses, netif.LinkLocalOf(a.LinkLocal))
	}
	return want
}

// surroundVMAC sets what a macvlan needs outside itself. None of it is worth
// refusing the interface for.
func (e *Engine) surroundVMAC(a vrrp.EnsureVMAC, own *ownVMAC, index int) {
	if a.Family == config.IPv4 && !own.holds {
		own.holds = true
		e.complain(e.sysctls.HoldBase(own.base))
		notices, err := e.sysctls.LowerRPFilter(e.machine.names())
		for _, n := range notices {
			e.log(slog.LevelInfo, n)
		}
		e.complain(err)
	}
	if !wantsFirewall(e.cfg) {
		return
	}
	e.complain(e.wall().AddVMAC(netif.FirewallVMAC{
		Name: a.Name, Index: index, Base: a.BaseIndex,
		IPv4:      a.Family == config.IPv4,
		IPv6:      a.Family == config.IPv6 || !a.DisableIPv6,
		LinkLocal: a.LinkLocal,
	}))
}

func (e *Engine) removeVMAC(a vrrp.RemoveVMAC) error {
	name := a.Name
	own := e.vmacs[name]
	if own == nil {
		if link := e.machine.named(name); link != nil && a.Leftover {
			return e.kernel.DeleteLink(link.Index)
		}
		return nil
	}
	delete(e.vmacs, name)
	e.touched = true
	var err error
	if link := e.machine.named(name); link != nil {
		if err = e.kernel.DeleteLink(link.Index); err == nil {
			e.made.record.Remove(vmacLine(name, link.Index))
		}
	}
	if err == nil && e.opt.Detail {
		e.log(slog.LevelDebug, fmt.Sprintf(logtext.VMACRemoved, own.instance, name))
	}
	if e.firewall != nil {
		e.complain(e.firewall.RemoveVMAC(name))
	}
	e.notifyBase(own)
	e.releaseBase(own)
	if len(e.vmacs) == 0 {
		e.restoreRPFilter()
	}
	return err
}

// notifyBase lets the kernel announce the base interface, which it does not do
// by itself when a VMAC makes an interface promiscuous that cannot filter
// addresses, such as a bridge: others would not know.
func (e *Engine) notifyBase(own *ownVMAC) {
	if link := e.machine.link(own.baseIndex); link != nil && own.notify {
		e.complain(e.kernel.AnnounceLink(link))
	}
}

func (e *Engine) releaseBase(own *ownVMAC) {
	if own.holds {
		own.holds = false
		e.complain(e.sysctls.ReleaseBase(own.base))
	}
}

func (e *Engine) restoreRPFilter() {
	notices, err := e.sysctls.RestoreRPFilter()
	for _, n := range notices {
		e.log(slog.LevelInfo, n)
	}
	e.complain(err)
}

// interfaceGone forgets what was set on an interface that no longer exists;
// the kernel has removed its VMACs with it.
func (e *Engine) interfaceGone(l *netif.Link) {
	e.announcer.Forget(l.Index)
	e.sysctls.ForgetInterface(l.Name)
	for _, own := range e.vmacs {
		if own.baseIndex == l.Index {
			own.holds = false
		}
	}
}

// wantsFirewall reports whether a configuration asks for firewall tables, or
// has an instance that needs them. VMACs of single addresses join no group.
func wantsFirewall(cfg *config.Config) bool {
	g := &cfg.Global.VRRP
	if g.NFTables != "" || g.IPTables {
		return true
	}
	for _, v := range cfg.Instances {
		if v.VMAC != nil || !v.Accept {
			return true
		}
	}
	return false
}

// firewallTable is the name of the tables.
func firewallTable(cfg *config.Config) string { return cmp.Or(cfg.Global.VRRP.NFTables, defaultTable) }

// wall is the firewall, made when it is first needed.
func (e *Engine) wall() *netif.Firewall {
	if e.firewall == nil {
		g := &e.cfg.Global.VRRP
		table := firewallTable(e.cfg)
		if g.NFTables == "" && !g.IPTables {
			e.log(slog.LevelInfo, logtext.FirewallDefault)
		}
		e.made.record.Add(firewallLine(table))
		e.firewall = netif.NewFirewall(netif.FirewallOptions{
			Table: table, Priority: g.NFTablesPriority, Counters: g.NFTablesCounters,
			Log: func(text string) { e.log(slog.LevelInfo, text) },
		})
	}
	return e.firewall
}

// dropTraffic switches the rules for the addresses of an instance that does
// not accept traffic to them.
func (e *Engine) dropTraffic(a vrrp.DropTraffic) error {
	if !a.On {
		if e.firewall == nil {
			return nil
		}
		return e.firewall.Drop(a.Instance, nil)
	}
	byName := false
	if v := e.cfg.Instance(a.Instance); v != nil {
		byName = v.DontTrackPrimary && !e.cfg.Global.VRRP.NFTablesIfindex
	}
	var list []netif.FirewallAddress
	for _, s := range a.Addresses {
		list = append(list, netif.FirewallAddress{
			IP: s.Address.Prefix.Addr(), Name: s.Interface, Index: s.Index, ByName: byName})
	}
	return e.wall().Drop(a.Instance, list)
}

// promoteSecondaries switches the sysctl that keeps an interface's other
// addresses when the first one is removed.
func (e *Engine) promoteSecondaries(a vrrp.PromoteSecondaries) error {
	path := "ipv4/conf/" + a.Interface + "/promote_secondaries"
	var err error
	if a.On {
		_, _, err = e.sysctls.Hold(path, "1")
	} else {
		_, _, err = e.sysctls.Release(path)
	}
	return err
}

// complain logs a failure that changes nothing for the protocol.
func (e *Engine) complain(err error) {
	if err != nil {
		e.log(slog.LevelError, withRemedy(err.Error(), err))
	}
}
