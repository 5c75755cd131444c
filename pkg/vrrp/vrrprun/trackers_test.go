//go:build linux

package vrrprun

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// Scripts and files reach the engine, over a reload too, and nothing of them
// is left at the end.
func TestTrackers(t *testing.T) {
	t.Parallel()
	n, _ := alone(t, "gkrun-track")
	dir := t.TempDir()
	flag, number := filepath.Join(dir, "flag"), filepath.Join(dir, "number")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(flag, "")
	write(number, "0")
	runner := script.NewRunner(script.RunnerOptions{})
	defer runner.Close()
	root := &config.ScriptUser{User: "root"}

	newTracked := func() *config.Config {
		v := fast(newInstance("V1", 51, "10.9.0.100/24"))
		v.TrackScripts = []config.Track{{Name: "chk"}}
		v.TrackFiles = []config.Track{{Name: "num", Weight: 1}}
		cfg := newConfig(v)
		cfg.Scripts = []*config.TrackScript{
			{Name: "chk", Interval: 50 * time.Millisecond, Rise: 1, Fall: 1, Timeout: time.Second,
				Script: config.Script{Text: "test -f " + flag, Args: []string{"/usr/bin/test", "-f", flag}, User: root}},
			{Name: "idle", Interval: time.Second, Rise: 1, Fall: 1,
				Script: config.Script{Text: "/bin/true", Args: []string{"/bin/true"}, User: root}},
		}
		cfg.Files = []*config.TrackFile{{Name: "num", Path: number, Weight: 1}}
		return cfg
	}
	r := startRouter(t, n, newTracked(), func(o *Options) { o.Runner = runner })
	r.waitLog("Warning - script idle is not used", time.Second)
	r.waitState("V1", event.Master, 5*time.Second)

	priority := func(want uint8) {
		t.Helper()
		nstest.Eventually(t, 30*time.Second, "priority", func() (bool, string) {
			v := r.engine.Snapshot().Instances[0]
			return v.EffectivePriority == want, fmt.Sprint(v.EffectivePriority)
		})
	}
	write(number, "20\n")
	priority(120)
	if err := os.Remove(flag); err != nil {
		t.Fatal(err)
	}
	r.waitState("V1", event.Fault, 5*time.Second)
	if n.HasAddress("eth0", "10.9.0.100/24") {
		t.Error("the address is there in FAULT")
	}
	write(flag, "")
	r.waitState("V1", event.Master, 5*time.Second)

	write(number, "30\n")
	if err := r.engine.Reload(newTracked()); err != nil {
		t.Fatal(err)
	}
	priority(130)
	r.waitState("V1", event.Master, time.Second)
	r.stop()
}

// A poll that says the link is down counts, whatever netlink says.
func TestLinkbeatPolling(t *testing.T) {
	t.Parallel()
	n, lan := alone(t, "gkrun-beat")
	cfg := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	cfg.LinkbeatInterfaces = []*config.LinkbeatInterface{{Interface: "eth0"}}
	r := startRouter(t, n, cfg)
	r.waitState("V1", event.Master, 5*time.Second)
	lan.Cut(1)
	r.waitLog("Linkbeat reports eth0 down", 5*time.Second)
	r.waitState("V1", event.Fault, time.Second)
	lan.Join(1)
	r.waitLog("Linkbeat reports eth0 up", 5*time.Second)
	r.waitState("V1", event.Master, 5*time.Second)

	cfg2 := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	if err := r.engine.Reload(cfg2); err != nil {
		t.Fatal(err)
	}
	lan.Cut(1)
	r.waitLog("Netlink reports eth0 down", 5*time.Second)
}

// The IPVS sync daemon has the role of the instance that it is tied to.
func TestSyncDaemonFollowsInstance(t *testing.T) {
	nstest.Require(t, "netns", "ipvs")
	t.Parallel()
	n, lan := alone(t, "gkrun-sync")
	cfg := newConfig(fast(newInstance("V1", 51, "10.9.0.100/24")))
	cfg.Global.LVS.SyncDaemon = &config.SyncDaemon{Interface: "eth0", Instance: "V1"}
	// Without a link it does not become Master before anybody has looked.
	lan.Cut(1)
	r := startRouter(t, n, cfg, func(o *Options) {
		o.IPVS = func() (ipvs.Kernel, error) { return ipvs.Open(n.Name) }
	})
	role := func(want string) {
		t.Helper()
		nstest.Eventually(t, 30*time.Second, "sync daemon "+want, func() (bool, string) {
			out := n.Run("ipvsadm", "-l", "--daemon")
			return strings.Contains(out, want) && strings.Count(out, "mcast") == 1, out
		})
	}
	role("backup sync daemon (mcast=eth0, syncid=51")
	lan.Join(1)
	r.waitState("V1", event.Master, 10*time.Second)
	role("master sync daemon (mcast=eth0, syncid=51")
	lan.Cut(1)
	r.waitState("V1", event.Fault, 10*time.Second)
	role("backup sync daemon (mcast=eth0, syncid=51")
	r.stop()
	if out := n.Run("ipvsadm", "-l", "--daemon"); strings.TrimSpace(out) != "" {
		t.Errorf("left running: %s", out)
	}
}
