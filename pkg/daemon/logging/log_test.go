package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestConsoleLine(t *testing.T) {
	var out bytes.Buffer
	l, err := Open(Options{Console: &out, Ident: "Keepalived", PID: 7})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 5, 3, 5, 9, 123456789, time.UTC)
	h := l.Logger().Handler()
	_ = h.Handle(context.Background(), slog.NewRecord(at, slog.LevelInfo, "Starting Keepalived v2.4.3", 0))
	_ = h.Handle(context.Background(), slog.NewRecord(at, LevelAlert, "a\nb\x00c\td\x7f", 0))
	l.Close()
	want := "Thu Nov  5 03:05:09 2026: Starting Keepalived v2.4.3\nThu Nov  5 03:05:09 2026: a#012b#000c\td#177\n"
	if out.String() != want {
		t.Errorf("console has\n%q\nwant\n%q", out.String(), want)
	}
}

func TestDetail(t *testing.T) {
	for detail, want := range []string{"info", "info debug", "info debug extra"} {
		var out bytes.Buffer
		l, _ := Open(Options{Console: &out, Detail: detail})
		log := l.Logger()
		log.Info("info")
		log.Debug("debug")
		log.Log(context.Background(), LevelExtra, "extra")
		l.Close()
		got := strings.Join(regexp.MustCompile(`[a-z]+\n`).FindAllString(out.String(), -1), "")
		if strings.ReplaceAll(strings.TrimSpace(got), "\n", " ") != want {
			t.Errorf("-D given %d times: %q, want %q", detail, got, want)
		}
	}
}

func TestJSONLine(t *testing.T) {
	var out bytes.Buffer
	l, _ := Open(Options{Console: &out, Ident: "Keepalived_vrrp", PID: 7, JSON: true})
	log := l.Logger().With("instance", "VI_1").WithGroup("peer")
	log.Log(context.Background(), LevelAlert, "gone \"for\ngood\"", "address", "192.0.2.1", "after", 3*time.Second, "err", errors.New("no route"),
		slog.Group("g", "n", 1), "bad", func() {})
	l.Close()
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if _, err := time.Parse(time.RFC3339Nano, got["time"].(string)); err != nil {
		t.Error(err)
	}
	for key, want := range map[string]string{
		"level": "alert", "process": "Keepalived_vrrp", "pid": "7", "message": "gone \"for\ngood\"", "instance": "VI_1",
		"peer.address": "192.0.2.1", "peer.after": "3s", "peer.err": "no route", "peer.g": "map[n:1]",
	} {
		if fmt.Sprint(got[key]) != want {
			t.Errorf("%s = %v, want %s", key, got[key], want)
		}
	}
	if !strings.HasPrefix(fmt.Sprint(got["peer.bad"]), "0x") {
		t.Errorf("a value without JSON form reads %v", got["peer.bad"])
	}
}

func TestSyslogDatagram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	listen := func() *net.UnixConn {
		c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	read := func(c *net.UnixConn) string {
		buf := make([]byte, 65536)
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		n, err := c.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	server := listen()
	l, _ := Open(Options{Syslog: path, Facility: FacilityDaemon, Ident: "Keepalived_vrrp", PID: 42})
	defer l.Close()
	log := l.Logger()

	log.Info("(VI_1) Entering MASTER STATE")
	if got := read(server); !regexp.MustCompile(`^<30>[A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d Keepalived_vrrp\[42\]: \(VI_1\) Entering MASTER STATE$`).MatchString(got) {
		t.Errorf("got %q", got)
	}
	l.SetIdent("Keepalived_vrrp_ns")
	for level, pri := range map[slog.Level]string{LevelAlert: "<25>", slog.LevelError: "<27>", slog.LevelWarn: "<28>", slog.LevelInfo: "<30>"} {
		log.Log(context.Background(), level, "x")
		if got := read(server); !strings.HasPrefix(got, pri) || !strings.HasSuffix(got, " Keepalived_vrrp_ns[42]: x") {
			t.Errorf("level %v: %q, want priority %s", level, got, pri)
		}
	}

	// A restarted log daemon gets the next line.
	server.Close()
	_ = os.Remove(path)
	server = listen()
	defer server.Close()
	log.Info("again")
	if got := read(server); !strings.HasSuffix(got, "]: again") {
		t.Errorf("after a restart of the log daemon: %q", got)
	}

	log.Info(strings.Repeat("x", 1<<20))
	if got := read(server); len(got) != maxDatagram {
		t.Errorf("an oversized line came as %d bytes, want %d", len(got), maxDatagram)
	}
}

func TestFacility(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	l, _ := Open(Options{Syslog: path, Facility: FacilityLocal0 + 3, Ident: "K"})
	l.Logger().Info("x")
	l.Close()
	buf := make([]byte, 100)
	n, _ := c.Read(buf)
	if got := string(buf[:n]); !strings.HasPrefix(got, "<158>") || !strings.Contains(got, fmt.Sprintf(" K[%d]: x", os.Getpid())) {
		t.Errorf("got %q", got)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k.log")
	l, err := Open(Options{File: path})
	if err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("one")
	l.Flush(time.Second)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	l.Reopen()
	l.Logger().Info("two")
	l.Reopen() // nothing to do: the file is in place
	l.Logger().Info("three")
	l.Close()
	for name, want := range map[string]string{path + ".1": `^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{9} \d{4}: one\n$`, path: `: two\n.*: three\n$`} {
		got, _ := os.ReadFile(name)
		if !regexp.MustCompile(want).Match(got) {
			t.Errorf("%s has %q, want %s", name, got, want)
		}
	}

	link := filepath.Join(t.TempDir(), "link.log")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	l, err = Open(Options{File: link, Console: &out})
	if err == nil {
		t.Error("a log file that is a symbolic link was followed")
	}
	l.Logger().Info("still")
	l.Close()
	if !strings.HasSuffix(out.String(), ": still\n") {
		t.Errorf("without its file the log has %q", out.String())
	}
}

func TestFileFor(t *testing.T) {
	for path, want := range map[string]string{
		"/var/log/keepalived.log": "/var/log/keepalived_vrrp.log",
		"/var/log.d/keepalived":   "/var/log.d/keepalived_vrrp",
		"k.a.log":                 "k.a_vrrp.log",
	} {
		if got := FileFor(path, "_vrrp"); got != want {
			t.Errorf("FileFor(%s) = %s, want %s", path, got, want)
		}
	}
}

// stuck is a stream that does not take anything until it is released.
type stuck struct {
	bytes.Buffer
	entered, release chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	select {
	case s.entered <- struct{}{}:
	default:
	}
	<-s.release
	return s.Buffer.Write(p)
}

func TestStuckOutputBlocksNobody(t *testing.T) {
	out := &stuck{entered: make(chan struct{}, 1), release: make(chan struct{})}
	l, _ := Open(Options{Console: out})
	log := l.Logger()
	log.Info("first")
	<-out.entered
	for range queueLines + 10 {
		log.Info("filler")
	}
	if l.Flush(time.Millisecond) {
		t.Error("Flush says that everything is written")
	}
	close(out.release)
	l.Close()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != queueLines+2 {
		t.Errorf("%d lines were written, want %d", len(lines), queueLines+2)
	}
	if last := lines[len(lines)-1]; !strings.HasSuffix(last, ": 10 log messages lost: the log could not be written fast enough") {
		t.Errorf("the last line is %q", last)
	}
}

// TestStuckOutputHoldsUpNoReload: the other outputs are changed, and the stuck one
// when it goes on, after the lines before.
func TestStuckOutputHoldsUpNoReload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k.log")
	out := &stuck{entered: make(chan struct{}, 1), release: make(chan struct{})}
	l, err := Open(Options{Console: out, File: path, JSON: true, Ident: "old"})
	if err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("one")
	<-out.entered
	l.Logger().Info("two")
	for end := time.Now().Add(10 * flushLimit); ; time.Sleep(time.Millisecond) {
		text, _ := os.ReadFile(path)
		if strings.Contains(string(text), "two") {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the file waits for the stuck output: %q", text)
		}
	}
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.SetIdent("new")
		l.Reopen()
	}()
	select {
	case <-done:
	case <-time.After(10 * flushLimit):
		t.Fatal("the reload waits for the stuck output")
	}
	l.Logger().Info("three")
	close(out.release)
	l.Close()
	file, _ := os.ReadFile(path)
	moved, _ := os.ReadFile(path + ".1")
	const want = `"one" "two" "three"`
	for name, text := range map[string]string{"console": out.String(), "files": string(moved) + string(file)} {
		var got []string
		for _, m := range regexp.MustCompile(`"process":"(\w+)".*"message":("\w+")`).FindAllStringSubmatch(text, -1) {
			got = append(got, m[2])
			if wanted := map[bool]string{true: "new", false: "old"}[m[2] == `"three"`]; m[1] != wanted {
				t.Errorf("%s: %s of process %s, want %s", name, m[2], m[1], wanted)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if !strings.Contains(string(file), "three") || strings.Contains(string(file), "two") {
		t.Errorf("the new file has %q", file)
	}
}

func TestDiscard(t *testing.T) {
	l := Discard()
	l.Logger().Log(context.Background(), LevelAlert, "x")
	l.SetIdent("x")
	l.Close()
}

func BenchmarkInfo(b *testing.B) {
	l, _ := Open(Options{Console: io.Discard})
	defer l.Close()
	log := l.Logger()
	b.ReportAllocs()
	for b.Loop() {
		log.Info("(VI_1) Entering MASTER STATE")
	}
}

// TestNoLogDaemon: lines that find no log daemon are counted, and the next one
// learns how many.
func TestNoLogDaemon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, _ := Open(Options{Syslog: path, Ident: "K", PID: 1})
	defer l.Close()
	log := l.Logger()
	for range 3 {
		log.Info("lost")
	}
	if !l.Flush(10 * time.Second) {
		t.Fatal("the log hangs without a log daemon")
	}
	server, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	log.Info("there")
	want := []string{`K\[1\]: 3 log messages lost: .*no such file`, `K\[1\]: there$`}
	for _, w := range want {
		if got := readDatagram(t, server); !regexp.MustCompile(w).MatchString(got) {
			t.Errorf("got %q, want %s", got, w)
		}
	}
	// A restart that takes a moment loses nothing.
	server.Close()
	_ = os.Remove(path)
	log.Info("during the restart")
	back := make(chan *net.UnixConn)
	time.AfterFunc(syslogRestart/5, func() {
		again, _ := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
		back <- again
	})
	if server = <-back; server == nil {
		t.Fatal("no socket")
	}
	if got := readDatagram(t, server); !strings.HasSuffix(got, "]: during the restart") {
		t.Errorf("got %q", got)
	}
}

func readDatagram(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	buf := make([]byte, 65536)
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

// TestStuckLogDaemon: one that does not read costs a wait once, not for every
// line, and does not hold up the console.
func TestStuckLogDaemon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	server, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	out := &stuck{entered: make(chan struct{}, 1), release: make(chan struct{})}
	close(out.release)
	l, _ := Open(Options{Syslog: path, Ident: "K", PID: 1, Console: out})
	const many = 500 // more than the socket holds
	log := l.Logger()
	for range many {
		log.Info("line")
	}
	// Far less than a second for each line.
	if !l.Flush(30 * time.Second) {
		t.Error("the log hangs")
	}
	took := 0
	for {
		got := readDatagram(t, server)
		if took++; strings.HasSuffix(got, "]: line") {
			if took == 1 {
				log.Info("end") // there is room now
			}
			continue
		}
		var lost int
		if _, err := fmt.Sscanf(got[strings.Index(got, "]: ")+3:], "%d log messages lost: the log daemon does not read", &lost); err != nil {
			t.Fatalf("got %q", got)
		}
		if lost+took-1 != many {
			t.Errorf("%d lines came and %d are told as lost, of %d", took-1, lost, many)
		}
		break
	}
	l.Close()
	if n := strings.Count(out.String(), "\n"); n != many+1 {
		t.Errorf("the console has %d lines", n)
	}
}

// full takes so many bytes.
type full struct {
	bytes.Buffer
	room int
}

func (f *full) Write(p []byte) (int, error) {
	n := min(f.room, len(p))
	f.room -= n
	f.Buffer.Write(p[:n])
	if n < len(p) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

// TestFullDisk: what does not fit is counted, half a line is ended, and the
// log goes on when there is room again.
func TestFullDisk(t *testing.T) {
	f := &full{room: 40}
	o := &textOutput{w: f, stamp: "x"}
	at := time.Now()
	entry := func(text string) []line { return []line{{at: at, text: text}} }
	o.write(append(entry("aaaaaaaaaa"), entry("bbbbbbbbbb")...)) // 28 bytes
	o.write(append(entry("cccccccccc"), entry("dddddddddd")...)) // 12 bytes of 28
	o.write(entry("eeeeeeeeee"))
	f.room = 1000
	o.write(entry("ffffffffff"))
	o.write(entry("gggggggggg"))
	want := "x: aaaaaaaaaa\nx: bbbbbbbbbb\nx: ccccccccc\nx: 3 log messages lost: no space left on device\nx: ffffffffff\nx: gggggggggg\n"
	if f.String() != want {
		t.Errorf("the file has\n%q\nwant\n%q", f.String(), want)
	}

	// A real device that is always full does not end the log.
	var out bytes.Buffer
	l, err := Open(Options{File: "/dev/full", Console: &out})
	if err != nil {
		t.Fatal(err)
	}
	l.Logger().Info("still")
	l.Close()
	if !strings.HasSuffix(out.String(), ": still\n") {
		t.Errorf("the console has %q", out.String())
	}
}

// TestRotatedSilently: a file that was moved away is noticed without a reload.
func TestRotatedSilently(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k.log")
	f, err := openFile(Options{File: path})
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	f.write([]line{{text: "one"}})
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	f.looked = time.Now().Add(-lookEvery)
	f.write([]line{{text: "two"}})
	// Without its folder it goes on with what it has.
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	f.looked = time.Now().Add(-lookEvery)
	if got, err := f.f.Stat(); err != nil || got.Size() == 0 {
		t.Errorf("the new file: %v, %v", got, err)
	}
	f.write([]line{{text: "three"}})
	if f.lost != 0 {
		t.Errorf("%d lines lost", f.lost)
	}
}
