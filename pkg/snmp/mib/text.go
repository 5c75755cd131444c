package mib

// object is what the MIB file says of one object.
type object struct {
	name   string
	oid    OID
	syntax Syntax
	access access
	status string // "" for current
	doc    string
	index  []string // of a table, else nil
}

// module collects the objects of a MIB file.
type module struct{ objects []object }

func (m *module) table(name string, o OID, doc string, index []string) {
	m.objects = append(m.objects, object{name: name, oid: o, doc: doc, index: index, access: notAccessible})
}

func (m *module) object(name string, o OID, s Syntax, a access, status, doc string) {
	m.objects = append(m.objects, object{name: name, oid: o, syntax: s, access: a, status: status, doc: doc})
}
