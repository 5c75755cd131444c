package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// reloadMoment is what the first line of reload_time_file says.
type reloadMoment struct {
	at time.Time
	// daily is set when there is no date.
	daily bool
}

// errReloadPast is a date that is over.
var errReloadPast = errors.New("in the past")

// parseReloadTime reads HH:MM:SS, YY-MM-DD HH:MM:SS or YYYY-MM-DD HH:MM:SS in
// local time, in UTC with a Z at the end. A time of day that is over means
// tomorrow.
func parseReloadTime(text string, now time.Time) (reloadMoment, error) {
	zone := now.Location()
	value, utc := strings.CutSuffix(text, "Z")
	if utc {
		zone = time.UTC
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "06-01-02 15:04:05"} {
		if at, err := time.ParseInLocation(layout, value, zone); err == nil {
			if !at.After(now) {
				return reloadMoment{}, errReloadPast
			}
			return reloadMoment{at: at}, nil
		}
	}
	clock, err := time.Parse("15:04:05", value)
	if err != nil {
		return reloadMoment{}, err
	}
	today := now.In(zone)
	at := func(day int) time.Time {
		return time.Date(today.Year(), today.Month(), day, clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
	}
	m := reloadMoment{at: at(today.Day()), daily: true}
	if !m.at.After(now) {
		m.at = at(today.Day() + 1)
	}
	return m, nil
}

// stamp is the moment in log lines.
func (m reloadMoment) stamp() string { return m.at.Local().Format("2006-01-02 15:04:05") }

// reloadTimer watches reload_time_file. Its methods belong to the parent's
// goroutine; a nil timer watches nothing.
type reloadTimer struct {
	log     *slog.Logger
	path    string
	repeat  bool
	after   func(time.Duration, func()) func()
	fire    func()
	watcher *fsnotify.Watcher

	planned reloadMoment
	cancel  func()
}

// maxReloadWait is how long one timer runs before the clock is looked at
// again: the wall clock may be set.
const maxReloadWait = time.Minute

// watchReloadTime starts to watch the file of the present configuration, nil
// without one.
func (m *parent) watchReloadTime() *reloadTimer {
	g := &m.conf.Global
	if g.ReloadTimeFile == "" {
		return nil
	}
	t := &reloadTimer{log: m.log, path: g.ReloadTimeFile, repeat: g.ReloadRepeat, after: m.after, fire: m.requestReload}
	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		// The directory, because the file comes and goes.
		err = watcher.Add(filepath.Dir(t.path))
	}
	if err != nil {
		m.log.Warn(fmt.Sprintf(textCannot, "watch "+t.path, err, "a change of reload_time_file is not noticed before the next reload"))
		return nil
	}
	t.watcher = watcher
	go func() {
		for e := range watcher.Events {
			if filepath.Clean(e.Name) == filepath.Clean(t.path) {
				m.tasks <- t.read
			}
		}
	}()
	t.read()
	return t
}

func (t *reloadTimer) stop() {
	if t == nil {
		return
	}
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
	t.planned = reloadMoment{}
	_ = t.watcher.Close()
	t.watcher = nil
}

// read looks at the file and plans what it says.
func (t *reloadTimer) read() {
	if t.watcher == nil {
		return // an event that was under way when the watch ended
	}
	text := firstLine(t.path)
	if text == "" {
		t.plan(reloadMoment{})
		return
	}
	moment, err := parseReloadTime(text, time.Now())
	switch {
	case errors.Is(err, errReloadPast):
		t.log.Info(fmt.Sprintf(logtext.ReloadTimePast, text))
	case err != nil:
		t.log.Info(fmt.Sprintf(logtext.ReloadTimeForm, text))
	default:
		t.plan(moment)
		return
	}
	t.log.Info(fmt.Sprintf(logtext.ReloadTimeBad, text))
	t.plan(reloadMoment{})
}

// firstLine is the first line of a file, "" if there is none.
func firstLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	buf := make([]byte, 128)
	n, _ := f.Read(buf)
	line, _, _ := strings.Cut(string(buf[:n]), "\n")
	return strings.TrimSpace(line)
}

// plan goes over to another moment; the zero one is none.
func (t *reloadTimer) plan(next reloadMoment) {
	old := t.planned
	if old.at.Equal(next.at) {
		return
	}
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
	t.planned = next
	switch {
	case next.at.IsZero():
		t.log.Info(fmt.Sprintf(logtext.CancelReload, old.stamp()))
		return
	case old.at.IsZero():
		t.log.Info(fmt.Sprintf(logtext.ScheduleReload, next.stamp()))
	default:
		t.log.Info(fmt.Sprintf(logtext.ReloadTimeMoved, old.stamp(), next.stamp()))
	}
	t.wait()
}

func (t *reloadTimer) wait() {
	t.cancel = t.after(min(time.Until(t.planned.at), maxReloadWait), func() {
		if time.Now().Before(t.planned.at) {
			t.wait()
			return
		}
		t.due()
	})
}

// due is the moment: the file goes, unless it stands for every day.
func (t *reloadTimer) due() {
	daily := t.planned.daily
	t.planned, t.cancel = reloadMoment{}, nil
	if t.repeat && daily {
		t.read() // the same time tomorrow
	} else {
		_ = os.Remove(t.path)
	}
	t.fire()
}
