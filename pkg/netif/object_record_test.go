//go:build linux

package netif

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What has come and not gone is found by the next process, however the last
// one ended, and the file stays short.
func TestObjectRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.objects")
	open := func() *ObjectRecord { return OpenObjectRecord(path, func(err error) { t.Error(err) }) }
	want := func(r *ObjectRecord, lines ...string) {
		t.Helper()
		if got := r.Lines(); !slices.Equal(got, lines) {
			t.Errorf("%q, want %q", got, lines)
		}
	}
	r := open()
	want(r)
	r.Add("")
	if _, err := os.Stat(path); err == nil {
		t.Error("a record of nothing")
	}
	r.Add("b")
	r.Add("a")
	r.Add("a")
	r.Add("c")
	r.Remove("b")
	r.Remove("nothing")
	want(r, "a", "c")

	// Killed; the next one takes c away and is killed while it writes.
	r = open()
	want(r, "a", "c")
	r.Remove("c")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("-a"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	r = open()
	want(r, "a")

	for i := range 10_000 {
		r.Add(fmt.Sprint(i))
		r.Remove(fmt.Sprint(i))
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 5000 {
		t.Errorf("%v, %v", info, err)
	}
	want(open(), "a")
	r.Close(false)
	want(open(), "a")
	r = open()
	r.Remove("a")
	r.Close(false)
	if _, err := os.Stat(path); err == nil {
		t.Error("an empty record stays")
	}
	r = open()
	r.Add("a")
	r.Close(true)
	if _, err := os.Stat(path); err == nil {
		t.Error("a forgotten record stays")
	}
}

// A record is not believed when it is of another place or when somebody else
// may have written it; one that cannot be written is complained of once.
func TestObjectRecordNotBelieved(t *testing.T) {
	here, err := whereabouts()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       int
		failures   int
	}{
		{"good", here + "\n+a\n", 0o644, 1, 0},
		{"another boot or namespace", "x" + here + "\n+a\n", 0o644, 0, 0},
		{"writable by others", here + "\n+a\n", 0o666, 0, 1},
		{"rubbish", here + "\n" + strings.Repeat("\x00\xff \n\n-\n", 1000), 0o644, 0, 0},
	} {
		path := filepath.Join(t.TempDir(), "v.objects")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		failures := 0
		r := OpenObjectRecord(path, func(error) { failures++ })
		if n := len(r.Lines()); n != c.want || failures != c.failures {
			t.Errorf("%s: %d lines, %d failures", c.name, n, failures)
		}
		r.Add("new")
		if got := OpenObjectRecord(path, func(err error) { t.Error(err) }).Lines(); len(got) != c.want+1 {
			t.Errorf("%s: then %q", c.name, got)
		}
	}
	failures := 0
	r := OpenObjectRecord(filepath.Join(t.TempDir(), "missing", "v.objects"), func(error) { failures++ })
	r.Add("a")
	r.Add("b")
	if failures != 1 {
		t.Errorf("%d failures", failures)
	}
	r = nil
	r.Add("a")
	r.Remove("a")
	r.Close(true)
}
