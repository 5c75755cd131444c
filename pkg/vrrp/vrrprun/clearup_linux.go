package vrrprun

import (
	"errors"
	"log/slog"
	"maps"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// Clear removes what a killed engine with this configuration, or the
// predecessor's, has left, instead of Run: none will follow.
func (e *Engine) Clear() error {
	e.logs = eventloop.StartLogQueue(e.opt.Log)
	defer e.logs.Close()
	defer e.closeMailbox()
	defer e.closeAll()
	if err := e.open(); err != nil {
		return err
	}
	if err := e.readMachine(); err != nil {
		return err
	}
	if err := e.clearMade(&config.Config{Global: e.cfg.Global}); err != nil {
		return err
	}
	for _, was := range []*config.Config{e.opt.Predecessor, e.cfg} {
		if was == nil {
			continue
		}
		if err := e.clearUp(was, &config.Config{Global: e.cfg.Global}); err != nil {
			return err
		}
	}
	e.complain(e.sysctls.PutBackUnclaimed())
	return nil
}

// clearMade removes what the record says that a killed engine has made, as far
// as one with the configuration is does not want it.
func (e *Engine) clearMade(is *config.Config) error {
	if len(e.made.record.Lines()) == 0 {
		return nil
	}
	left, err := e.left()
	if err != nil {
		return err
	}
	e.routing.load(&left.cfg)
	maps.Copy(e.routing.priorities, left.priorities)
	e.carryOut(vrrp.Abandoned(&left.cfg, left.vmacs, is, e.machine.list()))
	e.routing.load(e.cfg)
	for _, table := range left.tables {
		if wantsFirewall(is) && table == firewallTable(is) {
			continue
		}
		old := netif.NewFirewall(netif.FirewallOptions{Table: table, Log: func(text string) { e.log(slog.LevelInfo, text) }})
		if err := errors.Join(old.RemoveOld(), old.Close()); err != nil {
			e.complain(err)
			continue
		}
		e.made.record.Remove(firewallLine(table))
	}
	if err := e.readMachine(); err != nil {
		return err
	}
	_, err = e.left()
	return err
}

// left compares the record with the machine as it is now.
func (e *Engine) left() (left, error) {
	addresses, err := e.kernel.Addresses()
	if err != nil {
		return left{}, err
	}
	return e.made.find(e.machine, addresses), nil
}

// clearUp removes what a killed engine with the configuration was has left and
// one with the configuration is will not look for itself.
func (e *Engine) clearUp(was, is *config.Config) error {
	e.routing.load(was)
	e.carryOut(vrrp.Leftovers(was, is, e.machine.list()))
	e.routing.load(e.cfg)
	if wantsFirewall(was) && !wantsFirewall(is) {
		e.complain(e.wall().RemoveOld())
	}
	return e.readMachine()
}
