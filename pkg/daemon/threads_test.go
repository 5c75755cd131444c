package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"golang.org/x/sys/unix"
)

// TestScriptThreadsKeepTheirScheduling: scripts run at ordinary priority
// whatever the process does.
func TestScriptThreadsKeepTheirScheduling(t *testing.T) {
	if os.Geteuid() != 0 {
		nstest.Missing(t, "root", fmt.Errorf("only root may raise priorities again"))
	}
	nice, err := exec.LookPath("nice")
	if err != nil {
		nstest.Missing(t, "coreutils", err)
	}
	out := t.TempDir() + "/nice"
	runner := script.NewRunner(startedWith())
	defer runner.Close()
	run := func() string {
		t.Helper()
		c := script.Command{Path: "/bin/sh", Args: []string{"sh", "-c", nice + " >" + out}}
		if res := runner.Run(context.Background(), c, script.Options{}); !res.OK() {
			t.Fatalf("%+v", res)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	want := run() // makes the thread
	s := newScheduling(slog.New(slog.DiscardHandler), roleVRRP, startedWith().Nice)
	none := config.NewGlobal()
	none.MaxAutoPriority = -1
	defer s.apply(&none)
	g := config.NewGlobal()
	g.VRRPProcess.Nice = startedWith().Nice + 3
	s.apply(&g)
	if now := startedWith().Nice; now != s.current.Nice {
		t.Fatalf("nice value %d after asking for %d", now, s.current.Nice)
	}
	if got := run(); got != want {
		t.Errorf("the script ran with nice value %s, want %s", got, want)
	}
	// The real-time class that nobody asked for does not reach scripts either.
	unset := config.NewGlobal()
	s.apply(&unset)
	if a, err := unix.SchedGetAttr(0, 0); err != nil || a.Policy != unix.SCHED_RR {
		t.Fatalf("policy %+v, %v", a, err)
	}
	class := script.Command{Path: "/bin/sh", Args: []string{"sh", "-c", "cat /proc/self/stat >" + out}}
	if res := runner.Run(context.Background(), class, script.Options{}); !res.OK() {
		t.Fatalf("%+v", res)
	}
	stat, _ := os.ReadFile(out)
	_, rest, _ := strings.Cut(string(stat), ") ")
	// Field 41 of proc(5), the first of rest being the third.
	if f := strings.Fields(rest); len(f) < 39 || f[38] != "0" {
		t.Errorf("a script of class %v", f)
	}
}

func TestProcessNameIsCut(t *testing.T) {
	before, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	defer setProcessName(strings.TrimSpace(string(before)))
	setProcessName("a-name-that-is-too-long")
	if got, _ := os.ReadFile("/proc/self/comm"); string(got) != "a-name-that-is-\n" {
		t.Errorf("the name is %q", got)
	}
}
