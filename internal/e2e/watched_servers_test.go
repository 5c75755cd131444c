package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// TestWatchedServers is TestWatched for the checker process: virtual servers
// by address, mark and group, whose real servers come and go.
func TestWatchedServers(t *testing.T) {
	if !inIPVSRun() {
		t.Skip("belongs to the run on a kernel with IPVS")
	}
	if os.Getenv("GKUML_FULL") == "" {
		t.Skip("takes a minute: run make test-long")
	}
	nstest.Require(t, "netns", "ipvs", "keepalived")
	own, real := ours(t), theirs(t)
	var want, got []string
	// One after the other: the one processor inside is slow enough.
	t.Run("keepalived", func(t *testing.T) { want = watchServers(t, real) })
	t.Run("ours", func(t *testing.T) { got = watchServers(t, own) })
	if !t.Failed() {
		for _, d := range unexpected(want, got, serversDifferences) {
			t.Error(d)
		}
	}
}

func watchServers(t *testing.T, d Daemon) []string {
	h := NewHost(t, "watched")
	h.Quiet()
	NewSwitch(t, "switch").Segment("s0", End{h, "eth0", []string{"10.9.0.1/24"}})
	h.LinksUp()
	w := &watched{t: t, h: h, daemon: d, special: "/run/w/lvs.fifo"}
	w.prepare()
	for _, name := range []string{"marked", "grouped"} {
		w.write(name, "")
	}
	os.Remove(h.Path("/run/w/good"))
	configure := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(h.Etc, "keepalived.conf"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const vs = "[10.9.0.100]:tcp:80"
	configure(fmt.Sprintf(serversGlobals, 3, serversSecond))
	w.start()
	w.expect("VS FWM 5 UP", "VS [VSG]:0 UP", "RS [127.0.0.1]:tcp:8081 "+vs+" DOWN", "RS [127.0.0.1]:tcp:8082 "+vs+" DOWN")
	w.stat("running")
	StartGreeter(t, h, "127.0.0.1:8081")
	w.expect("RS [127.0.0.1]:tcp:8081 " + vs + " UP")
	w.write("good", "")
	w.expect("RS [127.0.0.1]:tcp:8082 "+vs+" UP", "VS "+vs+" UP")
	os.Remove(h.Path("/run/w/good"))
	w.expect("RS [127.0.0.1]:tcp:8082 "+vs+" DOWN", "VS "+vs+" DOWN")
	w.write("good", "")
	w.expect("RS [127.0.0.1]:tcp:8082 "+vs+" UP", "VS "+vs+" UP")
	StopGreeters(h, "8081")
	w.expect("RS [127.0.0.1]:tcp:8081 "+vs+" DOWN", "VS "+vs+" DOWN")
	StartGreeter(t, h, "127.0.0.1:8081")
	w.expect("RS [127.0.0.1]:tcp:8081 "+vs+" UP", "VS "+vs+" UP")
	os.Remove(h.Path("/run/w/marked"))
	w.expect("VS FWM 5 DOWN")
	os.Remove(h.Path("/run/w/grouped"))
	w.expect("VS [VSG]:0 DOWN")
	w.write("marked", "")
	w.expect("VS FWM 5 UP")

	w.signal(syscall.SIGUSR1)
	path := h.Path("/run/w/tmp/keepalived_check.data")
	waitFor(t, "the dump", func() bool { return settled(path) })
	w.say("file", lines(h.Run("stat", "-c", "%n %A %u:%g", "/run/w/tmp/keepalived_check.data"))...)
	w.sayDump("keepalived_check.data", "")

	w.idle()
	configure(fmt.Sprintf(serversGlobals, 1, ""))
	w.signal(syscall.SIGHUP)
	w.expect("RS [127.0.0.1]:tcp:8082 " + vs + " DOWN")
	waitFor(t, "the reload", func() bool {
		log, _ := os.ReadFile(filepath.Join(h.Dir, "daemon.log"))
		return strings.Contains(string(log), "Reload complete")
	})
	w.idle()
	w.signal(syscall.SIGTERM)
	waitFor(t, d.Name+" to stop", func() bool {
		_, err := os.Stat(h.Path("/run/keepalived.pid"))
		return os.IsNotExist(err)
	})
	w.stat("stopped")
	w.collect()
	return w.out
}
