package ipvs_test

import (
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

func TestTimeoutKeeper(t *testing.T) {
	k := ipvstest.New()
	keeper := ipvs.NewTimeoutKeeper(k)
	s := func(n int) time.Duration { return time.Duration(n) * time.Second }
	for _, step := range []struct{ set, want ipvs.Timeouts }{
		{ipvs.Timeouts{}, ipvs.Timeouts{TCP: s(900), TCPFin: s(120), UDP: s(300)}},
		{ipvs.Timeouts{TCP: s(10), UDP: s(20)}, ipvs.Timeouts{TCP: s(10), TCPFin: s(120), UDP: s(20)}},
		{ipvs.Timeouts{TCPFin: s(5), UDP: s(20)}, ipvs.Timeouts{TCP: s(900), TCPFin: s(5), UDP: s(20)}},
		{ipvs.Timeouts{}, ipvs.Timeouts{TCP: s(900), TCPFin: s(120), UDP: s(300)}},
	} {
		if err := keeper.Set(step.set); err != nil {
			t.Fatal(err)
		}
		if got, _ := k.Timeouts(); got != step.want {
			t.Errorf("after %+v: %+v, want %+v", step.set, got, step.want)
		}
	}
	ten := s(10)
	if got := ipvs.WantedTimeouts(&config.LVSGlobal{TCPFinTimeout: &ten}); got != (ipvs.Timeouts{TCPFin: ten}) {
		t.Errorf("%+v", got)
	}
}

func TestSyncKeeper(t *testing.T) {
	c := &config.SyncDaemon{Interface: "eth0"}
	changed := &config.SyncDaemon{Interface: "eth0", ID: 9, IDSet: true, MaxLen: 1000, Port: 5, TTL: 2, Group: netip.MustParseAddr("224.0.0.9")}
	master := ipvs.ConfiguredSyncDaemon(c, ipvs.SyncMaster, 51)
	backup := ipvs.ConfiguredSyncDaemon(c, ipvs.SyncBackup, 51)
	if master.ID != 51 || ipvs.ConfiguredSyncDaemon(changed, ipvs.SyncMaster, 51).ID != 9 {
		t.Error("wrong id")
	}
	k := ipvstest.New()
	s := ipvs.NewSyncKeeper(k)
	for _, step := range []struct {
		name string
		do   func() []error
		want string
	}{
		{"both start", func() []error { return s.Both(c) }, "NEW_DAEMON master\nNEW_DAEMON backup"},
		{"nothing changed", func() []error { return s.Both(c) }, ""},
		{"changed", func() []error { return s.Both(changed) }, "DEL_DAEMON master\nDEL_DAEMON backup\nNEW_DAEMON master\nNEW_DAEMON backup"},
		{"to backup", func() []error { return s.Set(backup) }, "DEL_DAEMON master\nDEL_DAEMON backup\nNEW_DAEMON backup"},
		{"to master", func() []error { return s.Set(master) }, "DEL_DAEMON backup\nNEW_DAEMON master"},
		{"somebody stopped it", func() []error {
			_ = k.StopSyncDaemon(ipvs.SyncMaster)
			k.TakeLog()
			return s.Set(backup)
		}, "DEL_DAEMON master\nNEW_DAEMON backup"},
		{"an equal one was left", func() []error { return ipvs.NewSyncKeeper(k).Set(backup) }, "NEW_DAEMON backup"},
		{"a different one was left", func() []error {
			return ipvs.NewSyncKeeper(k).Set(ipvs.ConfiguredSyncDaemon(changed, ipvs.SyncBackup, 0))
		}, "NEW_DAEMON backup\nDEL_DAEMON backup\nNEW_DAEMON backup"},
		{"one in another role was left by a killed process", func() []error {
			next := ipvs.NewSyncKeeper(k)
			if err := next.TakeOver(ipvs.ConfiguredSyncDaemon(changed, ipvs.SyncMaster, 0), ipvs.ConfiguredSyncDaemon(changed, ipvs.SyncBackup, 0)); err != nil {
				t.Error(err)
			}
			return next.Set(ipvs.ConfiguredSyncDaemon(changed, ipvs.SyncMaster, 0))
		}, "DEL_DAEMON backup\nNEW_DAEMON master"},
		{"somebody else's was left", func() []error {
			next := ipvs.NewSyncKeeper(k)
			if err := next.TakeOver(master, backup); err != nil {
				t.Error(err)
			}
			return next.Set(backup)
		}, "NEW_DAEMON backup"},
		{"to backup alone", func() []error {
			_ = k.StopSyncDaemon(ipvs.SyncMaster)
			k.TakeLog()
			return s.Set(backup)
		}, ""},
		{"stop", func() []error { return s.Both(nil) }, "DEL_DAEMON backup"},
		{"again", func() []error { return s.Both(nil) }, ""},
	} {
		if errs := step.do(); len(errs) > 0 {
			t.Errorf("%s: %v", step.name, errs)
		}
		expect(t, step.name, k.TakeLog(), step.want)
	}
}

// refusing answers every sync daemon request with ENODEV.
type refusing struct{ *ipvstest.Kernel }

func (refusing) StartSyncDaemon(ipvs.SyncDaemon) error {
	return &ipvs.Error{Command: ipvs.CmdStartDaemon, Errno: syscall.ENODEV}
}

func TestSyncKeeperReportsAndTriesAgain(t *testing.T) {
	k := ipvstest.New()
	s := ipvs.NewSyncKeeper(refusing{k})
	c := &config.SyncDaemon{Interface: "eth9"}
	for range 2 {
		expect(t, "errors", texts(s.Both(c)), `
IPVS cmd IP_VS_SO_SET_STARTDAEMON(1163) error: No such device(19)
IPVS cmd IP_VS_SO_SET_STARTDAEMON(1163) error: No such device(19)`)
	}
	expect(t, "requests", k.TakeLog(), "")
}
