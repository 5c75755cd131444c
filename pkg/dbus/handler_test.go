package dbus

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

func TestMethods(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	w := bus.Watch("org.keepalived.Vrrp1", rootPath)
	r := newRig(t, bus.Address(), settings(instance("A", "eth0", 51)))
	r.start("A")
	r.log.await(t, "Acquired the name", 1)
	for method, want := range map[string]string{"PrintData": "data", "PrintStats": "stats", "PrintStatsClear": "clear", "ReloadConfig": "reload"} {
		if got := w.Call("/Vrrp", processInterface+"."+method); got != "" {
			t.Errorf("%s answers %s", method, got)
		}
		if got := <-r.did; got != want {
			t.Errorf("%s does %s, want %s", method, got, want)
		}
	}
	const path = "/Instance/eth0/51/IPv4"
	// A backup must not announce addresses that are another router's.
	w.Call(path, instanceInterface+".SendGarp")
	r.log.await(t, "(A) is in state BACKUP: only a master announces its addresses", 1)
	r.enter("A", event.Master)
	w.Call(path, instanceInterface+".SendGarp")
	if got := <-r.did; got != "announce A" {
		t.Errorf("SendGarp does %s", got)
	}
	id, _ := os.ReadFile("/etc/machine-id")
	if got := w.Call("/Vrrp", peerInterface+".GetMachineId"); len(id) > 0 && got != strings.TrimSpace(string(id)) {
		t.Errorf("GetMachineId answers %s", got)
	}
	for _, c := range []struct {
		path, method string
		args         []any
		want         string
	}{
		{"", "PrintData", nil, "UnknownMethod: Object does not exist at path “/org/keepalived/Vrrp1/nowhere”"},
		{"/Vrrp", "NoSuch", nil, "UnknownMethod: No such method “NoSuch”"},
		{"/Vrrp", "SendGarp", nil, "UnknownMethod: No such method “SendGarp”"},
		{"/Vrrp", "PrintData", []any{"x"}, "InvalidArgs: Type of message, “(s)”, does not match expected type “()”"},
	} {
		where := c.path
		if where == "" {
			where = "/nowhere"
		}
		if got := w.Call(where, processInterface+"."+c.method, c.args...); !strings.HasPrefix(got, "org.freedesktop.DBus.Error."+c.want) {
			t.Errorf("%s at %s answers %s", c.method, c.path, got)
		}
	}
}

// TestFlood: neither many calls at once nor odd ones do harm, and one file is
// written at a time.
func TestFlood(t *testing.T) {
	bus := nstest.NewBus(t, nstest.OpenPolicy)
	w := bus.Watch("org.keepalived.Vrrp1", rootPath)
	r := newRig(t, bus.Address(), settings(instance("A", "eth0", 51)))
	var writing, most, runs atomic.Int32
	entered, release := make(chan struct{}, 1000), make(chan struct{})
	r.opt.PrintData = func() error {
		most.Store(max(most.Load(), writing.Add(1)))
		runs.Add(1)
		entered <- struct{}{}
		<-release
		writing.Add(-1)
		return nil
	}
	r.start("A")
	r.log.await(t, "Acquired the name", 1)
	var wait sync.WaitGroup
	wait.Go(func() { w.Call("/Vrrp", processInterface+".PrintData") })
	<-entered
	var refused atomic.Int32
	for range 50 {
		wait.Go(func() {
			if strings.HasPrefix(w.Call("/Vrrp", processInterface+".PrintData"), "org.freedesktop.DBus.Error.LimitsExceeded") {
				if refused.Add(1) == 50 {
					close(release)
				}
			}
		})
	}
	wait.Wait()
	if most.Load() != 1 || runs.Load() != 1 || refused.Load() != 50 {
		t.Errorf("%d files at once, %d runs, %d calls refused", most.Load(), runs.Load(), refused.Load())
	}

	o := w.Conn.Object("org.keepalived.Vrrp1", rootPath+"/Vrrp")
	deep := dbus.MakeVariant("x")
	for range 30 {
		deep = dbus.MakeVariant(deep)
	}
	for range 200 {
		o.Go(propertiesInterface+".Set", dbus.FlagNoReplyExpected, nil, "a", "b", deep)
		o.Go(introspectInterface+".Introspect", dbus.FlagNoReplyExpected, nil, make([]byte, 10000))
		o.Go("PrintStats", dbus.FlagNoReplyExpected, nil, map[string]dbus.Variant{"x": deep})
	}
	if got := w.Call("/Vrrp", peerInterface+".Ping"); got != "" {
		t.Errorf("after a flood Ping answers %s", got)
	}
}

// TestPolicy puts the policy file that the package ships under a bus like that
// of a distribution: root may do everything, others may look, and no rule
// reaches other services.
func TestPolicy(t *testing.T) {
	if os.Geteuid() != 0 {
		nstest.Missing(t, "netns", os.ErrPermission)
	}
	file, err := filepath.Abs("../../packaging/dbus/org.keepalived.Vrrp1.conf")
	if err != nil {
		t.Fatal(err)
	}
	bus := nstest.NewBus(t, nstest.SystemPolicy+"<include>"+file+"</include>")
	r := newRig(t, bus.Address(), settings(instance("A", "eth0", 51)))
	r.start("A")
	r.log.await(t, "Acquired the name", 1)

	send := func(uid uint32, args ...string) string {
		cmd := exec.Command("dbus-send", append([]string{"--bus=" + bus.Address(), "--print-reply", "--dest=org.keepalived.Vrrp1"}, args...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid, NoSetGroups: true}}
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	const nobody, denied = 65534, "org.freedesktop.DBus.Error.AccessDenied"
	process, one := rootPath+"/Vrrp", rootPath+"/Instance/eth0/51/IPv4"
	for _, c := range []struct {
		args  []string
		allow bool
	}{
		{[]string{one, propertiesInterface + ".GetAll", "string:" + instanceInterface}, true},
		{[]string{one, introspectInterface + ".Introspect"}, true},
		{[]string{one, peerInterface + ".Ping"}, true},
		{[]string{one, instanceInterface + ".SendGarp"}, false},
		{[]string{process, processInterface + ".PrintData"}, false},
		{[]string{process, processInterface + ".PrintStatsClear"}, false},
		{[]string{process, processInterface + ".ReloadConfig"}, false},
	} {
		if got := send(nobody, c.args...); strings.Contains(got, denied) == c.allow || !strings.Contains(got, "method return") == c.allow {
			t.Errorf("nobody: %v: %s", c.args, got)
		}
		if got := send(0, c.args...); !strings.Contains(got, "method return") {
			t.Errorf("root: %v: %s", c.args, got)
		}
	}
	// The hole of CVE-2021-44225: any property of any service.
	other, err := dbus.Connect(bus.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	cmd := exec.Command("dbus-send", "--bus="+bus.Address(), "--print-reply", "--dest="+other.Names()[0], "/x", propertiesInterface+".Set", "string:a", "string:b", "variant:string:c")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}}
	if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), denied) {
		t.Errorf("nobody reaches the properties of another service: %s", out)
	}
}

// TestPolicyMissing: without the file the name is refused, and the log says
// what to do.
func TestPolicyMissing(t *testing.T) {
	bus := nstest.NewBus(t, nstest.SystemPolicy)
	r := newRig(t, bus.Address(), settings(instance("A", "eth0", 51)))
	r.start("A")
	r.log.await(t, "install the file org.keepalived.Vrrp1.conf", 1)
}
