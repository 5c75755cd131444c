package logging

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSystemConsole: a flood gets a burst and then the rate.
func TestSystemConsole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	c := systemConsole{path: path}
	// lines writes 1,000 lines at a moment, and counts those that came out.
	lines := func(now time.Time) int {
		for range 1000 {
			c.write(now, []byte("x"))
		}
		buf := make([]byte, 1<<16)
		n, err := reader.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(buf[:n]), "x\r\n")
	}
	now := time.Unix(1e9, 0)
	if n := lines(now); n != consoleBurst {
		t.Errorf("%d lines at once, want %d", n, consoleBurst)
	}
	if n := lines(now.Add(time.Second)); n != 10 {
		t.Errorf("%d lines a second later, want 10", n)
	}
	if n := lines(now.Add(time.Hour)); n != consoleBurst {
		t.Errorf("%d lines an hour later, want %d", n, consoleBurst)
	}
}

// TestSystemConsoleStopped: one that takes nothing holds up a burst of lines
// once.
func TestSystemConsoleStopped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	full, err := syscall.Open(path, syscall.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(full)
	for err == nil {
		_, err = syscall.Write(full, make([]byte, 1<<12))
	}
	c := systemConsole{path: path}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range consoleBurst {
			c.write(time.Unix(1e9, 0), []byte("x"))
		}
	}()
	select {
	case <-done:
	case <-time.After(consoleBurst * consolePause):
		t.Error("held up for every line")
	}
}

// TestSystemConsoleHasNoCounts: the console gets the lines that the log daemon
// does not, and not how many these are.
func TestSystemConsoleHasNoCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "console")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	o := &syslogOutput{path: filepath.Join(t.TempDir(), "nobody"), ident: "K", pid: 7, console: systemConsole{path: path}}
	o.write([]line{{text: "one"}, {text: "two"}, {text: "three"}})
	buf := make([]byte, 1<<12)
	n, err := reader.Read(buf)
	if want := "K[7]: one\r\nK[7]: two\r\nK[7]: three\r\n"; err != nil || string(buf[:n]) != want {
		t.Errorf("%v; the console has %q, want %q", err, buf[:n], want)
	}
}
