package daemon

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// TestJSONLog: every line of every process is an object with the keys that the
// manual promises; a change of state has its own.
func TestJSONLog(t *testing.T) {
	ns := newNetwork(t, "gkdmn-json")
	r := newTrial(t, quickInstance)
	r.env = append(r.env, fakeVariable+"="+realEngines)
	ns.Do(func() { r.run("-D", "--log-fo=json") })
	r.await("(VI_1) MASTER: ")
	r.stop()
	processes := map[string]bool{}
	var change map[string]any
	for _, l := range strings.Split(strings.TrimSpace(r.text()), "\n") {
		var o map[string]any
		if err := json.Unmarshal([]byte(l), &o); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		for _, key := range []string{"time", "level", "process", "message"} {
			if text, ok := o[key].(string); !ok || text == "" {
				t.Errorf("%s: no %s", l, key)
			}
		}
		if pid, ok := o["pid"].(float64); !ok || pid < 2 {
			t.Errorf("%s: no pid", l)
		}
		if at, err := time.Parse(time.RFC3339Nano, o["time"].(string)); err != nil || time.Since(at) > time.Hour {
			t.Errorf("%s: %v", l, err)
		}
		processes[o["process"].(string)] = true
		if o["state"] == "MASTER" {
			change = o
		}
	}
	if !processes["Keepalived"] || !processes["Keepalived_vrrp"] {
		t.Errorf("lines of %v only", processes)
	}
	if change["instance"] != "VI_1" || change["priority"] != 100.0 || !strings.HasPrefix(change["reason"].(string), "no advert for ") {
		t.Errorf("the change of state is %v", change)
	}
}

// TestClosedConsole: nobody reads the console any more; that is no reason to
// end or to stop working.
func TestClosedConsole(t *testing.T) {
	r := newTrial(t, vrrpBlock)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := r.command(r.args("-n", "-l", "-D", "-g"+r.path("k.log")))
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	nstest.Eventually(t, patience, "the start", func() (bool, string) {
		text, _ := os.ReadFile(r.path("k.log"))
		return strings.Contains(string(text), "Startup complete"), string(text)
	})
	_, _ = io.ReadFull(reader, make([]byte, 10))
	_ = reader.Close()
	for i := range 3 {
		_ = os.Remove(r.path("keepalived.stats"))
		if err := cmd.Process.Signal(syscall.SIGUSR2); err != nil {
			t.Fatalf("signal %d: %v", i, err)
		}
		r.eventually("the dump", func() bool { return r.exists("keepalived.stats") })
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the end: %v", err)
		}
	case <-time.After(patience):
		t.Error("no end")
	}
	if text := r.read("k.log"); !strings.Contains(text, "Stopped Keepalived") {
		t.Errorf("the log file has\n%s", text)
	}
}
