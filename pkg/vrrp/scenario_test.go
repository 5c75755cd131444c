package vrrp_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/gokeepalived/gokeepalived/internal/scenario"
)

// TestScenarios plays every file of testdata/scenarios. After a wanted change
// of behaviour run it with -rewrite and read the diff.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, filepath.Join(root(t), "testdata", "scenarios"), scenario.Run)
}

// root is the top of the repository.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = parent
	}
}
