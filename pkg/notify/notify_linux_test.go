package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
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
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// bench is a folder with a recording script, and a runner.
type bench struct {
	t      *testing.T
	dir    string
	runner *script.Runner
	cfg    *config.Config
	log    lockedBuffer
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, dir: t.TempDir(), runner: script.NewRunner(script.RunnerOptions{}), cfg: &config.Config{Global: config.NewGlobal()}}
	t.Cleanup(b.runner.Close)
	// A record per run, put in place in one piece.
	b.file("record", `#!/bin/sh
for a; do printf '%s|' "$a"; done >"$0.$$.tmp"
mv "$0.$$.tmp" "$0.$$.run"
`)
	return b
}

func (b *bench) file(name, text string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// script is a command that records its arguments.
func (b *bench) script(args ...string) *config.Script {
	return &config.Script{Args: append([]string{b.dir + "/record"}, args...), Text: "record " + strings.Join(args, " ")}
}

func (b *bench) command(name, text string) *config.Script {
	path := b.file(name, text)
	return &config.Script{Args: []string{path}, Text: path}
}

func (b *bench) sink(part Part) *Sink {
	return New(b.cfg, Options{
		Log: slog.New(slog.NewTextHandler(&b.log, nil)), Runner: b.runner, Machine: script.Host{}, Part: part,
	})
}

func (b *bench) close(s *Sink) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s.Close(ctx)
}

// runs are the recorded arguments in the order of the starts, once there are
// n of them.
func (b *bench) runs(n int) []string {
	b.t.Helper()
	type run struct {
		pid  int
		args string
	}
	var found []run
	b.eventually(fmt.Sprintf("%d scripts have run", n), func() bool {
		found = nil
		names, _ := filepath.Glob(b.dir + "/record.*.run")
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				b.t.Fatal(err)
			}
			pid, _ := strconv.Atoi(strings.Split(filepath.Base(name), ".")[1])
			found = append(found, run{pid, string(text)})
		}
		return len(found) >= n
	})
	slices.SortFunc(found, func(x, y run) int { return x.pid - y.pid })
	var list []string
	for _, r := range found {
		list = append(list, r.args)
	}
	return list
}

func (b *bench) eventually(what string, ok func() bool) {
	b.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			b.t.Fatalf("not after 10 s: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// drain reads what is in a FIFO now.
func (b *bench) drain(path string) string {
	b.t.Helper()
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	defer unix.Close(fd)
	var all []byte
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Read(fd, buf)
		if n <= 0 || err != nil {
			return string(all)
		}
		all = append(all, buf[:n]...)
	}
}

func TestVRRPEvents(t *testing.T) {
	b := newBench(t)
	notify := func(name string) config.NotifyScripts {
		return config.NotifyScripts{
			Master: b.script(name, "master"), Backup: b.script(name, "backup"), Fault: b.script(name, "fault"),
			Stop: b.script(name, "stop"), Deleted: b.script(name, "deleted"), Any: b.script(name, "a  b"),
			MasterRxLower: b.script(name, "rx"),
		}
	}
	b.cfg.Instances = []*config.VRRPInstance{{Name: "VI 1", Notify: notify("i")}, {Name: "silent"}}
	b.cfg.SyncGroups = []*config.SyncGroup{{Name: "G", Notify: notify("g")}}
	b.cfg.Global.NotifyFIFO.Path = b.dir + "/all"
	b.cfg.Global.VRRPNotifyFIFO.Path = b.dir + "/vrrp"
	s := b.sink(VRRP)
	for _, e := range []event.Event{
		event.InstanceState{Instance: "VI 1", State: event.Backup, Priority: 100},
		event.InstanceState{Instance: "silent", State: event.Backup, Priority: 90},
		event.GroupState{Group: "G", State: event.Backup},
		event.InstanceState{Instance: "VI 1", State: event.Master, Priority: 101},
		event.MasterRxLowerPriority{Instance: "VI 1", Priority: 50},
		event.PriorityChange{Instance: "VI 1", State: event.Master, Priority: 60},
		event.PriorityChange{Instance: "VI 1", State: event.Fault, Priority: 61},
		event.InstanceState{Instance: "VI 1", State: event.Fault, Priority: 62},
		event.InstanceState{Instance: "VI 1", State: event.Deleted, Priority: 63},
		event.StatesOnReload{Instances: []event.InstanceState{{Instance: "VI 1"}}}, // not asked for
		event.RealServerState{RealServer: "R", VirtualServer: "V"},                 // not of this part, and without script
		event.InstanceState{Instance: "VI 1", State: event.Stop, Priority: 64},
		event.GroupState{Group: "G", State: event.Stop},
		event.InstanceState{Instance: "unheard of", State: event.Master, Priority: 1},
	} {
		s.Send(e)
	}
	wantLines := `INSTANCE "VI 1" BACKUP 100
INSTANCE "silent" BACKUP 90
GROUP "G" BACKUP 0
INSTANCE "VI 1" MASTER 101
INSTANCE "VI 1" MASTER_RX_LOWER_PRI 50
INSTANCE "VI 1" MASTER_PRIORITY 60
INSTANCE "VI 1" BACKUP_PRIORITY 61
INSTANCE "VI 1" FAULT 62
INSTANCE "VI 1" DELETED 63
RS R V DOWN
INSTANCE "VI 1" STOP 64
GROUP "G" STOP 0
INSTANCE "unheard of" MASTER 1
`
	for _, fifo := range []string{"/all", "/vrrp"} {
		if got := b.drain(b.dir + fifo); got != wantLines {
			t.Errorf("%s has\n%s\nwant\n%s", fifo, got, wantLines)
		}
	}
	want := []string{
		"i|backup|", "i|a  b|INSTANCE|VI 1|BACKUP|100|",
		"g|backup|", "g|a  b|GROUP|G|BACKUP|0|",
		"i|master|", "i|a  b|INSTANCE|VI 1|MASTER|101|",
		"i|rx|",
		"i|fault|", "i|a  b|INSTANCE|VI 1|FAULT|62|",
		"i|deleted|", "i|a  b|INSTANCE|VI 1|DELETED|63|",
		"i|stop|", "i|a  b|INSTANCE|VI 1|STOP|64|",
		"g|stop|", "g|a  b|GROUP|G|STOP|0|",
	}
	if got := b.runs(len(want)); !slices.Equal(got, want) {
		t.Errorf("scripts ran with\n%q\nwant\n%q", got, want)
	}
	b.close(s)
	s.Send(event.InstanceState{Instance: "VI 1", State: event.Master}) // no harm
	for _, fifo := range []string{"/all", "/vrrp"} {
		if _, err := os.Lstat(b.dir + fifo); !os.IsNotExist(err) {
			t.Errorf("%s is left behind: %v", fifo, err)
		}
	}
}

func TestCheckerEvents(t *testing.T) {
	b := newBench(t)
	rs := func(name string) *config.RealServer {
		return &config.RealServer{Name: name, NotifyUp: b.script(name, "up"), NotifyDown: b.script(name, "down")}
	}
	b.cfg.VirtualServers = []*config.VirtualServer{
		{Name: "[10.9.1.1]:tcp:80", QuorumUp: b.script("V", "up"), QuorumDown: b.script("V", "down"), RealServers: []*config.RealServer{rs("[10.9.0.1]:tcp:80"), rs("[10.9.0.2]:tcp:80")}},
		{Name: "FWM 7", RealServers: []*config.RealServer{{Name: "[10.9.0.1]:none:0"}}},
	}
	b.cfg.Global.LVSNotifyFIFO.Path = b.dir + "/lvs"
	b.cfg.Global.VRRPNotifyFIFO.Path = b.dir + "/vrrp"
	s := b.sink(Checkers)
	for _, e := range []event.Event{
		event.VirtualServerState{VirtualServer: "[10.9.1.1]:tcp:80", Up: true},
		event.RealServerState{VirtualServer: "[10.9.1.1]:tcp:80", RealServer: "[10.9.0.2]:tcp:80"},
		event.RealServerState{VirtualServer: "FWM 7", RealServer: "[10.9.0.1]:none:0", Up: true},
		event.VirtualServerState{VirtualServer: "[10.9.1.1]:tcp:80"},
		event.CheckerState{VirtualServer: "[10.9.1.1]:tcp:80", RealServer: "[10.9.0.2]:tcp:80"}, // a mail only
	} {
		s.Send(e)
	}
	want := []string{"V|up|", "[10.9.0.2]:tcp:80|down|", "V|down|"}
	if got := b.runs(3); !slices.Equal(got, want) {
		t.Errorf("scripts ran with %q, want %q", got, want)
	}
	wantLines := "VS [10.9.1.1]:tcp:80 UP\nRS [10.9.0.2]:tcp:80 [10.9.1.1]:tcp:80 DOWN\n" +
		"RS [10.9.0.1]:none:0 FWM 7 UP\nVS [10.9.1.1]:tcp:80 DOWN\n"
	if got := b.drain(b.dir + "/lvs"); got != wantLines {
		t.Errorf("FIFO has %q, want %q", got, wantLines)
	}
	if _, err := os.Lstat(b.dir + "/vrrp"); !os.IsNotExist(err) {
		t.Error("the checkers have made the FIFO of VRRP")
	}
	b.close(s)
}

// An instance that a reload removes still has its scripts, but not
// notify_fault; states are written again when that is asked for.
func TestReload(t *testing.T) {
	b := newBench(t)
	gone := &config.VRRPInstance{Name: "gone", Notify: config.NotifyScripts{
		Any: b.script("any"), Fault: b.script("fault"), Deleted: b.script("deleted"),
	}}
	stays := &config.VRRPInstance{Name: "stays", Notify: config.NotifyScripts{Any: b.script("old")}}
	b.cfg.Instances = []*config.VRRPInstance{gone, stays}
	b.cfg.Global.NotifyFIFO.Path = b.dir + "/fifo"
	s := b.sink(VRRP)
	reader, err := unix.Open(b.dir+"/fifo", unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(reader)
	next := &config.Config{Global: b.cfg.Global}
	next.Global.FIFOWriteStatesOnReload = true
	next.Instances = []*config.VRRPInstance{{Name: "stays", Notify: config.NotifyScripts{Any: b.script("new")}}}
	s.Update(next)
	s.Send(event.InstanceState{Instance: "gone", State: event.Fault, Priority: 9})
	s.Send(event.InstanceState{Instance: "gone", State: event.Deleted, Priority: 9})
	s.Send(event.StatesOnReload{
		Instances: []event.InstanceState{{Instance: "stays", State: event.Master, Priority: 8}},
		Groups:    []event.GroupState{{Group: "G", State: event.Backup}},
	})
	s.Send(event.InstanceState{Instance: "stays", State: event.Backup, Priority: 7})
	want := []string{"any|INSTANCE|gone|FAULT|9|", "deleted|", "any|INSTANCE|gone|DELETED|9|", "new|INSTANCE|stays|BACKUP|7|"}
	if got := b.runs(4); !slices.Equal(got, want) {
		t.Errorf("scripts ran with %q, want %q", got, want)
	}
	// The reader that was there before the reload gets everything.
	buf := make([]byte, 4096)
	n, err := unix.Read(reader, buf)
	wantLines := `INSTANCE "gone" FAULT 9
INSTANCE "gone" DELETED 9
INSTANCE "stays" MASTER 8
GROUP "G" BACKUP 0
INSTANCE "stays" BACKUP 7
`
	if err != nil || string(buf[:n]) != wantLines {
		t.Errorf("read %q, %v; want %q", buf[:max(n, 0)], err, wantLines)
	}
	s.Update(&config.Config{Global: config.NewGlobal()})
	if _, err := os.Lstat(b.dir + "/fifo"); !os.IsNotExist(err) {
		t.Error("the FIFO is left behind by a reload without it")
	}
	b.close(s)
}

func TestFIFOCreation(t *testing.T) {
	root := os.Getuid() == 0
	tests := map[string]struct {
		before   func(b *bench, path string)
		umask    int
		user     string
		needRoot bool
		usable   bool
		mode     os.FileMode
		uid      int
		left     bool // after Close
		log      string
	}{
		"default umask": {umask: 0o177, usable: true, mode: 0o600},
		"umask 022":     {umask: 0o022, usable: true, mode: 0o644},
		"for another user": {
			umask: 0o177, user: "nobody", needRoot: true, usable: true, mode: 0o600, uid: 65534,
		},
		"made by the administrator": {
			before: func(b *bench, path string) { b.mkfifo(path, 0o622, os.Getuid()) },
			umask:  0o177, user: "nobody", needRoot: true, usable: true, mode: 0o622, left: true,
		},
		"made by its user": {
			before: func(b *bench, path string) { b.mkfifo(path, 0o600, 65534) },
			umask:  0o177, user: "nobody", needRoot: true, usable: true, mode: 0o600, uid: 65534, left: true,
		},
		"made by somebody else": {
			before: func(b *bench, path string) { b.mkfifo(path, 0o666, 1) },
			umask:  0o177, user: "nobody", needRoot: true, left: true, mode: 0o666, uid: 1,
			log: "vrrp_notify fifo PATH is not a fifo we own - not using",
		},
		"a file": {
			before: func(b *bench, path string) { b.file(filepath.Base(path), "keep") },
			umask:  0o177, left: true, mode: 0o755, log: "vrrp_notify fifo PATH is not a fifo we own - not using",
		},
		"a link": {
			before: func(b *bench, path string) {
				b.mkfifo(path+".real", 0o600, os.Getuid())
				if err := os.Symlink(path+".real", path); err != nil {
					b.t.Fatal(err)
				}
			},
			umask: 0o177, left: true, mode: 0o777, log: "Unable to open vrrp_notify fifo PATH - errno 40",
		},
		"unknown user": {umask: 0o177, user: "no-such-user-9", log: "Script user 'no-such-user-9' does not exist"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.needRoot && !root {
				nstest.Missing(t, "root", errors.New("files of several users"))
			}
			b := newBench(t)
			path := b.dir + "/fifo"
			if test.before != nil {
				test.before(b, path)
			}
			b.cfg.Global.VRRPNotifyFIFO = config.FIFO{Path: path, User: test.user}
			old := syscall.Umask(test.umask)
			s := b.sink(VRRP)
			syscall.Umask(old)
			s.Send(event.GroupState{Group: "G", State: event.Master})
			info, err := os.Lstat(path)
			if err == nil {
				st := info.Sys().(*syscall.Stat_t)
				if info.Mode().Perm() != test.mode || test.needRoot && int(st.Uid) != test.uid {
					t.Errorf("mode %v of uid %d, want %v of uid %d", info.Mode(), st.Uid, test.mode, test.uid)
				}
			} else if test.usable || test.left {
				t.Error(err)
			}
			if test.usable {
				if got := b.drain(path); got != "GROUP \"G\" MASTER 0\n" {
					t.Errorf("FIFO has %q", got)
				}
			}
			if want := strings.ReplaceAll(test.log, "PATH", path); !strings.Contains(b.log.String(), want) || want == "" && b.log.String() != "" {
				t.Errorf("log has %q, want %q", b.log.String(), want)
			}
			b.close(s)
			if _, err := os.Lstat(path); os.IsNotExist(err) == test.left {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

func (b *bench) mkfifo(path string, mode uint32, uid int) {
	b.t.Helper()
	old := syscall.Umask(0)
	err := unix.Mkfifo(path, mode)
	syscall.Umask(old)
	if err == nil {
		err = os.Lchown(path, uid, -1)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Whoever puts another file in the place of our FIFO keeps it.
func TestReplacedFIFOIsNotRemoved(t *testing.T) {
	b := newBench(t)
	path := b.dir + "/fifo"
	b.cfg.Global.NotifyFIFO.Path = path
	s := b.sink(VRRP)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	b.file("fifo", "somebody's")
	b.close(s)
	if text, err := os.ReadFile(path); err != nil || string(text) != "somebody's" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// A full pipe holds nobody up; what is lost is counted and logged, not per
// line.
func TestFullFIFO(t *testing.T) {
	b := newBench(t)
	path := b.dir + "/fifo"
	b.cfg.Global.NotifyFIFO.Path = path
	s := b.sink(VRRP)
	const lines = 5000
	line := len("GROUP \"G\" MASTER 0\n")
	begun := time.Now()
	for range lines {
		s.Send(event.GroupState{Group: "G", State: event.Master})
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("%d events took %v", lines, took)
	}
	got := b.drain(path)
	if len(got)%line != 0 || len(got) == 0 {
		t.Errorf("%d bytes, which is no whole number of lines", len(got))
	}
	if lost := s.Dropped(); lost == 0 || int(lost)+len(got)/line != lines {
		t.Errorf("%d lines arrived and %d were dropped of %d", len(got)/line, lost, lines)
	}
	b.close(s)
	text := b.log.String()
	if strings.Count(text, "is full") != 2 || !strings.Contains(text, "1 lines dropped") {
		t.Errorf("logged %q, want one line at first and one at the end", text)
	}
}

func TestFIFOScript(t *testing.T) {
	b := newBench(t)
	path := b.dir + "/fifo"
	// It reads line by line, and notes its end.
	reader := b.command("reader", `#!/bin/sh
echo "started $*" >>`+b.dir+`/out
trap 'echo term >>`+b.dir+`/out; exit' TERM
while :; do
	while read -r line; do echo "$line" >>`+b.dir+`/out; done <"$1"
done
`)
	b.cfg.Global.VRRPNotifyFIFO = config.FIFO{Path: path, Script: reader}
	s := b.sink(VRRP)
	out := func() string {
		text, _ := os.ReadFile(b.dir + "/out")
		return string(text)
	}
	started := "started " + path + "\n"
	b.eventually("started", func() bool { return out() == started })
	s.Send(event.GroupState{Group: "G", State: event.Master})
	b.eventually("read", func() bool { return out() == started+"GROUP \"G\" MASTER 0\n" })
	s.Update(b.cfg)
	b.eventually("started again", func() bool { return out() == started+"GROUP \"G\" MASTER 0\nterm\n"+started })
	b.close(s)
	if got := out(); !strings.HasSuffix(got, "term\n") {
		t.Errorf("the script was not ended: %q", got)
	}
	if text := b.log.String(); text != "" {
		t.Errorf("logged %q", text)
	}
}

func TestFIFOScriptEnds(t *testing.T) {
	b := newBench(t)
	b.cfg.Global.LVSNotifyFIFO = config.FIFO{Path: b.dir + "/fifo", Script: b.script("once")}
	s := b.sink(Checkers)
	if got := b.runs(1); got[0] != "once|"+b.dir+"/fifo|" {
		t.Errorf("ran with %q", got)
	}
	b.eventually("reported", func() bool { return strings.Contains(b.log.String(), "lvs notify fifo script terminated") })
	b.close(s)
	if got := b.runs(1); len(got) != 1 {
		t.Errorf("%d runs of a script that ends by itself", len(got))
	}
}

// Which process has which FIFO, and runs its script.
func TestOutletPlan(t *testing.T) {
	reader := &config.Script{Args: []string{"/bin/cat"}}
	fifo := func(path string) config.FIFO { return config.FIFO{Path: path, Script: reader} }
	vrrp := []*config.VRRPInstance{{}}
	checkers := []*config.VirtualServer{{}}
	tests := map[string]struct {
		all, vrrp, lvs    config.FIFO
		instances         []*config.VRRPInstance
		servers           []*config.VirtualServer
		wantVRRP, wantLVS string
	}{
		"both": {
			all: fifo("/a"), vrrp: fifo("/v"), lvs: fifo("/l"), instances: vrrp, servers: checkers,
			wantVRRP: "/a /v+", wantLVS: "/a+ /l+",
		},
		"VRRP alone":     {all: fifo("/a"), vrrp: fifo("/v"), instances: vrrp, wantVRRP: "/a+ /v+", wantLVS: "/a+"},
		"same as global": {all: fifo("/a"), vrrp: fifo("/a"), lvs: fifo("/a"), instances: vrrp, servers: checkers, wantVRRP: "/a", wantLVS: "/a+"},
		"two share one":  {vrrp: fifo("/x"), lvs: fifo("/x"), instances: vrrp, servers: checkers, wantVRRP: "/x+", wantLVS: "/x"},
		"none":           {instances: vrrp, servers: checkers},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := &config.Config{Global: config.NewGlobal(), Instances: test.instances, VirtualServers: test.servers}
			cfg.Global.NotifyFIFO, cfg.Global.VRRPNotifyFIFO, cfg.Global.LVSNotifyFIFO = test.all, test.vrrp, test.lvs
			for part, want := range map[Part]string{VRRP: test.wantVRRP, Checkers: test.wantLVS} {
				var got []string
				for _, p := range (&Sink{opt: Options{Part: part}}).plan(cfg) {
					text := p.config.Path
					if p.script {
						text += "+"
					}
					got = append(got, text)
				}
				if strings.Join(got, " ") != want {
					t.Errorf("part %d has %q, want %q", part, got, want)
				}
			}
		})
	}
}

// STOP scripts of instances get one second, those of groups are left alone.
func TestStopScripts(t *testing.T) {
	b := newBench(t)
	hang := b.command("hang", "#!/bin/sh\ntrap '' TERM\necho $$ >"+b.dir+"/hang.pid\nwhile :; do sleep 0.1; done\n")
	group := b.command("group", "#!/bin/sh\necho $$ >"+b.dir+"/group.pid\nexec sleep 60\n")
	b.cfg.Instances = []*config.VRRPInstance{{Name: "I", Notify: config.NotifyScripts{Stop: hang, Any: b.script("any")}}}
	b.cfg.SyncGroups = []*config.SyncGroup{{Name: "G", Notify: config.NotifyScripts{Stop: group}}}
	s := b.sink(VRRP)
	s.Send(event.InstanceState{Instance: "I", State: event.Stop, Priority: 1})
	s.Send(event.GroupState{Group: "G", State: event.Stop})
	pid := func(name string) int {
		n := 0
		b.eventually(name+" has started", func() bool {
			text, _ := os.ReadFile(b.dir + "/" + name + ".pid")
			n, _ = strconv.Atoi(strings.TrimSpace(string(text)))
			return n > 0
		})
		return n
	}
	hangPID, groupPID := pid("hang"), pid("group")
	begun := time.Now()
	b.close(s)
	if took := time.Since(begun); took < 500*time.Millisecond || took > 1900*time.Millisecond {
		t.Errorf("closed after %v, want about 1 s", took)
	}
	if err := syscall.Kill(hangPID, 0); err == nil {
		t.Error("the STOP script of the instance is still there")
	}
	if err := syscall.Kill(groupPID, 0); err != nil {
		t.Errorf("the STOP script of the group: %v", err)
	}
	_ = syscall.Kill(groupPID, syscall.SIGKILL)
	if got := b.runs(1); got[0] != "any|INSTANCE|I|STOP|1|" {
		t.Errorf("ran with %q", got)
	}
	// Nobody waits when there is nothing to wait for.
	b.cfg.Instances = nil
	s = b.sink(VRRP)
	begun = time.Now()
	b.close(s)
	if took := time.Since(begun); took > 300*time.Millisecond {
		t.Errorf("closed after %v", took)
	}
}

func TestBrokenScriptsAreReported(t *testing.T) {
	b := newBench(t)
	b.cfg.Instances = []*config.VRRPInstance{{Name: "I", Notify: config.NotifyScripts{
		Master: &config.Script{Args: []string{"/no/such"}, Text: "/no/such"},
		Any:    b.command("bad", "#!/no/such/shell\n"),
	}}}
	s := b.sink(VRRP)
	s.Send(event.InstanceState{Instance: "I", State: event.Master, Priority: 1})
	b.close(s)
	for _, want := range []string{
		"Script /no/such cannot be accessed - No such file or directory",
		"Error exec-ing command '" + b.dir + "/bad': interpreter /no/such/shell",
	} {
		b.eventually(want, func() bool { return strings.Contains(b.log.String(), want) })
	}
}

func TestNothingLeftOpen(t *testing.T) {
	count := func() int {
		list, _ := os.ReadDir("/proc/self/fd")
		return len(list)
	}
	b := newBench(t)
	b.cfg.Global.NotifyFIFO.Path = b.dir + "/a"
	b.cfg.Global.VRRPNotifyFIFO.Path = b.dir + "/v"
	before := count()
	for range 200 {
		s := b.sink(VRRP)
		s.Update(b.cfg)
		b.close(s)
	}
	if after := count(); after > before+2 {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}
