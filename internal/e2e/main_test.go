package e2e

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

func TestMain(m *testing.M) {
	if os.Getenv(initEnv) != "" {
		runInit()
	}
	if dir := os.Getenv(mailEnv); dir != "" {
		runMailServer(dir)
	}
	if spec := os.Getenv(greetEnv); spec != "" {
		runGreeter(spec)
	}
	// The labs mostly wait, whatever the number of processors; and a pairing
	// waits for the run of the real keepalived that is its model. What measures
	// times, or holds stories on short timers against each other, is not
	// parallel: beside dozens of labs it would show what two processors can do.
	flag.Parse()
	flag.Set("test.parallel", "64")
	os.Exit(m.Run())
}

// root is the top of the source tree.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != "/" {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the working directory")
	return ""
}

// ours is the freshly built binary; "make build" or any test target makes it.
func ours(t testing.TB) Daemon {
	t.Helper()
	path := filepath.Join(root(t), "bin", "gokeepalived")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return Daemon{Name: "ours", Path: path}
}

// theirs is the real keepalived.
func theirs(t testing.TB) Daemon {
	t.Helper()
	path, err := exec.LookPath("keepalived")
	if err != nil {
		nstest.Missing(t, "keepalived", err)
	}
	return Daemon{Name: "keepalived", Path: path}
}

// whole reports whether tests that need minutes of a machine of their own are
// to do everything (make test-long) or what shows as much in a busy minute.
func whole() bool { return os.Getenv("GK_LONG") != "" }
