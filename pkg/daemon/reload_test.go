package daemon

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// state asks the vrrp child for its dump and returns it.
func (r *trial) state() string {
	r.t.Helper()
	_ = os.Remove(r.path("keepalived.data"))
	r.signal(syscall.SIGUSR1)
	r.eventually("the dump", func() bool { return r.exists("keepalived.data") })
	return r.read("keepalived.data")
}

func TestReload(t *testing.T) {
	r := newTrial(t, globals("router_id one")+vrrpBlock+checkerBlock).start()
	vrrp, checker := r.pid("v.pid"), r.pid("c.pid")
	r.configure(globals("router_id two") + vrrpBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	if r.pid("v.pid") != vrrp || r.pid("c.pid") != checker || gone(vrrp) || gone(checker) {
		t.Error("a child was started anew")
	}
	if got := r.state(); !strings.Contains(got, "fake vrrp: router_id two, 1 reloads") {
		t.Errorf("after the reload:\n%s", got)
	}
	r.stop()
	said := 0
	for _, l := range r.lines() {
		if l == "Reloading" {
			said++
		}
	}
	if said != 2 {
		t.Errorf("%d children said Reloading, want 2", said)
	}
	r.inOrder("Startup complete", "Reloading ...", "Configuration file "+r.conf, "Reloading", "Reload complete", "Stopping")
}

// TestReloadThatCannotBeUsed changes the file to something that no daemon can
// run with: all goes on as before.
func TestReloadThatCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		old, config string
		remove      bool
		want        string
	}{
		"missing file":      {remove: true, want: "Config files missing"},
		"missing include":   {config: "includem /nonexistent\n" + vrrpBlock, want: "Config files missing '/nonexistent'"},
		"missing parameter": {config: "vrrp_instance VI_1 {\n\tinterface\n}\n", want: "is missing a parameter after keyword `interface`"},
		"no VRID":           {config: "vrrp_instance VI_1 {\n\tinterface eth0\n}\n", want: "(VI_1) the virtual router id must be set"},
		"engine refuses":    {config: globals("router_id vrrp:refuse-reload") + vrrpBlock + checkerBlock, want: "VRRP: configuration error: interface eth9 does not exist"},
		"one engine refuses, the other went over": {
			config: globals("router_id checker:refuse-reload,vrrp:x") + vrrpBlock + checkerBlock, want: "Healthcheck: configuration error: interface eth9 does not exist"},
		"strict":    {old: "reload_check_config", config: globals("nonsense") + vrrpBlock, want: "Unknown keyword 'nonsense'"},
		"instance":  {config: "instance other\n" + vrrpBlock, want: "Cannot change instance name at a reload - please restart keepalived"},
		"namespace": {config: "net_namespace other\n" + vrrpBlock, want: "Cannot change network namespace at a reload - please restart keepalived"},
		"ipvs":      {config: "net_namespace_ipvs other\n" + vrrpBlock, want: "Cannot change IPVS network namespace at a reload - please restart keepalived"},
		"nftables":  {config: globals("nftables other") + vrrpBlock, want: "Cannot change nftables table names at a reload - please restart keepalived"},
		"igmp":      {config: globals("disable_local_igmp") + vrrpBlock, want: "Cannot change disable_local_igmp at a reload - please restart keepalived"},
	} {
		t.Run(name, func(t *testing.T) {
			old := globals("router_id old", c.old) + vrrpBlock + checkerBlock
			r := newTrial(t, old).start()
			vrrp, checker := r.pid("v.pid"), r.pid("c.pid")
			if c.remove {
				if err := os.Remove(r.conf); err != nil {
					t.Fatal(err)
				}
			} else {
				r.configure(c.config)
			}
			r.signal(syscall.SIGHUP)
			r.await("The running configuration stays in force: ")
			if !strings.Contains(r.text(), c.want) {
				t.Errorf("no %q in the log", c.want)
			}
			if strings.Contains(r.text(), "Reload complete") {
				t.Error("the reload counts as complete")
			}
			if got := r.state(); !strings.Contains(got, "router_id old,") {
				t.Errorf("the vrrp child has\n%s", got)
			}
			if r.pid("v.pid") != vrrp || r.pid("c.pid") != checker || gone(vrrp) || gone(checker) {
				t.Error("a child was disturbed")
			}
			// A good file is taken again.
			r.configure(strings.ReplaceAll(old, "old", "new"))
			r.signal(syscall.SIGHUP)
			r.await("Reload complete")
			if got := r.state(); !strings.Contains(got, "router_id new,") {
				t.Errorf("after a good reload the vrrp child has\n%s", got)
			}
			r.stop()
		})
	}
}

func TestOrdinaryErrorsDoNotStopAReload(t *testing.T) {
	r := newTrial(t, vrrpBlock).start()
	r.configure(globals("router_id two", "nonsense 1") + vrrpBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	if !strings.Contains(r.text(), "keepalived.conf: Line 3) Unknown keyword 'nonsense'") {
		t.Error("the error is not in the log")
	}
	if got := r.state(); !strings.Contains(got, "router_id two, 1 reloads") {
		t.Errorf("after the reload:\n%s", got)
	}
	r.stop()
}

func TestReloadCheckLog(t *testing.T) {
	r := newTrial(t, "")
	r.configure(globals("reload_check_config "+r.path("check.log")) + vrrpBlock)
	r.start()
	r.configure(globals("nonsense") + vrrpBlock)
	r.signal(syscall.SIGHUP)
	r.await("New config failed validation, see " + r.path("check.log") + " for details")
	if got := r.read("check.log"); !strings.Contains(got, "Line 2) Unknown keyword 'nonsense'\n") {
		t.Errorf("the file has %q", got)
	}
	if info, _ := os.Stat(r.path("check.log")); info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
	r.stop()
}

func TestReloadDuringReload(t *testing.T) {
	r := newTrial(t, globals("router_id vrrp:slow-reload")+vrrpBlock).start("-D")
	r.signal(syscall.SIGHUP)
	r.await("Reloading ...")
	for range 3 {
		r.signal(syscall.SIGHUP)
		r.eventually("the request to be seen", func() bool {
			return strings.Contains(r.text(), "Reload already in progress, request queued")
		})
	}
	r.awaitN("Reload complete", 2)
	r.stop()
	if n := strings.Count(r.text(), "Reload complete"); n != 2 {
		t.Errorf("%d reloads, want the one under way and one more", n)
	}
	r.inOrder("Reloading ...", "Reload already in progress, request queued", "Reload complete", "Processing queued reload", "Reloading ...", "Reload complete")
}

// TestDeathDuringReload: a child dies during a reload that does without it,
// while another reload waits that wants it again. It must be started.
func TestDeathDuringReload(t *testing.T) {
	r := newTrial(t, vrrpBlock+checkerBlock).start("-D")
	vrrp := r.pid("v.pid")
	r.configure(globals("router_id vrrp:slow-reload") + checkerBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reloading ...")
	r.configure(vrrpBlock + checkerBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reload already in progress, request queued")
	kill(t, vrrp, syscall.SIGKILL)
	r.awaitN("Reload complete", 2)
	r.awaitN("vrrp engine runs", 2)
	if again := r.pid("v.pid"); again == vrrp || gone(again) {
		t.Errorf("v.pid has %d", again)
	}
	r.stop()
}

// TestSignalsDuringReload: what is asked for meanwhile is done, and a stop does
// not wait for another signal.
func TestSignalsDuringReload(t *testing.T) {
	r := newTrial(t, globals("router_id vrrp:slow-reload")+vrrpBlock).start()
	r.signal(syscall.SIGHUP)
	r.await("Reloading ...")
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, signalStatsClear, signalJSON} {
		r.signal(s)
	}
	r.await("Reload complete")
	for _, name := range []string{"keepalived_parent.data", "keepalived.data", "keepalived.stats", "keepalived.json"} {
		r.eventually(name, func() bool { return r.exists(name) })
	}
	r.signal(syscall.SIGHUP)
	r.awaitN("Reloading ...", 2)
	r.stop()
	for _, name := range []string{"p.pid", "v.pid"} {
		if r.exists(name) {
			t.Errorf("%s was left behind", name)
		}
	}
	r.inOrder("Reloading ...", "Reload complete", "Reloading ...", "Stopping", "vrrp engine stopped", "Stopped Keepalived v2.4.3 (devel)")
}

func TestReloadFile(t *testing.T) {
	r := newTrial(t, "")
	mark := r.path("mark")
	r.write("mark", "left by a crash")
	r.configure(globals("reload_file "+mark) + vrrpBlock)
	r.start()
	if r.exists("mark") {
		t.Error("the mark was not removed at start")
	}
	// Only inotify sees a file that short-lived.
	seen := watchCreated(t, r.dir, "mark")
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	if !seen() {
		t.Error("the mark was not there during the reload")
	}
	if r.exists("mark") {
		t.Error("the mark is still there")
	}
	r.stop()
}

// TestChildTakesHangup sends HUP to a child itself, as "pkill -HUP keepalived"
// does.
func TestChildTakesHangup(t *testing.T) {
	r := newTrial(t, globals("router_id one")+vrrpBlock).start()
	vrrp := r.pid("v.pid")
	r.configure(globals("router_id two") + vrrpBlock)
	kill(t, vrrp, syscall.SIGHUP)
	r.eventually("the reload", func() bool { return strings.Contains(r.state(), "router_id one, 1 reloads") })
	kill(t, vrrp, syscall.SIGHUP)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	r.eventually("the new configuration", func() bool { return strings.Contains(r.state(), "router_id two, ") })
	if r.pid("v.pid") != vrrp {
		t.Error("the child was started anew")
	}
	r.stop()
}

func TestReloadTime(t *testing.T) {
	r := newTrial(t, "")
	r.configure(globals("reload_time_file "+r.path("when")) + vrrpBlock)
	r.start()
	in := func(d time.Duration) string { return time.Now().UTC().Add(d).Format("2006-01-02 15:04:05") }
	far, farther := in(2*time.Hour), in(3*time.Hour)
	r.write("when", far+"\n")
	r.await("Scheduling reload for " + far)
	r.write("when", farther+"Z\n")
	r.await("Reload time updated from " + far + " to " + farther)
	r.write("when", "tomorrow\n")
	r.await("Invalid reload time 'tomorrow' specified - ignoring")
	r.await("Cancelling reload scheduled for " + farther)
	r.write("when", in(-time.Hour)+"\n")
	r.await(" is in the past - ignoring")
	soon := in(2 * time.Second)
	r.write("when", soon[len("2006-01-02 "):]+"\n")
	r.await("Scheduling reload for " + soon)
	r.await("Reload complete")
	if r.exists("when") {
		t.Error("the file is still there")
	}
	r.stop()
}

func TestParseReloadTime(t *testing.T) {
	paris := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 20, 12, 0, 0, 500, paris)
	for text, want := range map[string]string{
		"12:00:01":             "2026-11-20 12:00:01 +0100 daily",
		"12:00:00":             "2026-11-21 12:00:00 +0100 daily",
		"00:00:00":             "2026-11-21 00:00:00 +0100 daily",
		"11:30:00Z":            "2026-11-20 11:30:00 +0000 daily",
		"10:30:00Z":            "2026-11-21 10:30:00 +0000 daily",
		"26-11-20 12:00:01":    "2026-11-20 12:00:01 +0100",
		"2026-11-20 11:00:01Z": "2026-11-20 11:00:01 +0000",
		"2027-01-01 00:00:00":  "2027-01-01 00:00:00 +0100",
		"2026-11-20 12:00:00":  errReloadPast.Error(),
		"26-11-19 12:00:00":    errReloadPast.Error(),
		"2026-11-20 11:00:00Z": errReloadPast.Error(),
		"24:00:00":             "error",
		"12:00":                "error",
		"2026-13-01 00:00:00":  "error",
		"":                     "error",
		"Z":                    "error",
	} {
		m, err := parseReloadTime(text, now)
		got := m.at.Format("2006-01-02 15:04:05 -0700")
		if m.daily {
			got += " daily"
		}
		if err != nil {
			got = err.Error()
			if want == "error" {
				got = want
			}
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzParseReloadTime(f *testing.F) {
	f.Add("12:00:01")
	f.Add("26-11-20 12:00:01Z")
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := parseReloadTime(text, now); err == nil && !m.at.After(now) {
			t.Errorf("%q is %v", text, m.at)
		}
	})
}

func TestRepeatedReloadTime(t *testing.T) {
	r := newTrial(t, "")
	r.configure(globals("reload_time_file "+r.path("when"), "reload_repeat") + vrrpBlock)
	r.start()
	soon := time.Now().UTC().Add(2 * time.Second)
	r.write("when", soon.Format("15:04:05")+"\n")
	r.await("Reload complete")
	r.await(fmt.Sprintf("Scheduling reload for %s", soon.AddDate(0, 0, 1).Format("2006-01-02 15:04:05")))
	if !r.exists("when") {
		t.Error("the file was removed")
	}
	r.stop()
}
