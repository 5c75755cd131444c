package ipvs

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// MarkTable is the nftables table of nftables_ipvs: for each protocol a map
// from destination address and port to the firewall mark of a group, and a
// rule at the input hook that sets it before IPVS looks.
//
//	table ip keepalived_ipvs {
//		map tcp_map { type ipv4_addr . inet_service : mark; flags interval; }
//		map tcp_any { as above, for entries without a port: asked last }
//		chain in {
//			type filter hook input priority -1;
//			meta l4proto tcp meta mark set ip daddr . tcp dport map @tcp_map return
//			meta l4proto tcp meta mark set ip daddr . tcp dport map @tcp_any return
//		}
//	}
//
// The table exists once for each address family that is needed.
type MarkTable struct {
	name      string
	priority  int32
	namespace string
	present   bool
}

// NewMarkTable returns a MarkTable in a network namespace, named as in Open,
// without touching the kernel. priority is that of the chain.
func NewMarkTable(name string, priority int32, namespace string) *MarkTable {
	return &MarkTable{name: name, priority: priority, namespace: namespace}
}

// maxElements bounds the elements of one message: their attribute holds less
// than 64 KiB.
const maxElements = 300

// Set makes the table hold entries, in one step: packets see the old or the
// new table. Without entries there is no table. A table of the same name that
// is there already is replaced.
func (m *MarkTable) Set(entries []MarkEntry) error {
	if len(entries) == 0 && !m.present {
		return nil
	}
	conn, done, err := m.open()
	if err != nil {
		return fmt.Errorf("nftables table %s: %w", m.name, err)
	}
	defer done()
	for _, family := range []config.Family{config.IPv4, config.IPv6} {
		mine := slices.DeleteFunc(slices.Clone(entries), func(e MarkEntry) bool { return familyOf(e.First) != family })
		if err := m.replace(conn, family, mine); err != nil {
			return fmt.Errorf("nftables table %s: %w", m.name, err)
		}
	}
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("nftables table %s: %w", m.name, err)
	}
	m.present = len(entries) > 0
	return nil
}

func (m *MarkTable) open() (*nftables.Conn, func(), error) {
	if m.namespace == "" {
		conn, err := nftables.New()
		return conn, func() {}, err
	}
	path := m.namespace
	if !strings.Contains(path, "/") {
		path = filepath.Join("/run/netns", path)
	}
	ns, err := netns.GetFromPath(path)
	if err != nil {
		return nil, nil, err
	}
	conn, err := nftables.New(nftables.WithNetNSFd(int(ns)))
	return conn, func() { ns.Close() }, err
}

func (m *MarkTable) replace(conn *nftables.Conn, family config.Family, entries []MarkEntry) error {
	table := &nftables.Table{Name: m.name, Family: nftables.TableFamilyIPv4}
	if family == config.IPv6 {
		table.Family = nftables.TableFamilyIPv6
	}
	// To delete a table that may not exist, it is added first.
	conn.AddTable(table)
	conn.DelTable(table)
	if len(entries) == 0 {
		return nil
	}
	conn.AddTable(table)
	priority := nftables.ChainPriority(m.priority)
	chain := conn.AddChain(&nftables.Chain{
		Name: "in", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: &priority,
	})
	for _, proto := range []config.Protocol{config.TCP, config.UDP, config.SCTP} {
		for _, any := range []bool{false, true} {
			mine := slices.DeleteFunc(slices.Clone(entries), func(e MarkEntry) bool {
				return e.Protocol != proto || any != (e.Port == 0)
			})
			if len(mine) == 0 {
				continue
			}
			set, err := addMarkMap(conn, table, family, proto, any, mine)
			if err != nil {
				return err
			}
			conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: markRule(family, proto, set)})
		}
	}
	return nil
}

func addMarkMap(conn *nftables.Conn, table *nftables.Table, family config.Family, proto config.Protocol, any bool, entries []MarkEntry) (*nftables.Set, error) {
	address := nftables.TypeIPAddr
	if family == config.IPv6 {
		address = nftables.TypeIP6Addr
	}
	name := proto.String() + "_map"
	if any {
		name = proto.String() + "_any"
	}
	set := &nftables.Set{
		Table: table, Name: name, IsMap: true, Interval: true, Concatenation: true,
		KeyType:  nftables.MustConcatSetType(address, nftables.TypeInetService),
		DataType: nftables.TypeMark,
	}
	if err := conn.AddSet(set, nil); err != nil {
		return nil, err
	}
	for part := range slices.Chunk(entries, maxElements) {
		elements := make([]nftables.SetElement, len(part))
		for i, e := range part {
			first, last := e.Port, e.Port
			if any {
				last = 65535
			}
			elements[i] = nftables.SetElement{
				Key: concatKey(e.First, first), KeyEnd: concatKey(e.Last, last),
				Val: binary.NativeEndian.AppendUint32(nil, e.Mark),
			}
		}
		if err := conn.SetAddElements(set, elements); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// concatKey is address and port, each filled up to a multiple of 32 bits.
func concatKey(a netip.Addr, port uint16) []byte {
	return append(binary.BigEndian.AppendUint16(a.AsSlice(), port), 0, 0)
}

// Registers of the rule: the address starts at the first, the port follows in
// the next free 32 bits. The mark comes back in the first.
const (
	regFirst    = unix.NFT_REG_1
	regPortIPv4 = unix.NFT_REG32_01
	regPortIPv6 = unix.NFT_REG_2
)

func markRule(family config.Family, proto config.Protocol, set *nftables.Set) []expr.Any {
	destination := &expr.Payload{DestRegister: regFirst, Base: expr.PayloadBaseNetworkHeader, Offset: 16, Len: 4}
	port := &expr.Payload{DestRegister: regPortIPv4, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2}
	if family == config.IPv6 {
		destination.Offset, destination.Len = 24, 16
		port.DestRegister = regPortIPv6
	}
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: regFirst},
		&expr.Cmp{Op: expr.CmpOpEq, Register: regFirst, Data: []byte{byte(proto)}},
		destination,
		port,
		&expr.Lookup{SourceRegister: regFirst, DestRegister: regFirst, IsDestRegSet: true, SetName: set.Name, SetID: set.ID},
		&expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: regFirst},
		&expr.Verdict{Kind: expr.VerdictReturn},
	}
}
