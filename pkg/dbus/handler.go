package dbus

import (
	_ "embed"
	"fmt"
	"os"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Interfaces.
const (
	processInterface  = "org.keepalived.Vrrp1.Vrrp"
	instanceInterface = "org.keepalived.Vrrp1.Instance"

	busInterface        = "org.freedesktop.DBus"
	peerInterface       = busInterface + ".Peer"
	introspectInterface = busInterface + ".Introspectable"
	propertiesInterface = busInterface + ".Properties"
)

// call is one method call by another program. It is every step of the look-up
// that the library makes, so that all decisions are in one place.
type call struct {
	sink          *Sink
	path          dbus.ObjectPath
	iface, member string
}

// LookupObject begins a call (dbus.Handler).
func (s *Sink) LookupObject(path dbus.ObjectPath) (dbus.ServerObject, bool) {
	return call{sink: s, path: path}, true
}

func (c call) LookupInterface(name string) (dbus.Interface, bool) {
	c.iface = name
	return c, true
}

func (c call) LookupMethod(name string) (dbus.Method, bool) {
	c.member = name
	return c, true
}

// DecodeArguments passes the arguments on as they came.
func (c call) DecodeArguments(_ *dbus.Conn, _ string, _ *dbus.Message, args []any) ([]any, error) {
	return args, nil
}

func (c call) NumArguments() int     { return 0 }
func (c call) NumReturns() int       { return 0 }
func (c call) ArgumentValue(int) any { return nil }
func (c call) ReturnValue(int) any   { return nil }

// takePeerCalls lets calls of Peer come to us too: the library answers them
// with the id of the bus instead of that of the machine.
func takePeerCalls(m *dbus.Message) {
	if m.Type == dbus.TypeMethodCall && m.Headers[dbus.FieldInterface].Value() == peerInterface {
		delete(m.Headers, dbus.FieldInterface)
	}
}

// Errors of the bus (D-Bus specification, and what GLib answers).
func failure(name, format string, args ...any) *dbus.Error {
	return dbus.NewError(busInterface+".Error."+name, []any{fmt.Sprintf(format, args...)})
}

// method is what a call does. signature is that of its arguments.
type method struct {
	iface, signature string
	run              func(call, []any) ([]any, error)
}

// methods are those that every object has, processMethods and instanceMethods
// the ones of our interfaces.
var (
	methods = map[string]method{
		"Ping":         {peerInterface, "", func(call, []any) ([]any, error) { return nil, nil }},
		"GetMachineId": {peerInterface, "", func(call, []any) ([]any, error) { return machineID() }},
		"Introspect":   {introspectInterface, "", call.introspect},
		"Get":          {propertiesInterface, "ss", call.get},
		"GetAll":       {propertiesInterface, "s", call.getAll},
		"Set":          {propertiesInterface, "ssv", call.set},
	}
	processMethods = map[string]method{
		"PrintData":       {processInterface, "", call.printData},
		"PrintStats":      {processInterface, "", call.printStats},
		"PrintStatsClear": {processInterface, "", call.clearStats},
		"ReloadConfig":    {processInterface, "", call.reload},
	}
	instanceMethods = map[string]method{
		"SendGarp": {instanceInterface, "", call.sendGARP},
	}
)

// Call answers (dbus.Method). An interface may be left out.
func (c call) Call(args ...any) ([]any, error) {
	c.sink.mu.Lock()
	m, exists := c.sink.model, false
	var own map[string]method
	if m != nil {
		switch {
		case c.path == m.process:
			own, exists = processMethods, true
		case m.byPath[c.path] != nil:
			own, exists = instanceMethods, true
		default:
			exists = len(m.children(c.path)) > 0
		}
	}
	c.sink.mu.Unlock()
	found, known := own[c.member]
	if !known {
		found, known = methods[c.member]
		// What is only on the way to objects has no properties.
		known = known && (own != nil || found.iface != propertiesInterface)
	}
	switch {
	case !exists && found.iface != peerInterface && found.iface != introspectInterface:
		return nil, failure("UnknownMethod", "Object does not exist at path “%s”", c.path)
	case !known || c.iface != "" && c.iface != found.iface:
		return nil, failure("UnknownMethod", "No such method “%s” of interface “%s” at path “%s”", c.member, c.iface, c.path)
	}
	if got := dbus.SignatureOf(args...).String(); got != found.signature {
		return nil, failure("InvalidArgs", "Type of message, “(%s)”, does not match expected type “(%s)”", got, found.signature)
	}
	return found.run(c, args)
}

// machineID is what Peer.GetMachineId returns.
func machineID() ([]any, error) {
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		if text, err := os.ReadFile(path); err == nil {
			return []any{strings.TrimSpace(string(text))}, nil
		}
	}
	return nil, failure("Failed", "this machine has no /etc/machine-id")
}

// Types of the properties.
type (
	nameValue  struct{ Name string }
	stateValue struct {
		Number uint32
		Word   string
	}
)

// properties are those of an interface of the object, nil if it has no such
// interface.
func (c call) properties(iface string) map[string]dbus.Variant {
	c.sink.mu.Lock()
	defer c.sink.mu.Unlock()
	if c.sink.model == nil {
		return nil
	}
	if c.path == c.sink.model.process && iface == processInterface {
		return map[string]dbus.Variant{}
	}
	o := c.sink.model.byPath[c.path]
	if o == nil || iface != instanceInterface {
		return nil
	}
	return map[string]dbus.Variant{
		"Name":  dbus.MakeVariant(nameValue{o.name}),
		"State": dbus.MakeVariant(stateValue{uint32(o.state), stateWord(o.state)}),
	}
}

func (c call) get(args []any) ([]any, error) {
	iface, name := args[0].(string), args[1].(string)
	all := c.properties(iface)
	if all == nil {
		return nil, failure("InvalidArgs", "No such interface “%s”", iface)
	}
	value, ok := all[name]
	if !ok {
		return nil, failure("InvalidArgs", "No such property “%s”", name)
	}
	return []any{value}, nil
}

func (c call) getAll(args []any) ([]any, error) {
	all := c.properties(args[0].(string))
	if all == nil {
		return nil, failure("InvalidArgs", "No such interface “%s”", args[0])
	}
	return []any{all}, nil
}

func (c call) set(args []any) ([]any, error) {
	if _, err := c.get(args[:2]); err != nil {
		return nil, err
	}
	return nil, failure("InvalidArgs", "Property “%s” is not writable", args[1])
}

func (c call) sendGARP([]any) ([]any, error) {
	c.sink.mu.Lock()
	m := c.sink.model
	var o *object
	if m != nil {
		o = m.byPath[c.path]
	}
	var name string
	var state event.State
	if o != nil {
		name, state = o.name, o.state
	}
	c.sink.mu.Unlock()
	c.sink.opt.Log.Info(fmt.Sprintf(logtext.DBusGARP, name))
	if state != event.Master {
		c.sink.opt.Log.Info(fmt.Sprintf(textNotMaster, name, state))
		return nil, nil
	}
	c.sink.opt.Announce(name)
	return nil, nil
}

func (c call) printData([]any) ([]any, error) { return c.print(logtext.DBusData, c.sink.opt.PrintData) }
func (c call) printStats([]any) ([]any, error) {
	return c.print(logtext.DBusStats, c.sink.opt.PrintStats)
}
func (c call) clearStats([]any) ([]any, error) {
	return c.print(logtext.DBusClearStats, c.sink.opt.ClearStats)
}

// print writes a file. One is written at a time, and nobody waits: the bus
// shall not be able to make us do the same over and over.
func (c call) print(text string, write func() error) ([]any, error) {
	select {
	case c.sink.printing <- struct{}{}:
		defer func() { <-c.sink.printing }()
	default:
		return nil, failure("LimitsExceeded", "a file is being written for somebody else: try again")
	}
	c.sink.opt.Log.Info(text)
	if err := write(); err != nil {
		return nil, failure("Failed", "%v", err)
	}
	return nil, nil
}

func (c call) reload([]any) ([]any, error) {
	if err := c.sink.opt.Reload(); err != nil {
		return nil, failure("Failed", "%v", err)
	}
	return nil, nil
}

//go:embed interfaces/org.keepalived.Vrrp1.Vrrp.xml
var processXML string

//go:embed interfaces/org.keepalived.Vrrp1.Instance.xml
var instanceXML string

// introspect describes an object and what is below it; where there is nothing
// that is empty, as GLib has it.
func (c call) introspect([]any) ([]any, error) {
	c.sink.mu.Lock()
	defer c.sink.mu.Unlock()
	m := c.sink.model
	var b strings.Builder
	b.WriteString(introspectHead)
	switch {
	case m == nil:
	case c.path == m.process:
		b.WriteString(standardXML + interfacePart(processXML))
	case m.byPath[c.path] != nil:
		b.WriteString(standardXML + interfacePart(instanceXML))
	}
	for _, name := range m.children(c.path) {
		// Elements of paths have nothing that XML would take amiss.
		fmt.Fprintf(&b, "  <node name=\"%s\"/>\n", name)
	}
	b.WriteString("</node>\n")
	return []any{b.String()}, nil
}

// interfacePart is the interface of one of our files.
func interfacePart(text string) string {
	_, part, _ := strings.Cut(text, "<node>\n")
	part, _, _ = strings.Cut(part, "</node>")
	return part
}

const introspectHead = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node>
`

// standardXML are the interfaces of every object.
const standardXML = `  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get">
      <arg type="s" name="interface_name" direction="in"/>
      <arg type="s" name="property_name" direction="in"/>
      <arg type="v" name="value" direction="out"/>
    </method>
    <method name="GetAll">
      <arg type="s" name="interface_name" direction="in"/>
      <arg type="a{sv}" name="properties" direction="out"/>
    </method>
    <method name="Set">
      <arg type="s" name="interface_name" direction="in"/>
      <arg type="s" name="property_name" direction="in"/>
      <arg type="v" name="value" direction="in"/>
    </method>
    <signal name="PropertiesChanged">
      <arg type="s" name="interface_name"/>
      <arg type="a{sv}" name="changed_properties"/>
      <arg type="as" name="invalidated_properties"/>
    </signal>
  </interface>
  <interface name="org.freedesktop.DBus.Introspectable">
    <method name="Introspect">
      <arg type="s" name="xml_data" direction="out"/>
    </method>
  </interface>
  <interface name="org.freedesktop.DBus.Peer">
    <method name="Ping"/>
    <method name="GetMachineId">
      <arg type="s" name="machine_uuid" direction="out"/>
    </method>
  </interface>
`
