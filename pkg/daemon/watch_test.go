package daemon

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watchCreated begins to watch for a file; the function returned reports
// whether it was created since.
func watchCreated(t *testing.T, dir, name string) func() bool {
	t.Helper()
	w, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if err := w.Add(dir); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		limit := time.After(patience)
		for {
			select {
			case e := <-w.Events:
				if filepath.Base(e.Name) == name && e.Has(fsnotify.Create) {
					return true
				}
			case <-limit:
				return false
			}
		}
	}
}
