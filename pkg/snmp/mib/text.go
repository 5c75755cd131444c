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

// branches are those of KEEPALIVED-MIB.
var branches = []branch{
	{"global", globalOID}, {"vrrp", vrrpOID}, {"check", checkOID}, {"mail", mailOID},
	{"vrrpTrap", vrrpOID.Append(10)}, {"vrrpTraps", vrrpTrapsOID}, {"vrrpTrapControl", vrrpOID.Append(10, 1)},
	{"checkTrap", checkOID.Append(5)}, {"checkTraps", checkTrapsOID}, {"checkTrapControl", checkOID.Append(5, 1)},
	{"lvsSyncDaemon", syncDaemonOID}, {"lvsTimeouts", timeoutsOID},
	{"conformance", keepalivedOID.Append(4)}, {"compliances", keepalivedOID.Append(4, 1)}, {"groups", keepalivedOID.Append(4, 2)},
}

// trap is a notification of KEEPALIVED-MIB.
type trap struct {
	name    string
	oid     OID
	objects []string
	doc     string
}

var traps = []trap{
	{"vrrpSyncGroupStateChange", vrrpTrapsOID.Append(1), []string{"vrrpSyncGroupName", "vrrpSyncGroupState", "routerId"}, "A sync group has entered a state."},
	{"vrrpInstanceStateChange", vrrpTrapsOID.Append(2), []string{"vrrpInstanceName", "vrrpInstanceState", "vrrpInstanceInitialState", "routerId"}, "An instance has entered a state."},
	{"realServerStateChange", checkTrapsOID.Append(1), []string{"realServerAddrType", "realServerAddress", "realServerPort", "realServerStatus", "virtualServerType", "virtualServerProtocol", "virtualServerRealServersUp", "virtualServerRealServersTotal", "routerId"}, "A real server has come up or gone down. After virtualServerType come the objects that name the virtual server: virtualServerNameOfGroup, or virtualServerFwMark, or virtualServerAddrType, virtualServerAddress and virtualServerPort."},
	{"virtualServerQuorumStateChange", checkTrapsOID.Append(2), []string{"virtualServerType", "virtualServerProtocol", "virtualServerQuorumStatus", "virtualServerQuorum", "virtualServerRealServersUp", "virtualServerRealServersTotal", "routerId"}, "A virtual server has gained or lost its quorum, or the daemon stops. After virtualServerType come the objects that name the virtual server, as in realServerStateChange."},
}

// bareNote is about all notifications.
const bareNote = " Objects of tables come without the index of their row, as keepalived sends them."

const mibHeader = `KEEPALIVED-MIB DEFINITIONS ::= BEGIN

-- Made by make generate from the tables in pkg/snmp/mib: do not edit by hand.
--
-- The names and numbers are those that keepalived has given its objects; the
-- descriptions are gokeepalived's own.

IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE,
    Integer32, Unsigned32, Gauge32, Counter32, Counter64, enterprises
        FROM SNMPv2-SMI
    MODULE-COMPLIANCE, OBJECT-GROUP, NOTIFICATION-GROUP
        FROM SNMPv2-CONF
    TEXTUAL-CONVENTION, DisplayString, TruthValue
        FROM SNMPv2-TC
    InetAddressType, InetAddress, InetPortNumber,
    InetAddressPrefixLength, InetScopeType
        FROM INET-ADDRESS-MIB
    InterfaceIndex, ifIndex
        FROM IF-MIB;

keepalived MODULE-IDENTITY
    LAST-UPDATED "202611270000Z"
    ORGANIZATION "gokeepalived"
    CONTACT-INFO "https://github.com/gokeepalived/gokeepalived"
    DESCRIPTION  "State and settings of a keepalived daemon: VRRP and IPVS
                 with health checks."
    REVISION     "202611270000Z"
    DESCRIPTION  "First version of gokeepalived."
    ::= { project 5 }

debian  OBJECT IDENTIFIER ::= { enterprises 9586 }
project OBJECT IDENTIFIER ::= { debian 100 }
`

// Text is the file KEEPALIVED-MIB.
func Text() []byte {
	m := &module{}
	for _, n := range slices.Concat(globalNodes, vrrpNodes, checkNodes) {
		n.describe(m)
	}
	slices.SortStableFunc(m.objects, func(a, b object) int { return a.oid.Compare(b.oid) })
	w := &mibWriter{names: map[string]string{keepalivedOID.String(): "keepalived"}}
	w.text.WriteString(mibHeader)
	w.conventions(m)
	for _, b := range branches {
		w.names[b.oid.String()] = b.name
	}
	for _, b := range branches {
		w.printf("%s OBJECT IDENTIFIER ::= %s\n", b.name, w.at(b.oid))
	}
	for i := range m.objects {
		w.object(m, i)
	}
	for _, t := range traps {
		w.trap(t)
	}
	w.groups(m)
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
	mode := map[access]string{readOnly: "read-only", readWrite: "read-write", notAccessible: "not-accessible"}[o.access]
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
		t.name, strings.Join(t.objects, ",\n                   "), quoted(t.doc+bareNote), w.at(t.oid))
}

// groups are the conformance part: one group for each status.
func (w *mibWriter) groups(m *module) {
	number := uint32(100)
	list := func(kind, clause, name, status, doc string, members []string) {
		number++
		w.printf("\n%s %s\n    %-12s { %s }\n    STATUS       %s\n    DESCRIPTION  %s\n    ::= { groups %d }\n",
			name, kind, clause, strings.Join(members, ",\n                   "), status, quoted(doc), number)
	}
	for _, g := range []struct{ name, status, doc string }{
		{"currentGroup", "current", "All objects."},
		{"deprecatedGroup", "deprecated", "Objects that others have taken the place of."},
		{"obsoleteGroup", "obsolete", "Objects that should not be used any more."},
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
		list("OBJECT-GROUP", "OBJECTS", g.name, g.status, g.doc, members)
	}
	var names []string
	for _, t := range traps {
		names = append(names, t.name)
	}
	list("NOTIFICATION-GROUP", "NOTIFICATIONS", "trapsGroup", "current", "All notifications.", names)
	w.printf(`
keepalivedCompliance MODULE-COMPLIANCE
    STATUS       current
    DESCRIPTION  "What an agent serves."
    MODULE
    MANDATORY-GROUPS { currentGroup, trapsGroup }
    ::= { compliances 100 }

deprecatedCompliance MODULE-COMPLIANCE
    STATUS       deprecated
    DESCRIPTION  "What it serves still."
    MODULE
    MANDATORY-GROUPS { deprecatedGroup }
    ::= { compliances 101 }
`)
}
