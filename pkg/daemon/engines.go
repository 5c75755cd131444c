package daemon

import (
	"context"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd/bfdrun"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/checkrun"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/dbus"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/notify"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/vrrprun"
)

// errRefused is wrapped by the reason why this machine cannot run a
// configuration.
var errRefused = errors.New("configuration error")

// isConfigError reports whether the configuration is to blame for err.
func isConfigError(err error) bool {
	return errors.Is(err, errRefused) || errors.Is(err, vrrprun.ErrConfig) || errors.Is(err, checkrun.ErrConfig)
}

// vrrpEngine is the VRRP engine with those who are told what it does.
type vrrpEngine struct {
	*vrrprun.Engine
	sinks     *sinks
	addresses *addressWatch // nil without -a
	sessions  *bfdStates
}

func newVRRPEngine(s Start) (Engine, error) {
	if err := capable(vrrpNeeds(s.Config)); err != nil {
		return nil, err
	}
	if s.ClearOnly {
		return clearing{vrrprun.New(s.Config, vrrprun.Options{
			Log: s.Log, Detail: s.Options.LogDetail > 0, Predecessor: s.Predecessor,
			SysctlRecord: s.SysctlRecord, ObjectRecord: s.ObjectRecord,
		})}, nil
	}
	k := openSinks(s, notify.VRRP)
	e := vrrprun.New(s.Config, vrrprun.Options{
		Log: s.Log, Detail: s.Options.LogDetail > 0, Events: k.bus, Ready: s.Ready, RaisePriority: s.RaisePriority,
		Runner: k.runner, DontRelease: s.Options.DontReleaseVRRP,
		Predecessor: s.Predecessor, SysctlRecord: s.SysctlRecord, ObjectRecord: s.ObjectRecord,
	})
	k.serveSNMP(vrrpSNMP(s, e))
	run := &vrrpEngine{Engine: e, sinks: k}
	k.newDBus = func(cfg *config.Config) *dbus.Sink {
		return dbus.New(cfg, dbus.Options{
			Log:        s.Log,
			Announce:   func(instance string) { e.Post(vrrp.AnnounceAddresses{Instance: instance}) },
			PrintData:  func() error { return s.Write(syscall.SIGUSR1) },
			PrintStats: func() error { return s.Write(syscall.SIGUSR2) },
			ClearStats: func() error { return s.Write(signalStatsClear) },
			Reload:     s.Reload,
		})
	}
	k.joinBus(s.Config)
	k.count(s, (*census).instances)
	k.bus.Attach("log", reasonLog{s.Log}, reasonCapacity)
	run.sessions = followBFD(s.BFDToVRRP, s.Log, func(b bfdrun.State, news bool) {
		s := vrrp.BFDState{Session: b.Session, Up: b.Up}
		if news {
			s.Sent = b.Sent
		}
		e.Post(s)
	})
	if s.Options.AddressWatch {
		run.addresses = newAddressWatch(s.Log, s.Config)
	}
	return run, nil
}

func (e *vrrpEngine) Run(ctx context.Context) error {
	defer e.sinks.close()
	defer e.sessions.close()
	if e.addresses != nil {
		go e.addresses.run(ctx)
	}
	e.sinks.snmp.Start()
	return e.Engine.Run(ctx)
}

func (e *vrrpEngine) Reload(cfg *config.Config) error {
	err := e.sinks.around(cfg, e.Engine.Reload)
	if err == nil && e.addresses != nil {
		e.addresses.update(cfg)
	}
	e.sessions.refresh()
	return err
}

func (e *vrrpEngine) Data(w io.Writer) error {
	s := e.Snapshot()
	return status.WriteVRRP(w, &s, netif.SystemNames(), machine(&s.Config.Global))
}

// Report is how everything is, for the status command.
func (e *vrrpEngine) Report() *status.Report {
	s := e.Snapshot()
	return s.Report()
}

func (e *vrrpEngine) Stats(w io.Writer) error {
	s := e.Snapshot()
	return status.WriteStats(w, &s)
}

func (e *vrrpEngine) ClearStats() { e.Post(vrrp.ClearStats{}) }

func (e *vrrpEngine) JSON(w io.Writer, version int) (bool, error) {
	s := e.Snapshot()
	if len(s.Instances) == 0 {
		return false, nil
	}
	return true, status.WriteJSON(w, &s, version, netif.SystemNames())
}

// checkerEngine is the checker engine with those who are told what it does.
type checkerEngine struct {
	*checkrun.Engine
	sinks    *sinks
	sessions *bfdStates
}

func newCheckerEngine(s Start) (Engine, error) {
	if err := capable(checkerNeeds(s.Config)); err != nil {
		return nil, err
	}
	k := openSinks(s, notify.Checkers)
	e := checkrun.New(s.Config, checkrun.Options{
		Log: s.Log, Detail: s.Options.LogDetail > 0, Events: k.bus, Ready: s.Ready,
		Scripts: k.runner, DontRelease: s.Options.DontReleaseIPVS,
		// Addresses and sessions must not fall for want of a kernel module.
		Await:   roleVRRP.wanted(s.Options, s.Config) || roleBFD.wanted(s.Options, s.Config),
		Waiting: s.Waiting,
	})
	k.serveSNMP(checkerSNMP(s, e))
	k.count(s, func(*census) string {
		now := e.Snapshot()
		return servers(&now)
	})
	sessions := followBFD(s.BFDToChecker, s.Log, func(b bfdrun.State, news bool) {
		if news {
			s.Log.Debug(bfdrun.TextReceived(b, time.Since(b.Sent).Microseconds()))
		}
		e.Post(health.BFDState{Session: b.Session, Up: b.Up})
	})
	return &checkerEngine{e, k, sessions}, nil
}

func (e *checkerEngine) Run(ctx context.Context) error {
	defer e.sinks.close()
	defer e.sessions.close()
	e.sinks.snmp.Start()
	return e.Engine.Run(ctx)
}

func (e *checkerEngine) Reload(cfg *config.Config) error {
	err := e.sinks.around(cfg, e.Engine.Reload)
	e.sessions.refresh()
	return err
}

// Report is how everything is, for the status command.
func (e *checkerEngine) Report() *status.Report {
	s := e.Snapshot()
	return s.Report()
}

func (e *checkerEngine) Data(w io.Writer) error {
	s := e.SnapshotCounters()
	return status.WriteCheckers(w, &s, machine(&s.Config.Global))
}

// sinkTime is how long the last mails and scripts of an engine that has
// stopped may take.
const sinkTime = 3 * time.Second
