package vrrprun

import "github.com/gokeepalived/gokeepalived/pkg/vrrp"

// clearUp removes what a killed predecessor with another configuration has
// left. What ours names the engine looks for itself.
func (e *Engine) clearUp() error {
	was := e.opt.Predecessor
	if was == nil {
		return nil
	}
	e.opt.Predecessor = nil
	e.routing.load(was)
	e.carryOut(vrrp.Leftovers(was, e.cfg, e.machine.list()))
	e.routing.load(e.cfg)
	if wantsFirewall(was) && !wantsFirewall(e.cfg) {
		e.complain(e.wall().RemoveOld())
	}
	return e.readMachine()
}
