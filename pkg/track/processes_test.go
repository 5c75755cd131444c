package track

import (
	"encoding/binary"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// fakeTable is a process table: a command line per process, whose name is
// that of argument 0. Names in brackets have no command line.
type fakeTable map[int]string

func (f fakeTable) pids() []int {
	var list []int
	for pid := range f {
		list = append(list, pid)
	}
	return list
}

func (f fakeTable) comm(pid int) string {
	words := strings.Fields(f[pid])
	if len(words) == 0 {
		return ""
	}
	name := filepath.Base(strings.Trim(words[0], "[]"))
	return name[:min(len(name), commSize)]
}

func (f fakeTable) cmdline(pid int) []string {
	if strings.HasPrefix(f[pid], "[") {
		return nil
	}
	return strings.Fields(f[pid])
}

func TestProcessMatch(t *testing.T) {
	table := fakeTable{
		1: "/sbin/httpd -k start", 2: "[httpd]", 3: "httpd -k startx", 4: "httpd",
		5: "a-very-long-name-indeed x",
	}
	tests := map[string]struct {
		block config.TrackProcess
		want  []int
	}{
		"by name":            {config.TrackProcess{Process: "httpd"}, []int{1, 2, 3, 4}},
		"long name":          {config.TrackProcess{Process: "a-very-long-name-indeed"}, []int{5}},
		"long name, cut":     {config.TrackProcess{Process: "a-very-long-nam"}, []int{5}},
		"full command":       {config.TrackProcess{Process: "httpd", FullCommand: true}, []int{3, 4}},
		"full path":          {config.TrackProcess{Process: "/sbin/httpd", FullCommand: true}, []int{1}},
		"exact":              {config.TrackProcess{Process: "httpd", Match: config.ParamExact, Params: []string{"-k", "startx"}}, []int{3}},
		"exact, too few":     {config.TrackProcess{Process: "httpd", Match: config.ParamExact, Params: []string{"-k"}}, nil},
		"exact, none":        {config.TrackProcess{Process: "httpd", Match: config.ParamExact}, []int{4}},
		"partial":            {config.TrackProcess{Process: "httpd", Match: config.ParamPartial, Params: []string{"-k"}}, []int{3}},
		"partial in a word":  {config.TrackProcess{Process: "httpd", Match: config.ParamPartial, Params: []string{"-k", "start"}}, nil},
		"initial in a word":  {config.TrackProcess{Process: "httpd", Match: config.ParamInitial, Params: []string{"-k", "start"}}, []int{3}},
		"initial, all":       {config.TrackProcess{Process: "httpd", Match: config.ParamInitial, Params: []string{"-k", "startx"}}, []int{3}},
		"initial, too many":  {config.TrackProcess{Process: "httpd", Match: config.ParamInitial, Params: []string{"-k", "startx", ""}}, nil},
		"initial, no params": {config.TrackProcess{Process: "httpd", Match: config.ParamInitial}, []int{3, 4}},
		"nothing such":       {config.TrackProcess{Process: "nginx"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.block.Quorum, test.block.QuorumMax = 1, -1
			p := NewProcesses(ProcessOptions{Log: slog.New(slog.DiscardHandler)})
			p.table, p.polling = table, true
			state := p.Start([]*config.TrackProcess{&test.block})
			defer p.Stop()
			var got []int
			for pid := range p.members {
				got = append(got, pid)
			}
			slices.Sort(got)
			if !slices.Equal(got, test.want) || state[0].Count != len(got) || state[0].Quorum != (len(got) > 0) {
				t.Errorf("members %v, state %+v, want %v", got, state, test.want)
			}
		})
	}
}

// procTest drives a Processes by events in virtual time.
type procTest struct {
	*Processes
	table fakeTable
	diary *diary
}

func newProcTest(t *testing.T, blocks ...*config.TrackProcess) *procTest {
	d := newDiary()
	p := &procTest{table: fakeTable{}, diary: d}
	p.Processes = NewProcesses(ProcessOptions{
		Log: d.logger(),
		Changed: func(s ProcessState) {
			d.add("%s: %d %v", s.Name, s.Count, s.Quorum)
		},
	})
	p.Processes.table, p.polling = p.table, true
	p.Start(blocks)
	t.Cleanup(p.Stop)
	return p
}

func (p *procTest) fork(parent, child int) {
	p.table[child] = p.table[parent]
	p.change(func() { p.handle(procEvent{what: procFork, parent: parent, pid: child}) })
}

func (p *procTest) exec(pid int, cmdline string) {
	p.table[pid] = cmdline
	p.change(func() { p.handle(procEvent{what: procExec, pid: pid}) })
}

func (p *procTest) exit(pid int) {
	delete(p.table, pid)
	p.change(func() { p.handle(procEvent{what: procExit, pid: pid}) })
}

func TestProcessQuorum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcTest(t, &config.TrackProcess{Name: "x", Process: "httpd", Quorum: 2, QuorumMax: 3})
		p.exec(10, "httpd")
		p.fork(10, 11)
		p.fork(99, 98) // nobody's child
		p.fork(10, 12)
		p.fork(11, 13)
		p.exec(13, "logger")
		p.exit(10)
		p.exit(10) // a thread more, or an event of before the scan
		p.exit(11)
		p.exec(12, "httpd -x") // still one
		p.diary.want(t,
			"0s log Quorum gained for tracked process x",
			"0s log Quorum gained for tracked process x",
			"0s log Quorum lost for tracked process x",
			"0s log Quorum lost for tracked process x",
			"0s x: 1 false",
			"0s x: 2 true",
			"0s x: 3 true",
			"0s x: 4 false",
		)
	})
}

func TestProcessDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcTest(t, &config.TrackProcess{
			Name: "x", Process: "httpd", Quorum: 2, QuorumMax: -1,
			ForkDelay: 2 * time.Second, TerminateDelay: 3 * time.Second,
		})
		p.exec(10, "httpd")
		p.fork(10, 11)
		states := func(fork, terminate bool, count int) {
			t.Helper()
			want := []ProcessState{{Name: "x", Count: count, Quorum: terminate, ForkDelay: fork, TerminateDelay: terminate}}
			if got := p.States(); !slices.Equal(got, want) {
				t.Errorf("states %+v, want %+v", got, want)
			}
		}
		states(true, false, 2)
		time.Sleep(1500 * time.Millisecond)
		p.exec(11, "sh") // it was never meant to be one
		time.Sleep(1500 * time.Millisecond)
		p.fork(10, 12) // at 3 s
		time.Sleep(3 * time.Second)
		p.exit(12) // at 6 s
		states(false, true, 1)
		time.Sleep(2 * time.Second)
		p.fork(10, 13) // in time
		time.Sleep(2 * time.Second)
		p.exit(13) // at 10 s
		time.Sleep(4 * time.Second)
		p.exec(14, "httpd") // at 14 s: no delay
		p.exit(14)
		p.Update(nil) // the delay is nobody's any more
		time.Sleep(time.Minute)
		p.diary.want(t,
			"5s log Quorum gained for tracked process x",
			"5s x: 2 true",
			"13s log Quorum lost for tracked process x",
			"13s x: 1 false",
			"14s log Quorum gained for tracked process x",
			"14s x: 2 true",
		)
	})
}

// A reload leaves what is unchanged alone, its delays too.
func TestProcessUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := config.TrackProcess{Name: "x", Process: "httpd", Quorum: 1, QuorumMax: -1, TerminateDelay: 3 * time.Second}
		p := newProcTest(t, &block)
		p.exec(10, "httpd")
		p.exec(20, "nginx")
		p.exit(10)
		time.Sleep(time.Second)
		again := block
		other := config.TrackProcess{Name: "y", Process: "nginx", Quorum: 1, QuorumMax: -1}
		got := p.Update([]*config.TrackProcess{&other, &again})
		if want := []ProcessState{{Name: "y", Count: 1, Quorum: true}, {Name: "x", Quorum: true}}; !slices.Equal(got, want) {
			t.Errorf("after the update %v, want %v", got, want)
		}
		time.Sleep(time.Minute)
		p.diary.want(t,
			"0s log Quorum gained for tracked process x",
			"0s x: 1 true",
			"3s log Quorum lost for tracked process x",
			"3s x: 0 false",
		)
	})
}

// Without events the processes are counted every second.
func TestProcessPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcTest(t, &config.TrackProcess{Name: "x", Process: "httpd", Quorum: 1, QuorumMax: -1})
		p.mu.Lock()
		p.poll(os.ErrPermission)
		p.mu.Unlock()
		time.Sleep(500 * time.Millisecond)
		p.change(func() { p.table[5] = "httpd" })
		time.Sleep(time.Second)
		p.change(func() { delete(p.table, 5) })
		time.Sleep(time.Second)
		p.diary.want(t,
			"0s log WARNING - no process events from the kernel (permission denied) - tracked processes are counted every second",
			"1s log Quorum gained for tracked process x",
			"1s x: 1 true",
			"2s log Quorum lost for tracked process x",
			"2s x: 0 false",
		)
		p.Stop()
	})
}

// message is a process event as the kernel sends it.
func message(what uint32, words ...uint32) []byte {
	size := sizeofNlMsghdr + sizeofCnMsg + sizeofProcEvent + 4*len(words)
	var b []byte
	b = binary.NativeEndian.AppendUint32(b, uint32(size))
	b = append(b, make([]byte, 12)...)
	b = binary.NativeEndian.AppendUint32(b, cnIdxProc)
	b = binary.NativeEndian.AppendUint32(b, cnValProc)
	b = append(b, make([]byte, 8)...)
	b = binary.NativeEndian.AppendUint16(b, uint16(sizeofProcEvent+4*len(words)))
	b = append(b, 0, 0)
	b = binary.NativeEndian.AppendUint32(b, what)
	b = append(b, make([]byte, 12)...)
	for _, w := range words {
		b = binary.NativeEndian.AppendUint32(b, w)
	}
	return b
}

func TestProcEventsDecoded(t *testing.T) {
	var buf []byte
	buf = append(buf, message(procFork, 7, 5, 6, 6)...)
	buf = append(buf, message(procFork, 7, 5, 8, 5)...) // a thread
	buf = append(buf, message(procExec, 6, 6)...)
	buf = append(buf, message(0x4, 6, 6, 0, 0)...) // user changed
	buf = append(buf, message(procComm, 6, 6, 1, 2, 3, 4)...)
	buf = append(buf, message(procExit, 8, 5, 0, 0)...) // a thread
	buf = append(buf, message(procExit, 6, 6, 0, 0)...)
	buf = append(buf, message(procAck, 1)...)
	want := []procEvent{
		{what: procFork, parent: 5, pid: 6}, {what: procExec, pid: 6}, {what: procComm, pid: 6},
		{what: procExit, pid: 6}, {what: procAck, err: unix.EPERM},
	}
	if got := procEvents(buf); !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func FuzzProcEvents(f *testing.F) {
	f.Add(message(procFork, 7, 5, 6, 6))
	f.Add(append(message(procComm, 6, 6, 1, 2, 3, 4), message(procExit, 6, 6)...))
	f.Add(message(procAck))
	f.Fuzz(func(t *testing.T, buf []byte) {
		if got := procEvents(buf); len(got) > len(buf)/(sizeofNlMsghdr+sizeofCnMsg) {
			t.Errorf("%d events in %d bytes", len(got), len(buf))
		}
	})
}

// needEvents skips where the kernel has no process events for us.
func needEvents(t *testing.T) {
	t.Helper()
	c, err := newConnector()
	if err == nil {
		c.file.Close()
		return
	}
	nstest.Missing(t, "procevents", err)
}

// copyOfSleep is the program sleep under a name that nothing else has.
func copyOfSleep(t *testing.T, name string) string {
	t.Helper()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		nstest.Missing(t, "coreutils", err)
	}
	text, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// The kernel's own events.
func TestProcessesForReal(t *testing.T) {
	needEvents(t)
	name := copyOfSleep(t, "gktracksleep")
	changes := make(chan ProcessState, 10)
	p := NewProcesses(ProcessOptions{
		Log: slog.New(slog.DiscardHandler), ReceiveBuffer: 1 << 20, ForceBuffer: true,
		Changed: func(s ProcessState) { changes <- s },
	})
	first := exec.Command(name, "61")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	states := p.Start([]*config.TrackProcess{
		{Name: "name", Process: "gktracksleep", Quorum: 2, QuorumMax: -1},
		{Name: "param", Process: name, Match: config.ParamExact, Params: []string{"62"}, Quorum: 1, QuorumMax: -1},
	})
	defer p.Stop()
	if want := []ProcessState{{Name: "name", Count: 1}, {Name: "param"}}; !slices.Equal(states, want) {
		t.Fatalf("at start %v, want %v", states, want)
	}
	second := exec.Command(name, "62")
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	wait := func(want ...ProcessState) {
		t.Helper()
		for _, w := range want {
			select {
			case got := <-changes:
				if got != w {
					t.Fatalf("got %+v, want %+v", got, w)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("no %+v", w)
			}
		}
	}
	wait(ProcessState{Name: "name", Count: 2, Quorum: true}, ProcessState{Name: "param", Count: 1, Quorum: true})
	for _, c := range []*exec.Cmd{second, first} {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	wait(ProcessState{Name: "name", Count: 1, Quorum: false}, ProcessState{Name: "param", Count: 0, Quorum: false})
	if p.polling {
		t.Error("counted instead of told")
	}
}

// When more happens than the buffer holds, the processes are counted again.
func TestProcessesAfterOverrun(t *testing.T) {
	needEvents(t)
	d := newDiary()
	changes := make(chan ProcessState, 10)
	p := NewProcesses(ProcessOptions{
		Log: d.logger(), ReceiveBuffer: 2048,
		Changed: func(s ProcessState) { changes <- s },
	})
	name := copyOfSleep(t, "gktrackrush")
	p.Start([]*config.TrackProcess{{Name: "x", Process: "gktrackrush", Quorum: 1, QuorumMax: -1}})
	defer p.Stop()
	p.telling.Lock() // nobody reads
	for range 200 {
		if err := exec.Command("/bin/true").Run(); err != nil {
			t.Fatal(err)
		}
	}
	sleep := exec.Command(name, "61")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	p.telling.Unlock()
	select {
	case got := <-changes:
		if want := (ProcessState{Name: "x", Count: 1, Quorum: true}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Error("the process was not noticed")
	}
	_ = sleep.Process.Kill()
	_ = sleep.Wait()
	found := false
	for _, line := range d.take() {
		found = found || strings.Contains(line, "Process event buffer overrun - receive buffer now 262144 bytes")
	}
	if !found {
		t.Error("the overrun is not reported")
	}
}
