package track

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"github.com/gokeepalived/gokeepalived/pkg/script/scripttest"
)

// diary is everything that happened, with the time since the start.
type diary struct {
	mu    sync.Mutex
	begun time.Time
	lines []string
}

func newDiary() *diary { return &diary{begun: time.Now()} }

func (d *diary) add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf("%v ", time.Since(d.begun))+fmt.Sprintf(format, args...))
}

// take returns the lines so far and starts over. Lines of one instant are
// sorted.
func (d *diary) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	slices.SortStableFunc(lines, func(a, b string) int {
		at, _, _ := strings.Cut(a, " ")
		bt, _, _ := strings.Cut(b, " ")
		x, _ := time.ParseDuration(at)
		y, _ := time.ParseDuration(bt)
		if x != y {
			return int(x - y)
		}
		return strings.Compare(a, b)
	})
	return lines
}

func (d *diary) want(t *testing.T, want ...string) {
	t.Helper()
	if got := d.take(); !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// logger writes into the diary.
func (d *diary) logger() *slog.Logger { return slog.New(&diaryHandler{d: d}) }

type diaryHandler struct{ d *diary }

func (h *diaryHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h *diaryHandler) Handle(_ context.Context, r slog.Record) error {
	h.d.add("log %s", r.Message)
	return nil
}
func (h *diaryHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *diaryHandler) WithGroup(string) slog.Handler      { return h }

// fakeRun is a script that takes as long and ends as its arguments say.
type fakeRun struct {
	gone   chan struct{}
	stop   chan struct{}
	once   sync.Once
	ending atomic.Bool
}

func (r *fakeRun) Gone() <-chan struct{} { return r.gone }
func (r *fakeRun) Ending() bool          { return r.ending.Load() }
func (r *fakeRun) Running() bool {
	select {
	case <-r.gone:
		return false
	default:
		return true
	}
}

// Stop obeys after half the grace.
func (r *fakeRun) Stop(grace time.Duration) {
	r.once.Do(func() {
		r.ending.Store(true)
		time.AfterFunc(grace/2, func() { close(r.stop) })
	})
}

// fakeScripts runs "/s/NAME DURATION EXITCODE".
func fakeScripts(d *diary) *Scripts {
	s := NewScripts(ScriptOptions{
		Log: d.logger(),
		Result: func(r ScriptResult) {
			d.add("%s: %s %d", r.Name, r.Outcome, r.ExitCode)
		},
	})
	s.start = func(c script.Command, o script.Options) run {
		d.add("start %s", c.Text)
		took, err := time.ParseDuration(c.Args[1])
		if err != nil {
			panic(err)
		}
		code := 0
		fmt.Sscan(c.Args[2], &code)
		r := &fakeRun{gone: make(chan struct{}), stop: make(chan struct{})}
		timeout := make(<-chan time.Time)
		if o.Timeout > 0 {
			timeout = time.After(o.Timeout)
		}
		go func() {
			res := script.Result{Outcome: script.Exited, ExitCode: code}
			select {
			case <-time.After(took):
			case <-r.stop:
				res = script.Result{Outcome: script.Stopped}
			case <-timeout:
				r.ending.Store(true)
				res = script.Result{Outcome: script.TimedOut}
				time.Sleep(1500 * time.Millisecond) // it doesn't mind TERM
			}
			o.Done(res)
			close(r.gone)
		}()
		return r
	}
	return s
}

func block(name, text string, interval, timeout time.Duration) *config.TrackScript {
	return &config.TrackScript{
		Name: name, Interval: interval, Timeout: timeout,
		Script: config.Script{Args: strings.Fields(text), Text: text},
	}
}

func resolver() *script.Resolver {
	m := scripttest.New()
	for _, name := range []string{"/s/a", "/s/b", "/s/c"} {
		m.Add(name, scripttest.File{Mode: 0o755, Head: "#!/bin/sh"})
	}
	m.Add("/bin/sh", scripttest.File{Mode: 0o755})
	g := config.NewGlobal()
	return script.NewResolver(&g, m)
}

func TestScriptsSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		s := fakeScripts(d)
		s.Start([]*config.TrackScript{
			block("fast", "/s/a 0.3s 0", time.Second, time.Second),
			block("slow", "/s/b 1.4s 7", time.Second, 5*time.Second),
			block("hung", "/s/c 60s 0", time.Second, 1100*time.Millisecond),
		}, resolver())
		time.Sleep(3500 * time.Millisecond)
		synctest.Wait()
		d.want(t,
			"0s start /s/a 0.3s 0",
			"0s start /s/b 1.4s 7",
			"0s start /s/c 60s 0",
			"300ms fast: exited 0",
			"1s log Track script hung is already running, expect idle - skipping run",
			"1s log Track script slow is already running, expect idle - skipping run",
			"1s start /s/a 0.3s 0",
			"1.3s fast: exited 0",
			"1.4s slow: exited 7",
			"2s log Track script hung is being timed out, expect idle - skipping run",
			"2s start /s/a 0.3s 0",
			"2s start /s/b 1.4s 7",
			"2.3s fast: exited 0",
			"2.6s hung: timed out 0",
			"3s log Track script slow is already running, expect idle - skipping run",
			"3s start /s/a 0.3s 0",
			"3s start /s/c 60s 0",
			"3.3s fast: exited 0",
			"3.4s slow: exited 7",
		)
		s.Stop(time.Second) // "hung" obeys at 4 s
		if took := time.Since(d.begun); took != 4*time.Second {
			t.Errorf("stopped after %v", took)
		}
		time.Sleep(time.Minute)
		d.want(t)
	})
}

func TestScriptsUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		s := fakeScripts(d)
		keep := block("keep", "/s/a 0.7s 0", time.Second, time.Second)
		s.Start([]*config.TrackScript{
			keep,
			block("change", "/s/b 60s 0", time.Second, time.Minute),
			block("remove", "/s/c 60s 0", time.Second, time.Minute),
		}, resolver())
		time.Sleep(500 * time.Millisecond)
		again := *keep
		again.Rise = 7 // of no concern here
		s.Update([]*config.TrackScript{
			&again,
			block("change", "/s/b 0.1s 1", time.Second, time.Minute),
			block("new", "/s/c 0.1s 2", time.Second, time.Minute),
		}, resolver())
		time.Sleep(1400 * time.Millisecond)
		synctest.Wait()
		d.want(t,
			"0s start /s/a 0.7s 0",
			"0s start /s/b 60s 0",
			"0s start /s/c 60s 0",
			"500ms start /s/c 0.1s 2",
			"600ms new: exited 2",
			"700ms keep: exited 0", // not disturbed
			"1s start /s/a 0.7s 0", // still in phase
			"1s start /s/b 0.1s 1", // when the old one had gone
			"1.1s change: exited 1",
			"1.5s start /s/c 0.1s 2",
			"1.6s new: exited 2",
			"1.7s keep: exited 0",
		)
		s.Stop(time.Second)
		s.Update([]*config.TrackScript{keep}, resolver())
		time.Sleep(time.Minute)
		d.want(t)
	})
}

// What could be resolved when the configuration was checked and cannot any
// more fails, and says so once.
func TestScriptVanished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		s := fakeScripts(d)
		s.Start([]*config.TrackScript{block("gone", "/s/gone x", time.Second, time.Second)}, resolver())
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		d.want(t,
			"0s gone: not executed 0",
			"0s log Error exec-ing command '/s/gone x' of track script gone: Script /s/gone cannot be accessed - No such file or directory",
			"1s gone: not executed 0",
		)
		s.Stop(0)
	})
}

// The real runner, once.
func TestScriptsForReal(t *testing.T) {
	runner := script.NewRunner(script.RunnerOptions{})
	defer runner.Close()
	results := make(chan ScriptResult, 100)
	s := NewScripts(ScriptOptions{
		Log: slog.New(slog.DiscardHandler), Runner: runner,
		Result: func(r ScriptResult) { results <- r },
	})
	g := config.NewGlobal()
	s.Start([]*config.TrackScript{
		block("yes", "/bin/true", 20*time.Millisecond, time.Minute),
		block("no", "/bin/false", 20*time.Millisecond, time.Minute),
		block("sleep", "/bin/sleep 60", time.Minute, 100*time.Millisecond),
	}, script.NewResolver(&g, script.Host{}))
	count := map[string]int{}
	for count["yes"] < 5 || count["no"] < 5 || count["sleep"] < 1 {
		select {
		case r := <-results:
			count[r.Name]++
			ok := r.OK() == (r.Name == "yes")
			if !ok || (r.Outcome == script.TimedOut) != (r.Name == "sleep") {
				t.Errorf("%s %s", r.Outcome, r.Reason())
			}
			if r.Outcome == script.NotExecuted && errors.Is(r.Err, script.ErrClosed) {
				t.Fatal(r.Err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("only %v", count)
		}
	}
	s.Stop(time.Second)
	for len(results) > 0 {
		<-results
	}
	time.Sleep(60 * time.Millisecond)
	if len(results) > 0 {
		t.Errorf("%v after Stop", <-results)
	}
}
