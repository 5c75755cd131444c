package daemon

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// systemLog is a log daemon for one trial: /dev/log of a /dev that only the
// trial has.
type systemLog struct {
	dev   string
	conn  *net.UnixConn
	done  chan struct{} // closed when lines are complete
	lines []string
}

// withSystemLog runs what follows in a mount namespace with a log daemon.
func (r *trial) withSystemLog() {
	r.t.Helper()
	dev := r.path("dev")
	if err := os.Mkdir(dev, 0o755); err != nil {
		r.t.Fatal(err)
	}
	for name, minor := range map[string]uint32{"null": 3, "zero": 5, "random": 8, "urandom": 9} {
		if err := unix.Mknod(filepath.Join(dev, name), unix.S_IFCHR|0o666, int(unix.Mkdev(1, minor))); err != nil {
			r.t.Skipf("make a device: %v", err)
		}
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dev, "log"), Net: "unixgram"})
	if err != nil {
		r.t.Fatal(err)
	}
	l := &systemLog{dev: dev, conn: conn, done: make(chan struct{})}
	go l.read()
	r.t.Cleanup(l.close)
	r.log = l
}

func (l *systemLog) read() {
	defer close(l.done)
	b := make([]byte, 64<<10)
	for {
		n, err := l.conn.Read(b)
		if err != nil {
			return
		}
		l.lines = append(l.lines, string(b[:n]))
	}
}

func (l *systemLog) close() {
	l.conn.Close()
	<-l.done
}

// command runs program with the log daemon.
func (l *systemLog) command(program string, argv []string) *exec.Cmd {
	if program == ownExecutable {
		program, _ = os.Readlink(program) // in bash it would be bash
	}
	const script = `mount --rbind "$1" /dev && exec -a "$3" "$2" "${@:4}"`
	return exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "bash", "-c", script, "bash", l.dev, program}, argv...)...)
}

// syslogLine is RFC 3164's form: priority, time, identity with pid, text.
var syslogLine = regexp.MustCompile(`^<(\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d (\w+)\[\d+\]: ([^\x00]*)\x00?\n?$`)

// labels are, for each text, the priorities and identities that it came with.
func (r *trial) labels() map[string][]string {
	r.t.Helper()
	l := r.log
	l.close()
	out := map[string][]string{}
	for _, line := range l.lines {
		m := syslogLine.FindStringSubmatch(line)
		if m == nil {
			r.t.Errorf("no line of a system log: %q", line)
			continue
		}
		for _, text := range r.normal([]string{withoutNumbers(m[3])}) {
			label := fmt.Sprintf("<%s> %s", m[1], m[2])
			if !slices.Contains(out[text], label) {
				out[text] = append(out[text], label)
			}
		}
	}
	for _, labels := range out {
		slices.Sort(labels)
	}
	return out
}

// oddLabels are lines with which keepalived has another priority, and why we
// do not.
var oddLabels = map[string]string{
	"Initializing ipvs":   "<31> Keepalived_healthcheckers: debug, but without -D too",
	"Reinitializing ipvs": "<31> Keepalived_healthcheckers: debug, but without -D too",
}

// compareLabels compares priorities and identities of the lines that both
// logs have.
func compareLabels(t *testing.T, theirs, ours map[string][]string) {
	t.Helper()
	both := 0
	for text, want := range theirs {
		got, ok := ours[text]
		if !ok {
			continue // compareLogs knows about it
		}
		both++
		if odd := oddLabels[text]; odd != "" && strings.HasPrefix(odd, strings.Join(want, ", ")+":") {
			continue
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q\nkeepalived: %s\n      ours: %s", text, strings.Join(want, ", "), strings.Join(got, ", "))
		}
	}
	if both < len(theirs)*2/3 {
		t.Errorf("only %d of %d lines are in both logs", both, len(theirs))
	}
}
