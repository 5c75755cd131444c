// Package iproute reads the lines of virtual_routes, static_routes,
// virtual_rules and static_rules, whose words are those of ip-route(8) and
// ip-rule(8), into typed values. It makes no system call; the names of tables,
// protocols and so on come from outside.
package iproute

// Table is one of iproute2's tables of names.
type Table uint8

// Tables of names; each is a file of iproute2 (rt_tables, rt_protos, ...).
const (
	Tables Table = iota
	Protocols
	Scopes
	DSFields
	Realms
	Groups
	AddressProtocols
)

// Names finds the number of a name of iproute2.
type Names interface {
	Number(table Table, name string) (uint32, bool)
}

// ProtocolKeepalived is RTPROT_KEEPALIVED, how routes and rules of ours are
// marked unless the line says otherwise.
const ProtocolKeepalived = 18
