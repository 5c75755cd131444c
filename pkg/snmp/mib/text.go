package mib

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

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

// branch is an object identifier without a value.
type branch struct {
	name string
	oid  OID
}

// trap is a notification.
type trap struct {
	name    string
	oid     OID
	objects []string
	doc     string
}

// ModuleFile is a MIB module as a file.
type ModuleFile struct {
	Name string
	// header goes up to MODULE-IDENTITY, which names root.
	header   string
	root     branch
	branches []branch
	nodes    []node
	// notified are the objects that only notifications have.
	notified []object
	traps    []trap
	// groups and compliances are the branches of the conformance part, prefix
	// begins its names.
	groups, compliances, prefix string
}

// Text is the file.
func (f *ModuleFile) Text() []byte {
	m := &module{objects: slices.Clone(f.notified)}
	for _, n := range f.nodes {
		n.describe(m)
	}
	slices.SortStableFunc(m.objects, func(a, b object) int { return a.oid.Compare(b.oid) })
	w := &mibWriter{names: map[string]string{f.root.oid.String(): f.root.name}}
	w.text.WriteString(f.header)
	w.conventions(m)
	for _, b := range f.branches {
		w.names[b.oid.String()] = b.name
	}
	for _, b := range f.branches {
		w.printf("%s OBJECT IDENTIFIER ::= %s\n", b.name, w.at(b.oid))
	}
	for i := range m.objects {
		w.object(m, i)
	}
	for _, t := range f.traps {
		w.trap(t)
	}
	w.conformance(f, m)
	w.printf("\nEND\n")
	return []byte(w.text.String())
}

// mibWriter writes SMIv2.
type mibWriter struct {
	text  strings.Builder
	names map[string]string // of objects, by OID
}

func (w *mibWriter) printf(format string, args ...any) { fmt.Fprintf(&w.text, format, args...) }

// at is the place of an object: "{ vrrp 3 }".
func (w *mibWriter) at(o OID) string {
	return fmt.Sprintf("{ %s %d }", w.names[o[:len(o)-1].String()], o[len(o)-1])
}

// quoted is a description, broken into lines.
func quoted(doc string) string {
	var b strings.Builder
	b.WriteString("\"")
	column := 0
	for i, word := range strings.Fields(doc) {
		switch {
		case i == 0:
		case column+1+len(word) > 62:
			b.WriteString("\n                 ")
			column = 0
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteString("\"")
	return b.String()
}

func (w *mibWriter) conventions(m *module) {
	seen := map[string]bool{}
	for _, o := range m.objects {
		c := o.syntax.Convention
		if c == nil || seen[o.syntax.Text] {
			continue
		}
		seen[o.syntax.Text] = true
		hint := ""
		if o.syntax.Kind == agentx.KindGauge32 {
			hint = "    DISPLAY-HINT \"d\"\n"
		}
		w.printf("\n%s ::= TEXTUAL-CONVENTION\n"+hint+"    STATUS       current\n    DESCRIPTION  %s\n    SYNTAX       %s\n", o.syntax.Text, quoted(c.Doc), folded(c.Text))
	}
	w.printf("\n")
}

// folded breaks a long enumeration into lines.
func folded(syntax string) string {
	if len(syntax) < 60 {
		return syntax
	}
	return strings.ReplaceAll(syntax, ", ", ",\n                   ")
}

// entryName is the name of the row of a table.
func entryName(table string) string { return strings.TrimSuffix(table, "Table") + "Entry" }

func upper(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func (w *mibWriter) object(m *module, i int) {
	o := &m.objects[i]
	w.names[o.oid.String()] = o.name
	if o.index != nil {
		w.table(m, i)
		return
	}
	status := o.status
	if status == "" {
		status = "current"
	}
	mode := map[access]string{readOnly: "read-only", readWrite: "read-write", notAccessible: "not-accessible", notifyOnly: "accessible-for-notify"}[o.access]
	if o.syntax.Text == rowStatus.Text {
		mode = "read-create" // no other is legal (RFC 2579)
	}
	w.printf("\n%s OBJECT-TYPE\n    SYNTAX       %s\n    MAX-ACCESS   %s\n    STATUS       %s\n    DESCRIPTION  %s\n    ::= %s\n",
		o.name, folded(o.syntax.Text), mode, status, quoted(o.doc), w.at(o.oid))
}

func (w *mibWriter) table(m *module, i int) {
	t := &m.objects[i]
	row := entryName(t.name)
	w.names[t.oid.Append(entry).String()] = row
	w.printf("\n%s OBJECT-TYPE\n    SYNTAX       SEQUENCE OF %s\n    MAX-ACCESS   not-accessible\n    STATUS       current\n    DESCRIPTION  %s\n    ::= %s\n",
		t.name, upper(row), quoted(t.doc), w.at(t.oid))
	w.printf("\n%s OBJECT-TYPE\n    SYNTAX       %s\n    MAX-ACCESS   not-accessible\n    STATUS       current\n    DESCRIPTION  \"One row of %s.\"\n    INDEX        { %s }\n    ::= %s\n",
		row, upper(row), t.name, strings.Join(t.index, ", "), w.at(t.oid.Append(entry)))
	w.printf("\n%s ::= SEQUENCE {\n", upper(row))
	for j := i + 1; j < len(m.objects) && m.objects[j].oid.HasPrefix(t.oid); j++ {
		o := &m.objects[j]
		comma := ","
		if j+1 == len(m.objects) || !m.objects[j+1].oid.HasPrefix(t.oid) {
			comma = ""
		}
		base, _, _ := strings.Cut(o.syntax.Text, " ")
		w.printf("    %-34s %s%s\n", o.name, base, comma)
	}
	w.printf("}\n")
}

func (w *mibWriter) trap(t trap) {
	w.printf("\n%s NOTIFICATION-TYPE\n    OBJECTS      { %s }\n    STATUS       current\n    DESCRIPTION  %s\n    ::= %s\n",
		t.name, strings.Join(t.objects, ",\n                   "), quoted(t.doc), w.at(t.oid))
}

// conformance is the last part: one group for each status.
func (w *mibWriter) conformance(f *ModuleFile, m *module) {
	number := uint32(100)
	list := func(kind, clause, name, status, doc string, members []string) {
		number++
		w.printf("\n%s %s\n    %-12s { %s }\n    STATUS       %s\n    DESCRIPTION  %s\n    ::= { %s %d }\n",
			name, kind, clause, strings.Join(members, ",\n                   "), status, quoted(doc), f.groups, number)
	}
	var current, deprecated []string
	for _, g := range []struct {
		name, status, doc string
		mandatory         *[]string
	}{
		{"currentGroup", "current", "All objects.", &current},
		{"deprecatedGroup", "deprecated", "Objects that others have taken the place of.", &deprecated},
		{"obsoleteGroup", "obsolete", "Objects that should not be used any more.", nil},
	} {
		var members []string
		for _, o := range m.objects {
			status := o.status
			if status == "" {
				status = "current"
			}
			if o.access != notAccessible && status == g.status {
				members = append(members, o.name)
			}
		}
		if members == nil {
			continue
		}
		name := f.named(g.name)
		list("OBJECT-GROUP", "OBJECTS", name, g.status, g.doc, members)
		if g.mandatory != nil {
			*g.mandatory = append(*g.mandatory, name)
		}
	}
	var names []string
	for _, t := range f.traps {
		names = append(names, t.name)
	}
	list("NOTIFICATION-GROUP", "NOTIFICATIONS", f.named("trapsGroup"), "current", "All notifications.", names)
	current = append(current, f.named("trapsGroup"))
	for i, c := range []struct {
		name, status, doc string
		groups            []string
	}{
		{"compliance", "current", "What an agent serves.", current},
		{"deprecatedCompliance", "deprecated", "What it serves still.", deprecated},
	} {
		if c.groups == nil {
			continue
		}
		w.printf("\n%s MODULE-COMPLIANCE\n    STATUS       %s\n    DESCRIPTION  %s\n    MODULE\n    MANDATORY-GROUPS { %s }\n    ::= { %s %d }\n",
			f.named(c.name), c.status, quoted(c.doc), strings.Join(c.groups, ", "), f.compliances, 100+i)
	}
}

// named is a name of the conformance part.
func (f *ModuleFile) named(word string) string {
	if f.prefix == "" {
		return word
	}
	return f.prefix + upper(word)
}
