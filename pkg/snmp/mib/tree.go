package mib

import (
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// Tree answers for the objects of one process.
type Tree struct {
	// Subtrees are what is registered with the master.
	Subtrees []OID
	nodes    []node // sorted by prefix
}

// Roots of the subtrees, and the tables whose objects are in notifications.
var (
	keepalivedOID = OID{1, 3, 6, 1, 4, 1, 9586, 100, 5}
	globalOID     = keepalivedOID.Append(1)
	vrrpOID       = keepalivedOID.Append(2)
	checkOID      = keepalivedOID.Append(3)
	syncGroupOID  = vrrpOID.Append(1)
	instanceOID   = vrrpOID.Append(3)
	rfc2787OID    = OID{1, 3, 6, 1, 2, 1, 68}
	rfc6527OID    = OID{1, 3, 6, 1, 2, 1, 207}
)

func (t *Tree) add(root OID, nodes ...node) {
	t.Subtrees = append(t.Subtrees, root)
	t.nodes = append(t.nodes, nodes...)
	slices.SortFunc(t.nodes, func(a, b node) int { return a.prefix().Compare(b.prefix()) })
}

// VRRP is the tree of the vrrp process; nil when nothing of it is asked for.
// checkers says that there is a checker process, whose part the global
// objects are when it serves any.
func VRRP(c *config.Config, checkers bool) *Tree {
	t := &Tree{}
	s := &c.Global.SNMP
	if s.VRRP {
		if !s.Checker || !checkers {
			t.add(globalOID, globalNodes()...)
		}
		t.add(vrrpOID, vrrpNodes()...)
	}
	if s.RFCv2 {
		t.add(rfc2787OID, rfc2787Nodes()...)
	}
	if s.RFCv3 {
		t.add(rfc6527OID, rfc6527Nodes()...)
	}
	if len(t.nodes) == 0 {
		return nil
	}
	return t
}

// Checkers is the tree of the checker process; nil when it is not asked for.
func Checkers(c *config.Config) *Tree {
	if !c.Global.SNMP.Checker {
		return nil
	}
	t := &Tree{}
	t.add(globalOID, globalNodes()...)
	t.add(checkOID, checkNodes()...)
	return t
}

// at finds the last node whose prefix is not after name, -1 if there is none.
func (t *Tree) at(name OID) int {
	i, exact := slices.BinarySearchFunc(t.nodes, name, func(n node, name OID) int { return n.prefix().Compare(name) })
	if exact {
		return i
	}
	return i - 1
}

// Get reads an object; the kinds NoSuchObject and NoSuchInstance say that it
// is not there.
func (t *Tree) Get(v *View, name OID) Value {
	value, _ := t.find(v, name)
	return value
}

func (t *Tree) find(v *View, name OID) (Value, Setter) {
	i := t.at(name)
	if i < 0 || !name.HasPrefix(t.nodes[i].prefix()) {
		return Value{Kind: agentx.NoSuchObject}, nil
	}
	return t.nodes[i].find(v, name[len(t.nodes[i].prefix()):])
}

// Next finds the first object in a range. Without one it returns the start of
// the range with the kind EndOfMIBView.
func (t *Tree) Next(v *View, r agentx.Range) agentx.VarBind {
	i := t.at(r.Start)
	rest := OID(nil)
	include := r.Include
	switch {
	case i < 0:
		i = 0
	case r.Start.HasPrefix(t.nodes[i].prefix()):
		rest = r.Start[len(t.nodes[i].prefix()):]
	default:
		i++
	}
	for ; i < len(t.nodes); i++ {
		prefix := t.nodes[i].prefix()
		if len(r.End) > 0 && prefix.Compare(r.End) >= 0 {
			break
		}
		if found, value, ok := t.nodes[i].after(v, rest, include); ok {
			name := prefix.Append(found...)
			if len(r.End) > 0 && name.Compare(r.End) >= 0 {
				break
			}
			return agentx.VarBind{Name: name, Value: value}
		}
		rest = nil
	}
	return agentx.VarBind{Name: r.Start, Value: Value{Kind: agentx.EndOfMIBView}}
}

// Test checks a Set of one object and returns the change that it asks for.
func (t *Tree) Test(v *View, b agentx.VarBind) (Change, agentx.Error) {
	value, set := t.find(v, b.Name)
	switch {
	case set == nil:
		return nil, agentx.NotWritable
	case b.Value.Kind != value.Kind:
		return nil, agentx.WrongType
	}
	return set(b.Value)
}
