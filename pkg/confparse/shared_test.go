package confparse

import (
	"os"
	"path/filepath"
	"testing"
)

// sharedDir is a folder of test inputs beside the repository. The test is
// skipped when it is not there.
func sharedDir(t testing.TB, elem ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test")
	}
	path := filepath.Join(append([]string{dir, "..", "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no test input %s", filepath.Join(append([]string{"../shared"}, elem...)...))
	}
	return path
}
