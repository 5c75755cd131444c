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
)

// TestScriptThreadsKeepTheirScheduling: scripts run at ordinary priority
// whatever the process does.
func TestScriptThreadsKeepTheirScheduling(t *testing.T) {
	if os.Geteuid() != 0 {
		nstest.Missing(t, "root", fmt.Errorf("only root may raise priorities again"))
	}
	nice, err := exec.LookPath("nice")
	if err != nil {
		t.Skip(err)
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
	defer s.apply(config.ProcessSettings{})
	s.apply(config.ProcessSettings{Nice: startedWith().Nice + 3})
	if now := startedWith().Nice; now != s.current.Nice {
		t.Fatalf("nice value %d after asking for %d", now, s.current.Nice)
	}
	if got := run(); got != want {
		t.Errorf("the script ran with nice value %s, want %s", got, want)
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
