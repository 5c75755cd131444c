package daemon

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

const (
	busService = "org.keepalived.Vrrp1"
	busRoot    = "/org/keepalived/Vrrp1"
)

// busInstances are three instances, whose elections end one after the other.
const busInstances = `vrrp_instance VI_1 {
	version 3
	interface eth0
	virtual_router_id 51
	priority 250
	advert_int 0.5
	virtual_ipaddress {
		10.9.0.100/24
	}
}
vrrp_instance VI_2 {
	version 3
	interface eth0
	virtual_router_id 52
	priority 150
	advert_int 0.5
	unicast_src_ip 10.9.0.1
	unicast_peer {
		10.9.0.2
	}
	virtual_ipaddress {
		10.9.0.101/24
	}
}
vrrp_instance VI_6 {
	version 3
	interface eth0
	virtual_router_id 53
	priority 50
	advert_int 0.5
	virtual_ipaddress {
		fe80::1234
	}
}
`

// TestDBusAgainstKeepalived runs the same scenario with keepalived and with
// us: objects, interfaces, properties, errors, files and the order of signals
// are the same.
func TestDBusAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "netns", "keepalived", "dbus")
	theirs := busScenario(t, "gkdmn-dbus1", func(r *trial) { r.program = "keepalived" })
	ours := busScenario(t, "gkdmn-dbus2", func(*trial) {})
	for i := range max(len(theirs), len(ours)) {
		var a, b string
		if i < len(theirs) {
			a = theirs[i]
		}
		if i < len(ours) {
			b = ours[i]
		}
		if a != b {
			t.Errorf("keepalived: %s\n      ours: %s", a, b)
		}
	}
}

func busScenario(t *testing.T, name string, setUp func(*trial)) (saw []string) {
	see := func(what string, texts ...string) { saw = append(saw, what+": "+strings.Join(texts, ", ")) }
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	w := bus.Watch(busService, busRoot)
	ns := newNetwork(t, name)
	nstest.Eventually(t, patience, "a link local address", func() (bool, string) {
		list := ns.Addresses("eth0")
		return len(list) > 1, fmt.Sprint(list)
	})
	r := newTrial(t, globals("enable_dbus")+busInstances)
	r.env = append(r.env, "DBUS_SYSTEM_BUS_ADDRESS="+bus.Address(), fakeVariable+"="+realEngines)
	setUp(r)
	ns.Do(func() { r.run("-D") })
	one := busRoot + "/Instance/eth0/51/IPv4"
	started := w.AwaitLast("/Instance/eth0/53/IPv6.VrrpStatusChange 2", patience)
	// Whether the bus or the engine is faster is chance: states may be told as
	// 0 first, and the name be taken before the others.
	told := map[string]bool{"name taken": true}
	see("start", slices.DeleteFunc(started, func(s string) bool {
		again := told[s] || strings.HasSuffix(s, " 0")
		told[s] = true
		return again
	})...)
	see("objects", objects(w, "")...)
	see("nothing", objects(w, "/Instance/eth0/99/IPv4")...)
	for _, c := range []struct {
		path, method string
		args         []any
	}{
		{"/Instance/eth0/51/IPv4", "org.freedesktop.DBus.Properties.Get", []any{"org.keepalived.Vrrp1.Instance", "Name"}},
		{"/Instance/eth0/51/IPv4", "org.freedesktop.DBus.Properties.Get", []any{"org.keepalived.Vrrp1.Instance", "State"}},
		{"/Instance/eth0/53/IPv6", "org.freedesktop.DBus.Properties.GetAll", []any{"org.keepalived.Vrrp1.Instance"}},
		{"/Vrrp", "org.freedesktop.DBus.Properties.GetAll", []any{"org.keepalived.Vrrp1.Vrrp"}},
		{"/Vrrp", "org.freedesktop.DBus.Peer.Ping", nil},
		{"/Instance/eth0/51/IPv4", "org.keepalived.Vrrp1.Instance.SendGarp", nil},
		{"/Vrrp", "org.keepalived.Vrrp1.Vrrp.PrintData", nil},
		{"/Vrrp", "org.keepalived.Vrrp1.Vrrp.PrintStats", nil},
		{"/Vrrp", "org.keepalived.Vrrp1.Vrrp.PrintStatsClear", nil},
		// Errors: the name counts, the text is for people.
		{"/Instance/eth0/51/IPv4", "org.freedesktop.DBus.Properties.Get", []any{"org.keepalived.Vrrp1.Instance", "Nothing"}},
		{"/Instance/eth0/51/IPv4", "org.freedesktop.DBus.Properties.Get", []any{"org.example.Nothing", "Name"}},
		{"/Instance/eth0/51/IPv4", "org.freedesktop.DBus.Properties.Set", []any{"org.keepalived.Vrrp1.Instance", "Name", dbus.MakeVariant("x")}},
		{"/Instance/eth0/51", "org.freedesktop.DBus.Properties.GetAll", []any{"org.keepalived.Vrrp1.Instance"}},
		{"/Instance/eth0/99/IPv4", "org.keepalived.Vrrp1.Instance.SendGarp", nil},
		{"/Vrrp", "org.keepalived.Vrrp1.Vrrp.Nothing", nil},
		{"/Vrrp", "org.keepalived.Vrrp1.Instance.SendGarp", nil},
		{"/Vrrp", "org.keepalived.Vrrp1.Vrrp.PrintData", []any{"x"}},
	} {
		answer, _, _ := strings.Cut(w.Call(c.path, c.method, c.args...), ": ")
		see(c.path+" "+c.method, answer)
	}
	r.await("Printing and clearing VRRP stats on DBus request")
	see("log", onBus(r)...)
	see("files", fmt.Sprint(r.exists("keepalived.data"), r.exists("keepalived.stats")))

	r.configure(globals("enable_dbus") + strings.Replace(busInstances, "virtual_router_id 52", "virtual_router_id 62", 1))
	see("reload", w.Call("/Vrrp", "org.keepalived.Vrrp1.Vrrp.ReloadConfig"))
	r.await("Reload complete")
	see("reload", w.AwaitLast("/Instance/eth0/62/IPv4.VrrpStatusChange 2", patience)...)
	see("objects", objects(w, "")...)

	ns.Down("eth0")
	see("link down", w.AwaitLast("/Instance/eth0/53/IPv6.VrrpStatusChange 3", patience)...)
	see(one, w.Call("/Instance/eth0/51/IPv4", "org.freedesktop.DBus.Properties.Get", "org.keepalived.Vrrp1.Instance", "State"))
	r.signal(syscall.SIGTERM)
	see("stop", w.AwaitLast("name free", patience)...)
	r.wait()
	see("log", onBus(r)...)
	return saw
}

// onBus are the lines about D-Bus.
func onBus(r *trial) []string {
	line := regexp.MustCompile(`^(Acquired|Lost|Released|Deleted) .*\b(DBus|bus)\b| on DBus request$`)
	return slices.DeleteFunc(r.lines(), func(l string) bool { return !line.MatchString(l) })
}

// node is what an introspection says.
type node struct {
	Interfaces []struct {
		Name    string `xml:"name,attr"`
		Methods []struct {
			Name string `xml:"name,attr"`
			Args []arg  `xml:"arg"`
		} `xml:"method"`
		Signals []struct {
			Name string `xml:"name,attr"`
			Args []arg  `xml:"arg"`
		} `xml:"signal"`
		Properties []struct {
			Name   string `xml:"name,attr"`
			Type   string `xml:"type,attr"`
			Access string `xml:"access,attr"`
		} `xml:"property"`
	} `xml:"interface"`
	Nodes []struct {
		Name string `xml:"name,attr"`
	} `xml:"node"`
}

type arg struct {
	Name      string `xml:"name,attr"`
	Type      string `xml:"type,attr"`
	Direction string `xml:"direction,attr"`
}

// objects describes every object from path on.
func objects(w *nstest.BusWatcher, path string) (list []string) {
	var n node
	text := w.Call(path, "org.freedesktop.DBus.Introspectable.Introspect")
	if err := xml.Unmarshal([]byte(text), &n); err != nil {
		return []string{path + ": " + err.Error() + ": " + text}
	}
	list = append(list, fmt.Sprintf("%s: %+v", path, n))
	for _, below := range n.Nodes {
		list = append(list, objects(w, path+"/"+below.Name)...)
	}
	return list
}

// TestDBusOfInstance: the name of a daemon is in its paths, and a reload takes
// the interface away and brings it back.
func TestDBusOfInstance(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	w := bus.Watch(busService, busRoot+"/blue_1")
	ns := newNetwork(t, "gkdmn-dbus3")
	with := "instance blue-1\n" + globals("enable_dbus") + quickInstance
	r := newTrial(t, with)
	r.env = append(r.env, "DBUS_SYSTEM_BUS_ADDRESS="+bus.Address())
	r.inside(ns)
	w.AwaitLast("/Instance/eth0/51/IPv4.VrrpStatusChange 2", patience)
	r.configure(strings.Replace(with, "enable_dbus", "", 1))
	r.signal(syscall.SIGHUP)
	w.AwaitLast("name free", patience)
	r.await("Released DBus")
	r.configure(with)
	r.signal(syscall.SIGHUP)
	if got := w.AwaitLast("name taken", patience); !slices.Equal(got, []string{"/Vrrp.VrrpStarted", "/Instance/eth0/51/IPv4.VrrpStatusChange 2", "name taken"}) {
		t.Errorf("back on the bus with %q", got)
	}
	r.stop()
}
