package mib

import (
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// node is a scalar or a table: the objects below one OID.
type node interface {
	// prefix is the OID that all its objects are below.
	prefix() OID
	// find reads the object at rest below the prefix.
	find(v *View, rest OID) (Value, Setter)
	// after finds the first object after rest, or at it if include is set,
	// and returns what of its name is below the prefix.
	after(v *View, rest OID, include bool) (OID, Value, bool)
	// describe adds what the MIB file says of it.
	describe(m *module)
}

// Access of an object in the MIB file.
type access uint8

const (
	readOnly access = iota
	readWrite
	notAccessible
	notifyOnly
)

// Setter turns a new value of one object into a change, or says what is wrong
// with it; nil when the object cannot be written.
type Setter func(Value) (Change, agentx.Error)

// Row is a row of a table: what of its objects' names follows the column, and
// what they are read from.
type Row[R any] struct {
	Index OID
	Data  R
}

// Column is one column of a table.
type Column[R any] struct {
	Number uint32
	Name   string
	Syntax Syntax
	Doc    string
	// Read is the value in a row, the zero Value if the row has none; nil for
	// an index, which is not accessible.
	Read func(r *R) Value
	// Set checks a new value.
	Set func(r *R, new Value) (Change, agentx.Error)
	// Writable is what the MIB file says of an object that can be written in
	// the MIB but not here.
	Writable bool
	// Status is "" for current.
	Status string
}

// Table is a table of the tree.
type Table[R any] struct {
	Name string
	OID  OID
	Doc  string
	// Index are the names of the index objects.
	Index []string
	// Rows are the rows, sorted by their index.
	Rows    func(v *View) []Row[R]
	Columns []Column[R] // sorted by their number
}

// entry is the number of the row object below a table.
const entry = 1

func (t *Table[R]) prefix() OID { return t.OID }

// rows are the rows of a view, made when they are first asked for.
func (t *Table[R]) rows(v *View) []Row[R] {
	if have, ok := v.rows[t]; ok {
		return have.([]Row[R])
	}
	list := t.Rows(v)
	if v.rows == nil {
		v.rows = map[any]any{}
	}
	v.rows[t] = list
	return list
}

// column finds the first column with a number of at least n.
func (t *Table[R]) column(n uint32) (i int, exact bool) {
	return slices.BinarySearchFunc(t.Columns, n, func(c Column[R], n uint32) int {
		return int(int64(c.Number) - int64(n))
	})
}

// row finds the first row whose index is at least the given one.
func (t *Table[R]) row(rows []Row[R], index OID) (i int, exact bool) {
	return slices.BinarySearchFunc(rows, index, func(r Row[R], index OID) int { return r.Index.Compare(index) })
}

func (t *Table[R]) find(v *View, rest OID) (Value, Setter) {
	if len(rest) < 2 || rest[0] != entry {
		return Value{Kind: agentx.NoSuchObject}, nil
	}
	i, ok := t.column(rest[1])
	if !ok || t.Columns[i].Read == nil {
		return Value{Kind: agentx.NoSuchObject}, nil
	}
	rows := t.rows(v)
	j, ok := t.row(rows, rest[2:])
	if !ok {
		return Value{Kind: agentx.NoSuchInstance}, nil
	}
	c, r := &t.Columns[i], &rows[j].Data
	value := c.Read(r)
	if value.Kind == agentx.KindNone {
		return Value{Kind: agentx.NoSuchInstance}, nil
	}
	if c.Set == nil {
		return value, nil
	}
	return value, func(new Value) (Change, agentx.Error) { return c.Set(r, new) }
}

func (t *Table[R]) after(v *View, rest OID, include bool) (OID, Value, bool) {
	column, row := 0, 0
	rows := t.rows(v)
	switch {
	case len(rest) == 0 || rest[0] < entry:
	case rest[0] > entry:
		return nil, none, false
	case len(rest) > 1:
		var exact bool
		if column, exact = t.column(rest[1]); !exact {
			break
		}
		if row, exact = t.row(rows, rest[2:]); exact && !include {
			row++
		}
	}
	for ; column < len(t.Columns); column, row = column+1, 0 {
		c := &t.Columns[column]
		if c.Read == nil {
			continue
		}
		for ; row < len(rows); row++ {
			if value := c.Read(&rows[row].Data); value.Kind != agentx.KindNone {
				return append(OID{entry, c.Number}, rows[row].Index...), value, true
			}
		}
	}
	return nil, none, false
}

func (t *Table[R]) describe(m *module) {
	m.table(t.Name, t.OID, t.Doc, t.Index)
	for i := range t.Columns {
		c := &t.Columns[i]
		a := readOnly
		switch {
		case c.Read == nil:
			a = notAccessible
		case c.Set != nil || c.Writable:
			a = readWrite
		}
		m.object(c.Name, t.OID.Append(entry, c.Number), c.Syntax, a, c.Status, c.Doc)
	}
}

// numbered gives rows the indices 1, 2, 3..., after those of outer.
func numbered[R any](outer OID, list []R) []Row[R] {
	rows := make([]Row[R], len(list))
	for i, r := range list {
		rows[i] = Row[R]{outer.Append(uint32(i + 1)), r}
	}
	return rows
}

// position is the index column of a table whose rows are numbered.
func position[R any](number uint32, name, doc string) Column[R] {
	return Column[R]{Number: number, Name: name, Syntax: plain("Integer32 (1..2147483647)", agentx.KindInteger), Doc: doc}
}

// Scalar is an object with one value.
type Scalar struct {
	Name   string
	OID    OID
	Syntax Syntax
	Doc    string
	Read   func(v *View) Value
	// Writable as in Column.
	Writable bool
}

func (s *Scalar) prefix() OID { return s.OID }

func (s *Scalar) find(v *View, rest OID) (Value, Setter) {
	if len(rest) != 1 || rest[0] != 0 {
		return Value{Kind: agentx.NoSuchInstance}, nil
	}
	value := s.Read(v)
	if value.Kind == agentx.KindNone {
		value.Kind = agentx.NoSuchInstance
	}
	return value, nil
}

func (s *Scalar) after(v *View, rest OID, include bool) (OID, Value, bool) {
	if c := rest.Compare(OID{0}); c > 0 || c == 0 && !include {
		return nil, none, false
	}
	value := s.Read(v)
	return OID{0}, value, value.Kind != agentx.KindNone
}

func (s *Scalar) describe(m *module) {
	a := readOnly
	if s.Writable {
		a = readWrite
	}
	m.object(s.Name, s.OID, s.Syntax, a, "", s.Doc)
}
