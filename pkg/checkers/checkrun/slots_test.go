package checkrun

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// TestSlots: probes start in order as far as there is room, and none waits
// longer than its timeout.
func TestSlots(t *testing.T) {
	tcp := &config.Checker{Kind: config.CheckTCP, ConnectTimeout: time.Second}
	script := &config.Checker{Kind: config.CheckMISC, Misc: &config.MiscCheck{Timeout: 3 * time.Second}}
	now := time.Unix(1000, 0)
	at := func(s float64) time.Time { return now.Add(time.Duration(s * float64(time.Second))) }
	var s slots
	s.reset(2)
	ids := func(list []health.StartProbe) string {
		text := ""
		for _, a := range list {
			text += fmt.Sprint(a.ID, " ")
		}
		return text
	}
	take := func(when float64, id health.CheckerID, ck *config.Checker, want bool) {
		t.Helper()
		if got := s.take(at(when), health.StartProbe{ID: id, Run: uint64(id), Checker: ck}); got != want {
			t.Errorf("probe %d at %v starts: %v", id, when, got)
		}
	}
	expect := func(when float64, wantStart, wantLate string) {
		t.Helper()
		if start, late := s.next(at(when)); ids(start) != wantStart || ids(late) != wantLate {
			t.Errorf("at %v start %s, late %s, want %s, %s", when, ids(start), ids(late), wantStart, wantLate)
		}
	}
	if _, ok := s.deadline(); ok {
		t.Error("a deadline, and nothing waits")
	}
	take(0, 1, tcp, true)
	take(0, 2, tcp, true)
	take(0.1, 3, script, false)
	take(0.2, 4, tcp, false)
	take(0.3, 5, tcp, false)
	if d, ok := s.deadline(); !ok || !d.Equal(at(1.2)) {
		t.Errorf("deadline %v %v", d, ok)
	}
	expect(0.5, "", "")
	s.release(1, 99) // another run of it
	s.release(2, 2)
	expect(0.6, "", "") // the script needs more and is first
	s.release(1, 1)
	expect(0.7, "3 ", "") // more than there is, but nothing else runs
	s.forget(5, 5)
	expect(1.1, "", "")
	expect(1.2, "", "4 ")
	s.release(3, 3)
	take(2, 6, tcp, true)
	if s.used != 1 || len(s.waiting) != 0 {
		t.Errorf("%d in use, %d wait", s.used, len(s.waiting))
	}
}

// TestFewDescriptors: 40 checks at a time with room for some of them. All are
// made, and nobody runs out of descriptors.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"prlimit", "setpriv"} {
		if _, err := exec.LookPath(tool); err != nil {
			nstest.Missing(t, "util-linux", err)
		}
	}
	const checks, limit = 40, 64
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var open, most atomic.Int32
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			n := open.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.AfterFunc(400*time.Millisecond, func() {
				open.Add(-1)
				c.Close()
			})
		}
	}()
	var conf strings.Builder
	for i := range checks {
		fmt.Fprintf(&conf, `virtual_server 10.8.0.%d 80 {
 delay_loop 30
 protocol TCP
 real_server 127.0.1.%d 80 {
  HTTP_GET {
   connect_ip 127.0.0.1
   connect_port %d
   connect_timeout 9
   warmup 0
   retry 0
   url {
    path /
   }
  }
 }
}
`, i, i+1, ln.Addr().(*net.TCPAddr).Port)
	}
	path := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(path, []byte(conf.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	// Root may go over any limit, unless it has lost that privilege.
	args := []string{fmt.Sprintf("--nofile=%d:%d", limit, limit)}
	if os.Geteuid() == 0 {
		args = append(args, "setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource")
	}
	cmd := exec.Command("prlimit", append(args, os.Args[0])...)
	cmd.Env = append(os.Environ(), engineVariable+"="+path, "GK_CHECKRUN_MEMORY=1")
	log := &safeBuffer{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	const verdict = "from VS" // "Removing service [127.0.1.1]:tcp:80 from VS ..."
	for end := time.Now().Add(20 * time.Second); strings.Count(log.String(), verdict) < checks && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	text := log.String()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	if n := strings.Count(text, verdict); n != checks {
		t.Errorf("%d of %d checks have a verdict", n, checks)
	}
	if n := strings.Count(text, "Checks wait for one another"); n != 1 {
		t.Errorf("told %d times that checks wait", n)
	}
	if strings.Contains(text, "socket") || strings.Contains(text, "too many open files") {
		t.Error("out of descriptors")
	}
	if n := most.Load(); n < 5 || n >= checks {
		t.Errorf("%d connections at a time", n)
	}
	if t.Failed() {
		t.Logf("%.3000s", text)
	}
}

// safeBuffer may be read while a process writes to it.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
