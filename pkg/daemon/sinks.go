package daemon

import (
	"context"
	"sync"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/dbus"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/event/bus"
	"github.com/gokeepalived/gokeepalived/pkg/notify"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"github.com/gokeepalived/gokeepalived/pkg/smtp"
	"github.com/gokeepalived/gokeepalived/pkg/snmp"
)

// sinks are those who are told what an engine does.
type sinks struct {
	bus    *bus.Bus
	notify *notify.Sink
	mail   *smtp.Sink
	snmp   *snmp.Sink
	runner *script.Runner
	cfg    *config.Config
	// census is nil unless a service manager shows it.
	census *census
	// dbus is nil until a configuration wants it; newDBus makes it, and is
	// nil where it cannot be wanted.
	dbus    *dbus.Sink
	newDBus func(*config.Config) *dbus.Sink
}

func openSinks(s Start, part notify.Part) *sinks {
	k := &sinks{bus: bus.New(s.Log), cfg: s.Config}
	k.runner = script.NewRunner(scriptOptions(s, part))
	k.notify = notify.New(s.Config, notify.Options{Log: s.Log, Runner: k.runner, Machine: script.Host{}, Part: part})
	k.mail = smtp.New(s.Config, smtp.Options{Log: s.Log})
	k.bus.Attach("notify", k.notify, 0)
	k.bus.Attach("smtp", k.mail, 0)
	return k
}

// count adds the census, if somebody wants it; line makes its text.
func (k *sinks) count(s Start, line func(*census) string) {
	if s.Census == nil {
		return
	}
	c := &census{tell: s.Census, states: map[string]event.State{}}
	c.line = func() string { return line(c) }
	k.census = c
	k.bus.Attach("census", c, 0)
}

// serveSNMP adds the SNMP sink; opt says what it serves.
func (k *sinks) serveSNMP(opt snmp.Options) {
	opt.Attach = func(s event.Sink) { k.bus.Attach("snmp", s, 0) }
	k.snmp = snmp.New(k.cfg, opt)
}

// around goes over to cfg together with an engine. The sinks go first: what
// the engine says about the change is for the new scripts and FIFOs.
func (k *sinks) around(cfg *config.Config, reload func(*config.Config) error) error {
	k.update(cfg)
	if err := reload(cfg); err != nil {
		k.update(k.cfg)
		return err
	}
	k.cfg = cfg
	if k.census != nil {
		k.census.soon()
	}
	return nil
}

func (k *sinks) update(cfg *config.Config) {
	k.notify.Update(cfg)
	k.mail.Update(cfg)
	k.snmp.Update(cfg)
	if k.dbus != nil {
		k.dbus.Update(cfg)
	}
	k.joinBus(cfg)
}

// joinBus makes the D-Bus sink when cfg is the first that wants it.
func (k *sinks) joinBus(cfg *config.Config) {
	if k.dbus != nil || k.newDBus == nil || !cfg.Global.DBus.Enable {
		return
	}
	k.dbus = k.newDBus(cfg)
	k.bus.Attach("dbus", k.dbus, 0)
}

// close passes the last events on and gives scripts and mails their time.
func (k *sinks) close() {
	ctx, cancel := context.WithTimeout(context.Background(), sinkTime)
	defer cancel()
	k.bus.Close(ctx)
	var wait sync.WaitGroup
	last := []func(context.Context){k.notify.Close, k.mail.Close, k.snmp.Close}
	if k.dbus != nil {
		last = append(last, k.dbus.Close)
	}
	for _, f := range last {
		wait.Go(func() { f(ctx) })
	}
	wait.Wait()
	k.runner.Close()
}
