package dbus

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// Everything here talks to a real dbus-daemon of the test.

const patience = 20 * time.Second

// logged is a log that can be read.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) await(t *testing.T, text string, n int) {
	t.Helper()
	nstest.Eventually(t, patience, fmt.Sprintf("%d times %q in the log", n, text), func() (bool, string) {
		return strings.Count(l.String(), text) >= n, l.String()
	})
}

// rig is a sink with its bus.
type rig struct {
	*Sink
	t   *testing.T
	log *logged
	// did are the requests that reached the engine.
	did chan string
}

func newRig(t *testing.T, address string, cfg *config.Config) *rig {
	r := &rig{t: t, log: &logged{}, did: make(chan string, 100)}
	do := func(what string) func() error {
		return func() error {
			r.did <- what
			return nil
		}
	}
	r.Sink = New(cfg, Options{
		Log: slog.New(slog.NewTextHandler(r.log, nil)), Address: address,
		Announce:  func(name string) { r.did <- "announce " + name },
		PrintData: do("data"), PrintStats: do("stats"), ClearStats: do("clear"), Reload: do("reload"),
	})
	t.Cleanup(func() { r.leave(patience) })
	return r
}

// leave closes the sink.
func (r *rig) leave(limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	r.Close(ctx)
}

// start is what the engine says at its start.
func (r *rig) start(names ...string) {
	var states []event.InstanceState
	for _, name := range names {
		r.enter(name, event.Backup)
		states = append(states, event.InstanceState{Instance: name, State: event.Backup})
	}
	r.Send(event.Started{Instances: states})
}

func (r *rig) enter(name string, s event.State) {
	r.Send(event.InstanceState{Instance: name, State: s})
}

// reload goes over to cfg the way the engine does: instances that are gone,
// then the change.
func (r *rig) reload(cfg *config.Config, gone ...string) {
	r.Update(cfg)
	for _, name := range gone {
		r.Send(event.InstanceState{Instance: name, State: event.Fault, NoStateScript: true})
	}
	r.Send(event.Reloaded{})
}

func instance(name, device string, vrid uint8) *config.VRRPInstance {
	return &config.VRRPInstance{Name: name, Interface: device, VirtualRouterID: vrid, Family: config.IPv4}
}

func settings(instances ...*config.VRRPInstance) *config.Config {
	c := &config.Config{Global: config.NewGlobal(), Instances: instances}
	c.Global.DBus.Enable = true
	return c
}

func TestLife(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	w := bus.Watch("org.keepalived.Vrrp1", rootPath)
	r := newRig(t, bus.Address(), settings(instance("A", "eth0.1", 51), instance("B", "", 52)))
	r.start("A", "B")
	w.Await("/Vrrp.VrrpStarted", "/Instance/eth0_1/51/IPv4.VrrpStatusChange 1", "/Instance/none/52/IPv4.VrrpStatusChange 1", "name taken")
	r.enter("A", event.Master)
	w.Await("/Instance/eth0_1/51/IPv4.VrrpStatusChange 2")

	// B gets another id, C is new, A takes the name B.
	r.reload(settings(instance("B", "eth0.1", 51), instance("C", "eth1", 53)), "B")
	r.enter("C", event.Backup)
	r.enter("B", event.Fault)
	w.Await("/Instance/none/52/IPv4.VrrpStatusChange 3", "/Vrrp.VrrpReloaded",
		"/Instance/eth1/53/IPv4.VrrpStatusChange 1", "/Instance/eth0_1/51/IPv4.VrrpStatusChange 3")
	if got := w.Call("/Instance/eth0_1/51/IPv4", propertiesInterface+".Get", instanceInterface, "Name"); got != `["B"]` {
		t.Errorf("the name after the reload is %s", got)
	}
	if got := w.Call("/Instance/none/52/IPv4", propertiesInterface+".GetAll", instanceInterface); !strings.HasPrefix(got, "org.freedesktop.DBus.Error.UnknownMethod: ") {
		t.Errorf("an instance that is gone says %s", got)
	}
	r.log.await(t, "Deleted DBus object for instance B", 1)

	r.enter("B", event.Stop)
	r.enter("C", event.Stop)
	r.leave(patience)
	w.Await("/Instance/eth0_1/51/IPv4.VrrpStatusChange 98", "/Instance/eth1/53/IPv4.VrrpStatusChange 98", "/Vrrp.VrrpStopped", "name free")
	r.log.await(t, "Released DBus", 1)
}

// TestPathOfDaemon: network namespace and instance name are in the path, and a
// second instance with the same path is told apart in the log.
func TestPathOfDaemon(t *testing.T) {
	cfg := settings(instance("A", "eth0.1", 51), instance("B", "eth0_1", 51))
	cfg.Global.NetNamespace, cfg.Global.InstanceName = "blue-1", "ß"
	m, clashes := newModel(cfg, nil)
	if m.process != "/org/keepalived/Vrrp1/blue_1/__/Vrrp" || len(m.instances) != 1 || m.instances[0].path != "/org/keepalived/Vrrp1/blue_1/__/Instance/eth0_1/51/IPv4" {
		t.Errorf("objects %s and %+v", m.process, m.instances[0])
	}
	if len(clashes) != 1 || !strings.HasPrefix(clashes[0], "(B) is not on D-Bus: (A) has its object path ") {
		t.Errorf("the clash is told as %q", clashes)
	}
}

func TestSocketName(t *testing.T) {
	for address, want := range map[string]string{
		"unix:path=/run/dbus/system_bus_socket": "/run/dbus/system_bus_socket",
		"unix:guid=1,path=/a%20b":               "/a b",
		"unix:abstract=x":                       "@x",
		"tcp:host=10.0.0.1,port=1":              "!",
		"unix:path=%zz":                         "!",
		"unix:":                                 "!",
		"":                                      "!",
	} {
		got, err := socketName(address)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: %q (%v), want %q", address, got, err, want)
		}
	}
}

// TestBusRestart: the sink comes back with the bus, and says where everything
// stands.
func TestBusRestart(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	bus.Stop()
	r := newRig(t, bus.Address(), settings(instance("A", "eth0", 51)))
	r.start("A")
	r.log.await(t, "Lost the name org.keepalived.Vrrp1 on the session bus: ", 1)
	bus.Start()
	r.log.await(t, "Acquired the name org.keepalived.Vrrp1", 1)
	bus.Stop()
	r.log.await(t, "Lost the name org.keepalived.Vrrp1 on the session bus: the bus has closed the connection", 1)
	r.enter("A", event.Master)
	bus.Start()
	w := bus.Watch("org.keepalived.Vrrp1", rootPath)
	r.log.await(t, "Acquired the name org.keepalived.Vrrp1", 2)
	w.Await("/Instance/eth0/51/IPv4.VrrpStatusChange 2", "name taken")
}

func TestNameTaken(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	w := bus.Watch("org.keepalived.Vrrp1", rootPath)
	const name = "org.example.Mine"
	if _, err := w.Conn.RequestName(name, 0); err != nil {
		t.Fatal(err)
	}
	cfg := settings()
	cfg.Global.DBus.ServiceName = name
	r := newRig(t, bus.Address(), cfg)
	r.start()
	r.log.await(t, fmt.Sprintf("Lost the name %s on the session bus: process ", name), 1)
	if _, err := w.Conn.ReleaseName(name); err != nil {
		t.Fatal(err)
	}
	r.log.await(t, "Acquired the name "+name, 1)
}

// TestReloadSwitches: enable_dbus and dbus_service_name count at a reload too,
// and without the first nothing runs.
func TestReloadSwitches(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	w := bus.Watch("org.keepalived.Vrrp1", rootPath)
	off := settings(instance("A", "eth0", 51))
	off.Global.DBus.Enable = false
	before := runtime.NumGoroutine()
	r := newRig(t, bus.Address(), off)
	r.start("A")
	r.enter("A", event.Master)
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines run without enable_dbus", n-before)
	}
	on := settings(instance("A", "eth0", 51))
	r.Update(on)
	r.Send(event.Reloaded{Instances: []event.InstanceState{{Instance: "A", State: event.Master}}})
	w.Await("/Vrrp.VrrpStarted", "/Instance/eth0/51/IPv4.VrrpStatusChange 2", "name taken")
	if got := w.Call("/Instance/eth0/51/IPv4", propertiesInterface+".Get", instanceInterface, "State"); !strings.Contains(got, "Master") {
		t.Errorf("the state is %s", got)
	}
	renamed := settings(instance("A", "eth0", 51))
	renamed.Global.DBus.ServiceName = "org.keepalived.Other"
	r.reload(renamed)
	r.log.await(t, "Acquired the name org.keepalived.Other", 1)
	r.reload(off)
	r.log.await(t, "Released DBus", 2)
}

// TestFrozenBus: a bus that does not read delays neither events nor the stop.
func TestFrozenBus(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	r := newRig(t, bus.Address(), settings(instance("A", "eth0", 51)))
	r.start("A")
	r.log.await(t, "Acquired the name", 1)
	bus.Freeze(true)
	defer bus.Freeze(false)
	begin := time.Now()
	for range 20000 { // more than the socket holds
		r.enter("A", event.Master)
		r.enter("A", event.Backup)
	}
	if took := time.Since(begin); took > writeLimit {
		t.Errorf("40000 events took %v", took)
	}
	r.log.await(t, "Lost the name org.keepalived.Vrrp1 on the session bus: ", 1)
	begin = time.Now()
	r.leave(100 * time.Millisecond)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the end took %v", took)
	}
}

// TestFrozenAtStart: a bus that accepts connections and does not answer is
// given up, and asked again.
func TestFrozenAtStart(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	bus.Freeze(true)
	r := newRig(t, bus.Address(), settings(instance("A", "eth0", 51)))
	r.setupLimit = 300 * time.Millisecond
	r.start("A")
	r.log.await(t, "the bus does not answer", 1)
	bus.Freeze(false)
	r.log.await(t, "Acquired the name", 1)
}
