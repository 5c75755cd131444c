package vrrprun

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// fakeIPVS keeps the sync daemons that run, and blocks at a gate.
type fakeIPVS struct {
	ipvs.Kernel
	gate    chan struct{}
	running map[ipvs.SyncDaemonRole]ipvs.SyncDaemon
	did     []string
	closed  bool
}

func (f *fakeIPVS) StartSyncDaemon(d ipvs.SyncDaemon) error {
	<-f.gate
	f.did = append(f.did, fmt.Sprintf("start %v %s %d", d.Role, d.Interface, d.ID))
	f.running[d.Role] = d
	return nil
}

func (f *fakeIPVS) StopSyncDaemon(r ipvs.SyncDaemonRole) error {
	<-f.gate
	f.did = append(f.did, fmt.Sprintf("stop %v", r))
	delete(f.running, r)
	return nil
}

func (f *fakeIPVS) SyncDaemons() (list []ipvs.SyncDaemon, err error) {
	for _, d := range f.running {
		list = append(list, d)
	}
	return list, nil
}

func (f *fakeIPVS) Close() error { f.closed = true; return nil }

// The sync daemon follows the instance without ever holding up who asks; of
// wishes that came while it was busy only the last is carried out.
func TestSyncDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kernel := &fakeIPVS{gate: make(chan struct{}), running: map[ipvs.SyncDaemonRole]ipvs.SyncDaemon{}}
		s := startSyncDaemon(func() (ipvs.Kernel, error) { return kernel, nil }, slog.New(slog.DiscardHandler))
		daemon := &config.SyncDaemon{Interface: "eth1", Instance: "V1"}
		role := func(r vrrp.SyncDaemonRole) { s.set(vrrp.SetSyncDaemon{Role: r, Daemon: daemon}, 51) }

		role(vrrp.SyncDaemonBackup)
		synctest.Wait() // it hangs in the kernel
		role(vrrp.SyncDaemonMaster)
		role(vrrp.SyncDaemonBackup)
		role(vrrp.SyncDaemonMaster)
		close(kernel.gate)
		synctest.Wait()
		want := []string{"start backup eth1 51", "stop backup", "start master eth1 51"}
		if !reflect.DeepEqual(kernel.did, want) {
			t.Errorf("did %v, want %v", kernel.did, want)
		}
		role(vrrp.SyncDaemonOff)
		s.close()
		if len(kernel.running) != 0 || !kernel.closed {
			t.Errorf("left running %v, closed %t", kernel.running, kernel.closed)
		}
	})
}

// What a killed process left is stopped, in whatever role it was.
func TestSyncDaemonOfKilledProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, role := range []vrrp.SyncDaemonRole{vrrp.SyncDaemonOff, vrrp.SyncDaemonBackup} {
			daemon := &config.SyncDaemon{Interface: "eth1", Instance: "V1"}
			left := ipvs.ConfiguredSyncDaemon(daemon, ipvs.SyncMaster, 51)
			kernel := &fakeIPVS{gate: make(chan struct{}), running: map[ipvs.SyncDaemonRole]ipvs.SyncDaemon{ipvs.SyncMaster: left}}
			close(kernel.gate)
			s := startSyncDaemon(func() (ipvs.Kernel, error) { return kernel, nil }, slog.New(slog.DiscardHandler))
			s.set(vrrp.SetSyncDaemon{Role: role, Daemon: daemon}, 51)
			s.close()
			if _, ok := kernel.running[ipvs.SyncMaster]; ok {
				t.Errorf("%v: left running %v", role, kernel.running)
			}
		}
	})
}

// lineRecorder is a log handler that keeps the lines.
type lineRecorder struct {
	slog.Handler
	lines []string
}

func (r *lineRecorder) Enabled(context.Context, slog.Level) bool { return true }

func (r *lineRecorder) Handle(_ context.Context, rec slog.Record) error {
	r.lines = append(r.lines, rec.Message)
	return nil
}

// A kernel that does not answer holds up the end for two seconds only.
func TestSyncDaemonStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kernel := &fakeIPVS{gate: make(chan struct{}), running: map[ipvs.SyncDaemonRole]ipvs.SyncDaemon{}}
		rec := &lineRecorder{}
		s := startSyncDaemon(func() (ipvs.Kernel, error) { return kernel, nil }, slog.New(rec))
		s.set(vrrp.SetSyncDaemon{Role: vrrp.SyncDaemonBackup, Daemon: &config.SyncDaemon{Interface: "eth1"}}, 51)
		start := time.Now()
		s.close()
		if took := time.Since(start); took != syncPatience {
			t.Errorf("took %v", took)
		}
		if len(rec.lines) != 1 || rec.lines[0] != logSyncStuck {
			t.Errorf("log %q", rec.lines)
		}
		close(kernel.gate)
	})
}

func TestSyncDaemonWithoutIPVS(t *testing.T) {
	rec := &lineRecorder{}
	s := startSyncDaemon(func() (ipvs.Kernel, error) { return nil, errors.New("IPVS: no such thing") }, slog.New(rec))
	s.set(vrrp.SetSyncDaemon{Role: vrrp.SyncDaemonBoth, Daemon: &config.SyncDaemon{Interface: "eth1"}}, 0)
	s.close()
	if got := strings.Join(rec.lines, "\n"); got != fmt.Sprintf(logSyncFailed, "IPVS: no such thing") {
		t.Errorf("log %q", got)
	}
}
