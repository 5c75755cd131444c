//go:build linux

package nstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// BusWatcher is a program on a bus that listens to one service and calls it.
type BusWatcher struct {
	Conn *dbus.Conn

	t             testing.TB
	service, root string

	mu   sync.Mutex
	seen []string
}

// Watch joins the bus and listens to the signals of the objects below root.
func (b *Bus) Watch(service, root string) *BusWatcher {
	b.t.Helper()
	conn, err := dbus.Connect(b.Address())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	w := &BusWatcher{Conn: conn, t: b.t, service: service, root: root}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchPathNamespace(dbus.ObjectPath(root))},
		{dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg0Namespace(service)},
	} {
		if err := conn.AddMatchSignal(match...); err != nil {
			b.t.Fatal(err)
		}
	}
	signals := make(chan *dbus.Signal, 1000)
	conn.Signal(signals)
	go func() {
		for s := range signals {
			w.note(s)
		}
	}()
	return w
}

func (w *BusWatcher) note(s *dbus.Signal) {
	text := strings.TrimPrefix(string(s.Path), w.root) + s.Name[strings.LastIndexByte(s.Name, '.'):]
	switch {
	case s.Name == "org.freedesktop.DBus.NameOwnerChanged" && s.Body[2] == "":
		text = "name free"
	case s.Name == "org.freedesktop.DBus.NameOwnerChanged":
		text = "name taken"
	case strings.HasPrefix(s.Name, "org.freedesktop.DBus."):
		return // our own name
	}
	for _, v := range s.Body {
		if n, ok := v.(uint32); ok {
			text += fmt.Sprint(" ", n)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, text)
}

// Seen is what has come since the last Await: "/a/b.Signal 2" with the path
// below the root and numeric arguments, "name taken", "name free".
func (w *BusWatcher) Seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

// AwaitLast waits for a signal, and returns all that have come up to it since
// the last time.
func (w *BusWatcher) AwaitLast(last string, within time.Duration) (all []string) {
	w.t.Helper()
	Eventually(w.t, within, "signal "+last, func() (bool, string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		i := slices.Index(w.seen, last)
		if i >= 0 {
			all, w.seen = w.seen[:i+1], w.seen[i+1:]
		}
		return i >= 0, strings.Join(w.seen, ", ")
	})
	return all
}

// Await waits until exactly these signals have come since the last time.
func (w *BusWatcher) Await(want ...string) {
	w.t.Helper()
	Eventually(w.t, 20*time.Second, strings.Join(want, ", "), func() (bool, string) {
		seen := w.Seen()
		return len(seen) >= len(want), strings.Join(seen, ", ")
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.seen, want) {
		w.t.Errorf("signals %q, want %q", w.seen, want)
	}
	w.seen = nil
}

// Call calls a method of the object below root and returns what it answers;
// of an error name and text.
func (w *BusWatcher) Call(path, method string, args ...any) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := w.Conn.Object(w.service, dbus.ObjectPath(w.root+path)).CallWithContext(ctx, method, 0, args...)
	if c.Err != nil {
		var e dbus.Error
		if errors.As(c.Err, &e) {
			return e.Name + ": " + e.Error()
		}
		return c.Err.Error()
	}
	return fmt.Sprint(c.Body...)
}
