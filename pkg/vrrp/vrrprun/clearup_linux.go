package vrrprun

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/eventloop"
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
