package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/wire"
)

// TestWatched tells the same story to keepalived and to us, each on a machine
// of its own, and compares everything that somebody who watches the daemon
// gets: how scripts are run, what the FIFOs carry and whose they are, whole
// SMTP dialogues, and the dump files. What may differ stands in
// watchedDifferences, each with its reason; what stands there and does not
// occur is an error too.
//
//	eth0 10.9.0.1, fd00:9::1    eth2 10.9.2.1    a peer 10.9.0.2 that only sends
func TestWatched(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns", "keepalived")
	own, real := ours(t), theirs(t)
	// Timers of 0.2 s are late on a busy machine, and two that were due one
	// after the other then end together. What is wrong is wrong every time.
	var always []string
	for performance := range 3 {
		var want, got []string
		t.Run(fmt.Sprint("performance ", performance+1), func(t *testing.T) {
			t.Run("keepalived", func(t *testing.T) {
				t.Parallel()
				want = watch(t, real)
			})
			t.Run("ours", func(t *testing.T) {
				t.Parallel()
				got = watch(t, own)
			})
		})
		if t.Failed() {
			return
		}
		found := unexpected(want, got, watchedDifferences)
		if performance == 0 {
			always = found
		}
		always = slices.DeleteFunc(always, func(d string) bool { return !slices.Contains(found, d) })
		if len(always) == 0 {
			return
		}
		t.Logf("unexpected differences in performance %d:\n%s", performance+1, strings.Join(found, "\n"))
	}
	t.Errorf("differences that are there every time:\n%s", strings.Join(always, "\n"))
}

// watched is one performance of the story.
type watched struct {
	t      *testing.T
	h      *Host
	daemon Daemon
	// special is the FIFO of one process, with the script.
	special string
	lines   *fifoReader
	out     []string
}

// watch performs the story and returns what was seen.
func watch(t *testing.T, d Daemon) []string {
	sw := NewSwitch(t, "switch")
	h, peer := NewHost(t, "watched"), NewHost(t, "peer")
	h.Quiet()
	peer.Quiet()
	sw.Segment("s0", End{h, "eth0", []string{"10.9.0.1/24", "fd00:9::1/64"}}, End{peer, "eth0", []string{"10.9.0.2/24"}})
	second := sw.Segment("s2", End{h, "eth2", []string{"10.9.2.1/24"}}, End{peer, "eth2", []string{"10.9.2.9/24"}})
	h.LinksUp()
	w := &watched{t: t, h: h, daemon: d, special: "/run/w/vrrp.fifo"}
	w.prepare()

	w.configure("", watchedFirst)
	w.start()
	w.expect(`INSTANCE "VI_3" MASTER 155`, `INSTANCE "VI_4" MASTER 140`, `GROUP "G1" MASTER 0`)
	w.stat("running")

	advert(t, peer, wire.Advert{
		Version: 2, Type: 1, VRID: 53, Priority: 20, Count: 1, AuthType: config.AuthPass, Interval: 1,
		Addresses: []byte{10, 9, 0, 103}, AuthData: [wire.AuthDataLen]byte{'s', 'e', 'c', 'r', 'e', 't'},
	})
	w.expect(`INSTANCE "VI_3" MASTER_RX_LOWER_PRI 155`)
	w.write("level", "30\n")
	w.expect(`INSTANCE "VI_3" MASTER_PRIORITY 185`)
	w.dump("first")

	second.SetCarrier("watched", false)
	w.expect(`GROUP "G1" FAULT 0`, `INSTANCE "VI_3" MASTER_PRIORITY 182`)
	second.SetCarrier("watched", true)
	w.expect(`INSTANCE "VI_3" MASTER_PRIORITY 185`, `GROUP "G1" MASTER 0`)
	if err := os.Remove(h.Path("/run/w/good")); err != nil {
		t.Fatal(err)
	}
	w.expect(`GROUP "G1" FAULT 0`)
	w.write("good", "")
	w.expect(`GROUP "G1" MASTER 0`)

	// Version 2 of the JSON is newer than 2.2.7.
	w.configure(map[string]string{"ours": "json_version 2"}[d.Name], watchedSecond)
	w.signal(syscall.SIGHUP)
	w.expect(`INSTANCE "VI_3" DELETED 185`, `INSTANCE "VI_4" FAULT 140`, `INSTANCE "VI_5" MASTER 130`)
	w.stat("reloaded")
	w.dump("second")

	w.idle()
	w.signal(syscall.SIGTERM)
	waitFor(t, d.Name+" to stop", func() bool {
		_, err := os.Stat(h.Path("/run/keepalived.pid"))
		return os.IsNotExist(err)
	})
	w.stat("stopped")
	w.collect()
	return w.out
}

// prepare makes what the configuration names.
func (w *watched) prepare() {
	w.t.Helper()
	for name, text := range map[string]string{"rec": recorder, "fifo": fifoScript} {
		path := filepath.Join(w.h.Etc, name)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			w.t.Fatal(err)
		}
		os.Chmod(path, 0o755) // whatever the umask
	}
	if err := os.Symlink("rec", filepath.Join(w.h.Etc, "link")); err != nil {
		w.t.Fatal(err)
	}
	accounts := w.t.TempDir()
	for name, text := range map[string]string{"passwd": watchedPasswd, "group": watchedGroup} {
		path := filepath.Join(accounts, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			w.t.Fatal(err)
		}
		w.h.Run("mount", "--bind", path, "/etc/"+name)
	}
	w.h.Run("mkdir", "-p", "/run/w/tmp", "/run/w/calls", "/run/w/fifo")
	w.h.Run("chmod", "1777", "/run/w/tmp", "/run/w/calls", "/run/w/fifo")
	w.write("good", "")
	w.write("level", "0\n")
	StartMail(w.t, w.h, "127.0.0.1:2525")
	w.lines = readFIFO(w.t, w.h.Path("/run/w/all.fifo"))
	w.t.Cleanup(func() {
		if w.t.Failed() {
			log, _ := os.ReadFile(filepath.Join(w.h.Dir, "daemon.log"))
			w.t.Logf("---- log of %s\n%s\n---- FIFO\n%s", w.daemon.Name, log, w.lines.text())
		}
	})
}

func (w *watched) write(name, text string) {
	w.t.Helper()
	// In place: a track file is watched by its inode's events.
	if err := os.WriteFile(w.h.Path("/run/w/"+name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// configure writes the configuration with one more global setting.
func (w *watched) configure(global, more string) {
	w.t.Helper()
	text := fmt.Sprintf(watchedGlobals, global) + more
	if err := os.WriteFile(filepath.Join(w.h.Etc, "keepalived.conf"), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// start starts the daemon with an environment in which every name is known.
func (w *watched) start() {
	w.h.Start("daemon.log", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=/run/w/tmp", "WORD=a b", "HOME=/root",
		"IFS=x", "LD_LIBRARY_PATH=/nowhere", w.daemon.Path, "--dont-fork", "--log-console", "--log-detail")
}

func (w *watched) signal(s syscall.Signal) {
	w.t.Helper()
	w.h.Run("sh", "-c", fmt.Sprintf("kill -%d $(cat /run/keepalived.pid)", int(s)))
}

// expect waits for lines of the FIFO, in any order, beyond those that were
// waited for before.
func (w *watched) expect(lines ...string) {
	w.t.Helper()
	for _, l := range lines {
		w.lines.expect(w.t, l)
	}
}

// say adds a section to what was seen.
func (w *watched) say(section string, lines ...string) {
	w.out = append(w.out, "== "+section)
	w.out = append(w.out, lines...)
}

// stat notes mode and owner of the FIFOs.
func (w *watched) stat(when string) {
	w.t.Helper()
	out, _ := w.h.Try("stat", "-c", "%n %A %u:%g", "/run/w/all.fifo", w.special)
	w.say("fifos "+when, lines(out)...)
}

// dump asks for all dump files and notes them.
func (w *watched) dump(when string) {
	w.t.Helper()
	for file, sig := range map[string]syscall.Signal{
		"keepalived.data": syscall.SIGUSR1, "keepalived.stats": syscall.SIGUSR2, "keepalived.json": 36,
	} {
		path := w.h.Path("/run/w/tmp/" + file)
		os.Remove(path)
		w.signal(sig)
		waitFor(w.t, file, func() bool { return settled(path) })
	}
	waitFor(w.t, "keepalived_parent.data", func() bool { return settled(w.h.Path("/run/w/tmp/keepalived_parent.data")) })
	out := w.h.Run("stat", "-c", "%n %A %u:%g", "/run/w/tmp/keepalived.data", "/run/w/tmp/keepalived.json",
		"/run/w/tmp/keepalived_parent.data", "/run/w/tmp/keepalived.stats")
	w.say("files "+when, lines(out)...)
	for _, file := range []string{"keepalived.data", "keepalived_parent.data"} {
		w.sayDump(file, ", "+when)
	}
	text, err := os.ReadFile(w.h.Path("/run/w/tmp/keepalived.stats"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.say("keepalived.stats, "+when, strings.Split(timelessDump(string(text)), "\n")...)
	text, err = os.ReadFile(w.h.Path("/run/w/tmp/keepalived.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	tree, err := jsonTree(text)
	if err != nil {
		w.t.Fatalf("%v in %s", err, text)
	}
	w.say("keepalived.json, "+when, tree...)
}

// sayDump notes a data dump, with one section for each part.
func (w *watched) sayDump(file, when string) {
	w.t.Helper()
	text, err := os.ReadFile(w.h.Path("/run/w/tmp/" + file))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, part := range strings.Split("\n"+timelessDump(string(text)), "\n------< ")[1:] {
		title, rest, _ := strings.Cut(part, " >------\n")
		w.say(file+" "+title+when, strings.Split(strings.TrimSuffix(rest, "\n"), "\n")...)
	}
}

// settled reports whether a dump is complete: 2.2.7 renames before it writes.
func settled(path string) bool {
	was, err := os.ReadFile(path)
	if err != nil || len(was) == 0 {
		return false
	}
	time.Sleep(100 * time.Millisecond)
	is, err := os.ReadFile(path)
	return err == nil && bytes.Equal(was, is)
}

// moments are figures of dumps that differ from one time to the next.
var moments = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\d+\.\d{6} \([A-Z][^)]*\)`), "TIME"},
	{regexp.MustCompile(`(?m)(Sent|Received): \d+$`), "$1: N"},
	{regexp.MustCompile(`([0-9a-f]{2}:){5}[0-9a-f]{2}`), "MAC"},
	{regexp.MustCompile(`fe80::[0-9a-f:]+`), "LINKLOCAL"},
	{regexp.MustCompile(`fd_in \d+`), "fd_in N"},
	{regexp.MustCompile(`(fd_out =? ?)\d+`), "${1}N"},
}

func timelessDump(text string) string {
	for _, m := range moments {
		text = m.what.ReplaceAllString(text, m.with)
	}
	return text
}

// sameShell undoes the differences of the order of scripts, to compare calls.
var sameShell = strings.NewReplacer("/usr/bin/sh|", "/bin/sh|", "/link|", "/rec|")

// idle waits until the scripts have written what they have to tell.
func (w *watched) idle() {
	w.t.Helper()
	last, since := -1, time.Now()
	waitFor(w.t, "the scripts to end", func() bool {
		calls, err := os.ReadDir(w.h.Path("/run/w/calls"))
		busy := slices.ContainsFunc(calls, func(c os.DirEntry) bool { return strings.Contains(c.Name(), ".") })
		if err != nil || busy || len(calls) != last {
			last, since = len(calls), time.Now()
		}
		return time.Since(since) > time.Second
	})
}

// collect notes what was left behind by everything that ran.
func (w *watched) collect() {
	w.t.Helper()
	calls, err := os.ReadDir(w.h.Path("/run/w/calls"))
	if err != nil {
		w.t.Fatal(err)
	}
	calls = slices.DeleteFunc(calls, func(c os.DirEntry) bool { return strings.Contains(c.Name(), ".") }) // ended by a stop
	slices.SortFunc(calls, func(a, b os.DirEntry) int {
		n, _ := strconv.Atoi(a.Name())
		m, _ := strconv.Atoi(b.Name())
		return n - m
	})
	var order []string
	details := map[string][]string{}
	for _, c := range calls {
		text, err := os.ReadFile(w.h.Path("/run/w/calls/" + c.Name()))
		if err != nil {
			w.t.Fatal(err)
		}
		first, rest, _ := strings.Cut(string(text), "\n")
		if !strings.Contains(first, w.special) { // a child of the FIFO script, whenever that gets to it
			order = append(order, first)
		}
		details[sameShell.Replace(first)] = lines(rest)
	}
	w.say("order of scripts", order...)
	for _, first := range slices.Sorted(maps.Keys(details)) {
		w.say("script "+first, details[first]...)
	}
	w.lines.close()
	w.say("lines", lines(w.lines.text())...)
	var passed []string
	outs, _ := os.ReadDir(w.h.Path("/run/w/fifo"))
	for _, o := range outs {
		text, _ := os.ReadFile(w.h.Path("/run/w/fifo/" + o.Name()))
		passed = append(passed, lines(string(text))...)
	}
	w.say("lines of the script's FIFO", passed...)
	w.say("mails", w.dialogues()...)
}

var mailDate = regexp.MustCompile(`Date: [^\\]*`)

// dialogues are what the client said, one line per mail, sorted: keepalived
// sends all at once.
func (w *watched) dialogues() []string {
	text, err := os.ReadFile(filepath.Join(w.h.Dir, "dialogues.log"))
	if err != nil {
		w.t.Fatal(err)
	}
	// 2.4.3 folds the field of the recipients; unfolded it is 2.2.7's.
	unfolded := strings.ReplaceAll(string(text), `,\r\n `, ", ")
	all := lines(mailDate.ReplaceAllString(unfolded, "Date: D"))
	slices.Sort(all)
	return all
}

// jsonTree lists every value with its path and type, in the order of the text.
func jsonTree(text []byte) ([]string, error) {
	if !bytes.HasSuffix(text, []byte("\n")) || bytes.Count(text, []byte("\n")) != 1 {
		return nil, fmt.Errorf("not one line")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out []string
	var value func(path string) error
	value = func(path string) error {
		// Version 2 has version 1's array one level down.
		path, _ = strings.CutPrefix(path, ".vrrp")
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch v := token.(type) {
		case json.Delim:
			for i := 0; d.More(); i++ {
				at := fmt.Sprintf("%s[%d]", path, i)
				if v == '{' {
					key, err := d.Token()
					if err != nil {
						return err
					}
					at = path + "." + key.(string)
				}
				if err := value(at); err != nil {
					return err
				}
			}
			_, err = d.Token()
			return err
		case json.Number:
			if strings.HasSuffix(path, ".last_transition") {
				_, fraction, _ := strings.Cut(v.String(), ".")
				v = json.Number(fmt.Sprintf("TIME with %d digits", len(fraction)))
			}
			if strings.HasSuffix(path, ".advert_sent") || strings.HasSuffix(path, ".advert_rcvd") {
				v = "N"
			}
			out = append(out, fmt.Sprintf("%s number %s", path, v))
		default:
			out = append(out, fmt.Sprintf("%s %T %v", path, v, v))
		}
		return nil
	}
	if err := value(""); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one value")
	}
	return out, nil
}

// fifoReader is a reader that never goes away and never misses a line.
type fifoReader struct {
	f *os.File

	mu     sync.Mutex
	all    []byte
	waited map[string]int
}

func readFIFO(t *testing.T, path string) *fifoReader {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o620); err != nil {
		t.Fatal(err)
	}
	// For writing too: then there never is an end.
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := &fifoReader{f: f, waited: map[string]int{}}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			if err != nil {
				return
			}
			r.mu.Lock()
			r.all = append(r.all, buf[:n]...)
			r.mu.Unlock()
		}
	}()
	t.Cleanup(r.close)
	return r
}

func (r *fifoReader) close() { r.f.Close() }

func (r *fifoReader) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.all)
}

// expect waits for one more of line.
func (r *fifoReader) expect(t *testing.T, line string) {
	t.Helper()
	r.waited[line]++
	waitFor(t, fmt.Sprintf("line %q for the %d. time", line, r.waited[line]), func() bool {
		return strings.Count(r.text(), line+"\n") >= r.waited[line]
	})
}

// advert sends one advert from a host without daemon.
func advert(t *testing.T, h *Host, a wire.Advert) {
	t.Helper()
	pdu := a.Append(nil, config.IPv4)
	sum := wire.Checksum(pdu, 0)
	pdu[6], pdu[7] = byte(sum>>8), byte(sum)
	err := h.inNetwork(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 112)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		if err := unix.BindToDevice(fd, "eth0"); err != nil {
			return err
		}
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, 255); err != nil {
			return err
		}
		return unix.Sendto(fd, pdu, 0, &unix.SockaddrInet4{Addr: [4]byte{224, 0, 0, 18}})
	})
	if err != nil {
		t.Fatalf("send an advert: %v", err)
	}
}
