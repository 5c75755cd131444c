//go:build linux

package bfdrun_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/daemon"
)

// daemonVariable makes the test binary the daemon, with its children.
const daemonVariable = "GOKEEPALIVED_BFD_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(daemonVariable) != "" {
		os.Exit(daemon.Standard().Main(os.Args))
	}
	os.Exit(m.Run())
}

// running is a whole daemon.
type running struct {
	t    *testing.T
	ns   *nstest.NS
	dir  string
	conf string
	*nstest.Process
}

// startDaemon starts our own daemon, or keepalived, with pid files and dumps
// in a folder of the test.
func startDaemon(t *testing.T, ns *nstest.NS, ours bool, conf string, flags ...string) *running {
	t.Helper()
	d := &running{t: t, ns: ns, dir: t.TempDir()}
	d.conf = filepath.Join(d.dir, "keepalived.conf")
	d.write(conf)
	program := []string{"keepalived"}
	if ours {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		program = []string{"env", daemonVariable + "=1", self}
	}
	args := append([]string{"env", "TMPDIR=" + d.dir}, program...)
	args = append(args, "-n", "-l", "-D", "-f", d.conf, "-p", d.dir+"/parent", "-r", d.dir+"/vrrp", "-b", d.dir+"/bfd", "-c", d.dir+"/checkers")
	d.Process = ns.Start(append(args, flags...)...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of %s:\n%s", ns.Name, d.Output())
		}
	})
	return d
}

func (d *running) write(conf string) {
	if err := os.WriteFile(d.conf, []byte(conf), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// pid is what a pid file says.
func (d *running) pid(file string) int {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, file))
	if err != nil {
		d.t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// waitCount waits until the log has a text n times.
func (d *running) waitCount(text string, n int, within time.Duration) {
	d.t.Helper()
	nstest.Eventually(d.t, within, fmt.Sprintf("%s: %q %d times", d.ns.Name, text, n), func() (bool, string) {
		out := d.Output()
		return strings.Count(out, text) >= n, out
	})
}

// conf is a node of a pair whose virtual routers follow the session: one by
// FAULT, one by priority. VRRP goes over eth0, BFD over eth1.
func conf(self, peer, priority int) string {
	return fmt.Sprintf(`global_defs {
 process_names
}
bfd_instance path {
 neighbor_ip 10.8.0.%[2]d
 source_ip 10.8.0.%[1]d
 min_rx 50
 min_tx 50
 multiplier 4
 weight -60
}
vrrp_instance HARD {
 interface eth0
 virtual_router_id 1
 version 3
 advert_int 0.1
 priority %[3]d
 virtual_ipaddress { 10.9.0.101 }
 track_bfd { path weight 0 }
}
vrrp_instance SOFT {
 interface eth0
 virtual_router_id 2
 version 3
 advert_int 0.1
 priority %[3]d
 virtual_ipaddress { 10.9.0.102 }
 track_bfd { path }
}
`, self, peer, priority)
}

// A pair with ours on one side and ours or keepalived on the other:
//
//	host 1 eth0 ---- switch ---- eth0 host 2    VRRP
//	host 1 eth1 ---------------- eth1 host 2    BFD
//
// Only the path of BFD fails. The virtual router that needs it goes to FAULT,
// the weighted one changes its priority, and both return.
func TestTrackBFD(t *testing.T) {
	nstest.Require(t, "netns", "keepalived")
	for i, c := range []struct {
		name          string
		first, second bool // ours?
	}{{"ours and ours", true, true}, {"ours and keepalived", true, false}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lan := nstest.NewLAN(t, fmt.Sprint("gkbfd-d", i), 2)
			one, two := lan.Hosts[0], lan.Hosts[1]
			nstest.Veth(t, one, "eth1", two, "eth1")
			one.AddAddress("eth1", "10.8.0.1/24")
			two.AddAddress("eth1", "10.8.0.2/24")
			a := startDaemon(t, one, c.first, conf(1, 2, 150))
			b := startDaemon(t, two, c.second, conf(2, 1, 100))
			for _, d := range []*running{a, b} {
				d.waitCount("(HARD) entering FAULT state", 1, 10*time.Second)
				d.waitCount("VRRP_Instance(HARD) Tracked BFD instance path is UP", 1, 10*time.Second)
			}
			one.WaitAddress("eth0", "10.9.0.101/32", true, 30*time.Second)
			one.WaitAddress("eth0", "10.9.0.102/32", true, 30*time.Second)

			// Nothing but packets is lost, to a station that is not there:
			// no interface says anything.
			one.Run("ip", "neigh", "replace", "10.8.0.2", "lladdr", "02:00:00:00:00:99", "dev", "eth1", "nud", "permanent")
			two.Run("ip", "neigh", "replace", "10.8.0.1", "lladdr", "02:00:00:00:00:99", "dev", "eth1", "nud", "permanent")
			cut := time.Now()
			a.waitCount("VRRP_Instance(HARD) Tracked BFD instance path is DOWN", 1, 5*time.Second)
			b.waitCount("VRRP_Instance(HARD) Tracked BFD instance path is DOWN", 1, 5*time.Second)
			if took := time.Since(cut); took > 2500*time.Millisecond {
				t.Errorf("noticed after %v, the detection time is 200 ms", took)
			}
			a.waitCount("(HARD) Entering FAULT STATE", 1, time.Second)
			a.waitCount("(SOFT) Changing effective priority from 150 to 90", 1, time.Second)
			one.WaitAddress("eth0", "10.9.0.101/32", false, 30*time.Second)
			one.Run("ip", "neigh", "del", "10.8.0.2", "dev", "eth1")
			two.Run("ip", "neigh", "del", "10.8.0.1", "dev", "eth1")
			a.waitCount("(SOFT) Changing effective priority from 90 to 150", 1, 10*time.Second)
			one.WaitAddress("eth0", "10.9.0.101/32", true, 30*time.Second)
			one.WaitAddress("eth0", "10.9.0.102/32", true, 30*time.Second)

			// The other side ends in order: no virtual router of ours falls.
			downs := strings.Count(a.Output(), "Tracked BFD instance path is DOWN")
			if c.second {
				b.Signal(syscall.SIGTERM)
				if err := b.Wait(30 * time.Second); err != nil {
					t.Errorf("end of %s: %v", two.Name, err)
				}
				a.waitCount("Remote diagnostic - Administratively Down", 1, 2*time.Second)
				if n := strings.Count(a.Output(), "Tracked BFD instance path is DOWN"); n != downs {
					t.Error("the virtual routers were told of an orderly end")
				}
			}
		})
	}
}

// Children die and are started again: a VRRP process learns the state of the
// session that it missed, a BFD process begins with Down. Dumps and pid files
// are where they belong, and reload changes sessions.
func TestChildren(t *testing.T) {
	nstest.Require(t, "netns")
	lan := nstest.NewLAN(t, "gkbfd-c", 2)
	one, two := lan.Hosts[0], lan.Hosts[1]
	nstest.Veth(t, one, "eth1", two, "eth1")
	one.AddAddress("eth1", "10.8.0.1/24")
	two.AddAddress("eth1", "10.8.0.2/24")
	// A detection time of 2 s: the sessions must not notice a busy machine.
	steady := func(self, peer, priority int) string {
		return strings.Replace(conf(self, peer, priority), "multiplier 4", "multiplier 40", 1)
	}
	a := startDaemon(t, one, true, steady(1, 2, 150))
	startDaemon(t, two, true, steady(2, 1, 100))
	const up = "VRRP_Instance(HARD) Tracked BFD instance path is UP"
	a.waitCount(up, 1, 10*time.Second)
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", a.pid("bfd"))); err != nil || string(name) != "keepalived_bfd\n" {
		t.Errorf("name %q, %v", name, err)
	}

	old := a.pid("vrrp")
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	a.waitCount(up, 2, 10*time.Second)
	if n := strings.Count(a.Output(), "(path) Entering Down state"); n != 0 {
		t.Errorf("the session went down %d times", n)
	}

	if err := syscall.Kill(a.pid("bfd"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	a.waitCount("VRRP_Instance(HARD) Tracked BFD instance path is DOWN", 1, 10*time.Second)
	a.waitCount(up, 3, 10*time.Second)

	a.Signal(syscall.SIGUSR1)
	nstest.Eventually(t, 30*time.Second, "dump", func() (bool, string) {
		text, _ := os.ReadFile(filepath.Join(a.dir, "keepalived_bfd.data"))
		return strings.Contains(string(text), "------< BFD Topology >------\n BFD Instance = path\n") &&
			strings.Contains(string(text), "   local state = Up\n"), string(text)
	})

	// A second session by a reload, which VRRP follows from then on; it has
	// no neighbor.
	more := "bfd_instance lonely {\n neighbor_ip 10.8.0.77\n}\n"
	a.write(more + strings.Replace(steady(1, 2, 150), "path weight 0", "path weight 0\n lonely weight 0", 1))
	a.Signal(syscall.SIGHUP)
	a.waitCount("Reload complete", 1, 10*time.Second)
	a.waitCount("(HARD) Entering FAULT STATE", 2, 10*time.Second)
	a.write(steady(1, 2, 150))
	a.Signal(syscall.SIGHUP)
	a.waitCount("Reload complete", 2, 10*time.Second)
	one.WaitAddress("eth0", "10.9.0.101/32", true, 30*time.Second)

	a.Signal(syscall.SIGTERM)
	if err := a.Wait(30 * time.Second); err != nil {
		t.Errorf("end: %v", err)
	}
	if _, err := os.Stat(filepath.Join(a.dir, "bfd")); err == nil {
		t.Error("the pid file is still there")
	}
}

// -B: nothing is sent and nothing comes up.
func TestNoBFD(t *testing.T) {
	nstest.Require(t, "netns")
	n, peer := nstest.New(t, "gkbfd-n1"), nstest.New(t, "gkbfd-n2")
	nstest.Veth(t, n, "eth0", peer, "eth0")
	nstest.Veth(t, n, "eth1", peer, "eth1")
	n.AddAddress("eth0", "10.9.0.1/24")
	n.AddAddress("eth1", "10.8.0.1/24")
	a := startDaemon(t, n, true, conf(1, 2, 150), "-B")
	a.waitCount("Startup complete", 1, 10*time.Second)
	a.waitCount("(HARD) entering FAULT state", 1, 10*time.Second)
	if strings.Contains(a.Output(), "Starting BFD child process") {
		t.Error("there is a BFD process")
	}
}
