//go:build linux

package daemon

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// TestScriptPath: managers are told which file a script is in the end, as
// keepalived 2.3.3 does.
func TestScriptPath(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	global := config.NewGlobal()
	path := scriptPath(&global)
	for name, want := range map[string]string{file: file, link: file, filepath.Join(dir, "none"): ""} {
		if got := path(&config.Script{Args: []string{name, "argument"}}); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
