package netif

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// FirewallOptions are how the tables are made.
type FirewallOptions struct {
	// Table is the name of the tables in the ip and ip6 families.
	Table string
	// Priority of the chains (nftables_priority, default -1).
	Priority int32
	// Counters puts a counter into every rule (nftables_counters).
	Counters bool
	// Log gets lines about what else happened.
	Log func(text string)
}

// Firewall is our nftables tables, one per address family. A table is made
// when it first has something to hold, and its rules stay until Close; what
// they act on is in sets.
type Firewall struct {
	opt       FirewallOptions
	conn      *nftables.Conn
	vmacs     map[string]FirewallVMAC
	addresses map[string][]FirewallAddress // by owner
	tables    [2]*firewallTable
}

// NewFirewall returns a firewall that has no tables yet.
func NewFirewall(opt FirewallOptions) *Firewall {
	f := &Firewall{opt: opt, vmacs: map[string]FirewallVMAC{}, addresses: map[string][]FirewallAddress{}}
	f.tables[0] = &firewallTable{opt: &f.opt, family: config.IPv4}
	f.tables[1] = &firewallTable{opt: &f.opt, family: config.IPv6}
	return f
}

// Table is the name of its tables.
func (f *Firewall) Table() string { return f.opt.Table }

// AddVMAC has the reports of a VMAC sent by its base interface.
func (f *Firewall) AddVMAC(v FirewallVMAC) error {
	f.vmacs[v.Name] = v
	return f.apply()
}

// RemoveVMAC forgets a VMAC.
func (f *Firewall) RemoveVMAC(name string) error {
	if _, ok := f.vmacs[name]; !ok {
		return nil
	}
	delete(f.vmacs, name)
	return f.apply()
}

// Drop drops the traffic of the addresses of owner, instead of those it had
// before; none lets everything through again.
func (f *Firewall) Drop(owner string, addresses []FirewallAddress) error {
	if len(addresses) == 0 {
		if _, ok := f.addresses[owner]; !ok {
			return nil
		}
		delete(f.addresses, owner)
	} else {
		f.addresses[owner] = slices.Clone(addresses)
	}
	return f.apply()
}

// Close removes the tables.
func (f *Firewall) Close() error {
	if f.conn == nil {
		return nil
	}
	for _, t := range f.tables {
		if t.table != nil {
			f.conn.DelTable(t.table)
			t.table = nil
		}
	}
	err := f.conn.Flush()
	return errors.Join(err, f.conn.CloseLasting())
}

// RemoveOld removes the tables of an earlier run, before ours are made.
func (f *Firewall) RemoveOld() error {
	if err := f.connect(); err != nil {
		return err
	}
	for _, t := range f.tables {
		if err := f.removeOld(&nftables.Table{Name: f.opt.Table, Family: t.nftFamily()}, t.familyName()); err != nil {
			return err
		}
	}
	if err := f.conn.Flush(); err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	return nil
}

// removeOld adds the removal of a table of an earlier run to the transaction.
func (f *Firewall) removeOld(table *nftables.Table, family string) error {
	old, err := f.exists(table)
	if err != nil || !old {
		return err
	}
	f.opt.Log(fmt.Sprintf(logtext.DeletingTable, family, f.opt.Table))
	f.conn.DelTable(table)
	return nil
}

// connect opens the way to the kernel when it is first needed.
func (f *Firewall) connect() error {
	if f.conn != nil {
		return nil
	}
	conn, err := nftables.New(nftables.AsLasting())
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	f.conn = conn
	return nil
}

// Intact reports whether the tables that we made are still there.
func (f *Firewall) Intact() (bool, error) {
	for _, t := range f.tables {
		if t.table == nil {
			continue
		}
		there, err := f.exists(t.table)
		if err != nil || !there {
			return false, err
		}
	}
	return true, nil
}

// Rebuild makes the tables anew: somebody has removed them.
func (f *Firewall) Rebuild() error {
	for i, t := range f.tables {
		f.tables[i] = &firewallTable{opt: &f.opt, family: t.family}
	}
	return f.apply()
}

func (f *Firewall) exists(table *nftables.Table) (bool, error) {
	list, err := f.conn.ListTablesOfFamily(table.Family)
	if err != nil {
		return false, fmt.Errorf("nftables: %w", err)
	}
	return slices.ContainsFunc(list, func(t *nftables.Table) bool { return t.Name == table.Name }), nil
}

// apply brings the tables to what is wanted, in one transaction except where
// a map is made.
func (f *Firewall) apply() error {
	if err := f.connect(); err != nil {
		return err
	}
	var addresses []FirewallAddress
	for _, owner := range slices.Sorted(maps.Keys(f.addresses)) {
		addresses = append(addresses, f.addresses[owner]...)
	}
	var done []func()
	for _, t := range f.tables {
		want := firewallElements(t.family, slices.Collect(maps.Values(f.vmacs)), addresses)
		if t.table == nil && len(want) == 0 {
			continue
		}
		next := t.clone()
		if next.table == nil {
			next.table = &nftables.Table{Name: f.opt.Table, Family: next.nftFamily()}
			if err := f.removeOld(next.table, next.familyName()); err != nil {
				return err
			}
			f.conn.AddTable(next.table)
		}
		if err := next.program(f.conn, want); err != nil {
			return err
		}
		done = append(done, func() { *t = *next })
	}
	if err := f.conn.Flush(); err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	for _, keep := range done {
		keep()
	}
	return nil
}

// firewallTable is one table as it is in the kernel.
type firewallTable struct {
	opt    *FirewallOptions
	family config.Family
	// table is nil until it has been made.
	table  *nftables.Table
	sets   map[setName]*nftables.Set
	chains map[string]*nftables.Chain
	have   elements
	setIDs uint32
	// reports and drops say which rules are there.
	reports, drops bool
}

func (t *firewallTable) clone() *firewallTable {
	n := *t
	n.sets, n.chains, n.have = maps.Clone(t.sets), maps.Clone(t.chains), elements{}
	if n.sets == nil {
		n.sets, n.chains = map[setName]*nftables.Set{}, map[string]*nftables.Chain{}
	}
	for set, keys := range t.have {
		n.have[set] = maps.Clone(keys)
	}
	return &n
}

func (t *firewallTable) nftFamily() nftables.TableFamily {
	if t.family == config.IPv6 {
		return nftables.TableFamilyIPv6
	}
	return nftables.TableFamilyIPv4
}

func (t *firewallTable) familyName() string {
	if t.family == config.IPv6 {
		return "ip6"
	}
	return "ip"
}

// program adds the sets and rules that want needs and are not there, and
// moves the elements.
func (t *firewallTable) program(c *nftables.Conn, want elements) error {
	if len(want[setVMACMap]) > 0 && !t.reports {
		t.reports = true
		if err := t.addReportRules(c); err != nil {
			return err
		}
	}
	linkLocal := []setName{setVIPsLinkLocal, setVIPsByName}
	if (len(want[setVIPs]) > 0 || len(want[setVIPsLinkLocal]) > 0 || len(want[setVIPsByName]) > 0) && !t.drops {
		t.drops = true
		if err := t.addDropRules(c); err != nil {
			return err
		}
	}
	for _, set := range linkLocal {
		if len(want[set]) > 0 && t.sets[set] == nil {
			if err := t.addLinkLocalRules(c, set); err != nil {
				return err
			}
		}
	}
	for name, set := range t.sets {
		if name == setND || name == setMLDReport {
			continue
		}
		remove, add := planElements(t.have[name], want[name])
		if len(remove) > 0 {
			if err := c.SetDeleteElements(set, setElements(set, remove)); err != nil {
				return fmt.Errorf("nftables: %w", err)
			}
		}
		if len(add) > 0 {
			if err := c.SetAddElements(set, setElements(set, add)); err != nil {
				return fmt.Errorf("nftables: %w", err)
			}
		}
		t.have[name] = maps.Clone(want[name])
	}
	return nil
}

func setElements(set *nftables.Set, keys map[string]string) []nftables.SetElement {
	var out []nftables.SetElement
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		e := nftables.SetElement{Key: []byte(key)}
		if set.IsMap {
			e.Val = []byte(keys[key])
		}
		out = append(out, e)
	}
	return out
}

func (t *firewallTable) addSet(c *nftables.Conn, s nftables.Set, fixed ...byte) (*nftables.Set, error) {
	s.Table = t.table
	var list []nftables.SetElement
	for _, b := range fixed {
		list = append(list, nftables.SetElement{Key: []byte{b}})
	}
	s.Constant = len(fixed) > 0
	// Unique within a transaction; the library would take a number from a
	// variable that all its users share.
	t.setIDs++
	s.ID = t.setIDs
	if err := c.AddSet(&s, list); err != nil {
		return nil, fmt.Errorf("nftables: set %s: %w", s.Name, err)
	}
	t.sets[setName(s.Name)] = &s
	return &s, nil
}

// chain finds or makes a chain; base chains hang at a hook.
func (t *firewallTable) chain(c *nftables.Conn, name string, hook *nftables.ChainHook) *nftables.Chain {
	if chain := t.chains[name]; chain != nil {
		return chain
	}
	chain := &nftables.Chain{Name: name, Table: t.table}
	if hook != nil {
		accept := nftables.ChainPolicyAccept
		chain.Type = nftables.ChainTypeFilter
		chain.Hooknum = hook
		chain.Priority = nftables.ChainPriorityRef(nftables.ChainPriority(t.opt.Priority))
		chain.Policy = &accept
	}
	c.AddChain(chain)
	t.chains[name] = chain
	return chain
}

func (t *firewallTable) out(c *nftables.Conn) *nftables.Chain {
	return t.chain(c, "out", nftables.ChainHookOutput)
}

func (t *firewallTable) in(c *nftables.Conn) *nftables.Chain {
	return t.chain(c, "in", nftables.ChainHookInput)
}

// addReportRules makes the rules that send a VMAC's IGMP and MLD reports from
// its base interface. They stand in front of all others.
func (t *firewallTable) addReportRules(c *nftables.Conn) error {
	// The map is made outside the transaction, so its table must be there.
	if err := c.Flush(); err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	toBase, err := addIndexMap(t.table, string(setVMACMap))
	if err != nil {
		return err
	}
	t.sets[setVMACMap] = toBase
	dup := func(what []expr.Any) []expr.Any {
		return join(what, t.load(t.destination(), 1), oifKind(2, "macvlan"),
			meta(expr.MetaKeyOIF, 2),
			[]expr.Any{
				&expr.Lookup{SourceRegister: 2, SetName: toBase.Name, SetID: toBase.ID, DestRegister: 2, IsDestRegSet: true},
				&expr.Dup{RegAddr: 1, RegDev: 2, IsRegDevSet: true},
			})
	}
	if t.family == config.IPv4 {
		igmp := join(t.load(field{expr.PayloadBaseNetworkHeader, 9, 1}, 1), equal(1, unix.IPPROTO_IGMP))
		t.front(c, t.rule(dup(igmp), expr.VerdictDrop, ""))
		return nil
	}
	vmacs, err := t.addSet(c, nftables.Set{Name: string(setVMACs), KeyType: nftables.TypeIFIndex, KeyByteOrder: binaryutil.NativeEndian})
	if err != nil {
		return err
	}
	parents, err := t.addSet(c, nftables.Set{Name: string(setParentLinkLocal), Concatenation: true,
		KeyType: nftables.MustConcatSetType(nftables.TypeIP6Addr, nftables.TypeIFName)})
	if err != nil {
		return err
	}
	reports, err := t.addSet(c, nftables.Set{Name: string(setMLDReport), KeyType: nftables.TypeICMP6Type},
		icmpMLDReport, icmpMLDv2Report)
	if err != nil {
		return err
	}
	t.front(c,
		t.rule(join(icmpType(icmpNeighbourAdvert), oifKind(1, "macvlan"), t.load(t.source(), 1),
			meta(expr.MetaKeyOIFNAME, 2), lookup(1, parents)), expr.VerdictDrop, ""),
		t.rule(dup(join(icmpLoad(), lookup(1, reports))), expr.VerdictDrop, ""),
		t.rule(join(icmpType(icmpRouterSolicit), oifKind(2, "macvlan"), meta(expr.MetaKeyOIF, 2), lookup(2, vmacs)),
			expr.VerdictDrop, ""))
	return nil
}

// addDropRules makes the rules that drop the traffic of virtual addresses.
func (t *firewallTable) addDropRules(c *nftables.Conn) error {
	keyType := nftables.TypeIPAddr
	if t.family == config.IPv6 {
		keyType = nftables.TypeIP6Addr
	}
	vips, err := t.addSet(c, nftables.Set{Name: string(setVIPs), KeyType: keyType})
	if err != nil {
		return err
	}
	fromVIP := t.rule(join(t.load(t.source(), 1), lookup(1, vips)), expr.VerdictDrop, "")
	toVIP := t.rule(join(t.load(t.destination(), 1), lookup(1, vips)), expr.VerdictDrop, "")
	if t.family == config.IPv4 {
		t.back(c, t.out(c), fromVIP)
		t.back(c, t.in(c), toVIP)
		return nil
	}
	nd, err := t.addSet(c, nftables.Set{Name: string(setND), KeyType: nftables.TypeICMP6Type},
		icmpNeighbourSolicit, icmpNeighbourAdvert)
	if err != nil {
		return err
	}
	// Chains that are jumped to must exist first.
	t.out(c)
	t.in(c)
	t.chain(c, "in_link_local", nil)
	t.chain(c, "out_link_local", nil)
	isND := join(icmpLoad(), lookup(1, nd))
	t.back(c, t.out(c), t.rule(isND, expr.VerdictAccept, ""),
		t.rule(t.isLinkLocal(t.source()), expr.VerdictGoto, "out_link_local"), fromVIP)
	t.back(c, t.in(c), t.rule(isND, expr.VerdictAccept, ""),
		t.rule(t.isLinkLocal(t.destination()), expr.VerdictGoto, "in_link_local"), toVIP)
	return nil
}

// addLinkLocalRules makes the rules for link-local virtual addresses, which
// are told apart by their interface.
func (t *firewallTable) addLinkLocalRules(c *nftables.Conn, name setName) error {
	part, in, out := nftables.TypeIFIndex, expr.MetaKeyIIF, expr.MetaKeyOIF
	if name == setVIPsByName {
		part, in, out = nftables.TypeIFName, expr.MetaKeyIIFNAME, expr.MetaKeyOIFNAME
	}
	set, err := t.addSet(c, nftables.Set{Name: string(name), Concatenation: true,
		KeyType: nftables.MustConcatSetType(nftables.TypeIP6Addr, part)})
	if err != nil {
		return err
	}
	t.back(c, t.chains["in_link_local"],
		t.rule(join(t.load(t.destination(), 1), meta(in, 2), lookup(1, set)), expr.VerdictDrop, ""))
	t.back(c, t.chains["out_link_local"],
		t.rule(join(t.load(t.source(), 1), meta(out, 2), lookup(1, set)), expr.VerdictDrop, ""))
	return nil
}

// back appends rules to a chain.
func (t *firewallTable) back(c *nftables.Conn, chain *nftables.Chain, rules ...[]expr.Any) {
	for _, r := range rules {
		c.AddRule(&nftables.Rule{Table: t.table, Chain: chain, Exprs: r})
	}
}

// front puts rules in front of the output chain, in their order.
func (t *firewallTable) front(c *nftables.Conn, rules ...[]expr.Any) {
	chain := t.out(c)
	for _, r := range slices.Backward(rules) {
		c.InsertRule(&nftables.Rule{Table: t.table, Chain: chain, Exprs: r})
	}
}
