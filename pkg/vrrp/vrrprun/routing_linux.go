package vrrprun

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"golang.org/x/sys/unix"
)

func (e *Engine) addRoute(a vrrp.AddRoute) error {
	r, err := e.routing.route(a.Route)
	if err == nil {
		err = e.kernel.AddRoute(r, e.machine.named)
	}
	if err != nil {
		return err
	}
	e.routing.addedRoute(a.Route, r)
	e.made.record.Add(routeLine(a.Route, r))
	return nil
}

// removeRoute is no failure when the route is gone already; that is logged as
// keepalived does, unless it was only looked for.
func (e *Engine) removeRoute(a vrrp.RemoveRoute) error {
	r, err := e.routing.route(a.Route)
	if err != nil {
		return err
	}
	delete(e.routing.routes, a.Route)
	err = e.gone(a, e.kernel.DeleteRoute(r, e.machine.named), a.Leftover)
	if err == nil {
		e.made.record.Remove(routeLine(a.Route, r))
	}
	return err
}

func (e *Engine) addRule(a vrrp.AddRule) error {
	r, err := e.routing.rule(a.Rule)
	if err == nil {
		err = e.kernel.AddRule(r)
	}
	if err != nil {
		return err
	}
	e.routing.addedRule(a.Rule, r)
	e.made.record.Add(ruleLine(a.Rule, r))
	return nil
}

func (e *Engine) removeRule(a vrrp.RemoveRule) error {
	r, err := e.routing.rule(a.Rule)
	if err != nil {
		return err
	}
	delete(e.routing.rules, a.Rule)
	err = e.gone(a, e.kernel.DeleteRule(r), a.Leftover)
	if err == nil {
		e.made.record.Remove(ruleLine(a.Rule, r))
	}
	return err
}

// gone turns "not there" into success.
func (e *Engine) gone(action vrrp.Action, err error, silent bool) error {
	if !errors.Is(err, unix.ESRCH) && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENODEV) {
		return err
	}
	if !silent {
		e.log(slog.LevelInfo, err.Error()+" - "+purpose(action)+": it was not there")
	}
	return nil
}

// watchRoutes has removals announced when a configuration has routes or rules.
func (e *Engine) watchRoutes(cfg *config.Config) error {
	if e.watching || !e.routing.used(cfg) {
		return nil
	}
	e.watching = true
	return e.monitor.WatchRoutes()
}

// suspect reports whether a change may have taken one of our routes or rules
// away. IPv4 routes also vanish, without a word, with the link or the address
// that they need.
func (e *Engine) suspect(c *netif.Change) bool {
	switch c.Kind {
	case netif.LinkRemoved, netif.AddressRemoved:
		return len(e.routing.routes) > 0
	case netif.LinkChanged:
		return len(e.routing.routes) > 0 && !(c.Link.Up() && c.Link.Running())
	case netif.RouteRemoved:
		for _, r := range e.routing.routes {
			if r.Family == c.Route.Family && r.Protocol == c.Route.Protocol && r.Destination.Masked() == c.Route.Destination {
				return true
			}
		}
	case netif.RuleRemoved:
		for _, r := range e.routing.rules {
			if netif.SameRule(&c.Rule, r) {
				return true
			}
		}
	case netif.AddressAdded:
	}
	return false
}

// missingRouting lists what we have added and the kernel no longer has, and
// takes it as removed.
func (e *Engine) missingRouting() (routes []*config.Route, rules []*config.Rule) {
	type table struct {
		family   config.Family
		protocol uint8
	}
	installed := map[table][]netif.InstalledRoute{}
	for c, r := range e.routing.routes {
		key := table{r.Family, r.Protocol}
		list, read := installed[key]
		if !read {
			var err error
			if list, err = e.kernel.Routes(r.Family, r.Protocol); err != nil {
				e.complain(fmt.Errorf(logNotCompared, err))
				return nil, nil
			}
			installed[key] = list
		}
		if !hasRoute(list, r, e.machine.named) {
			routes = append(routes, c)
			delete(e.routing.routes, c)
			e.made.record.Remove(routeLine(c, r))
		}
	}
	for _, f := range []config.Family{config.IPv4, config.IPv6} {
		if len(e.routing.rules) == 0 {
			break
		}
		list, err := e.kernel.Rules(f)
		if err != nil {
			e.complain(fmt.Errorf(logNotCompared, err))
			return routes, rules
		}
		for c, r := range e.routing.rules {
			if r.Family == f && !hasRule(list, r) {
				rules = append(rules, c)
				delete(e.routing.rules, c)
				e.made.record.Remove(ruleLine(c, r))
			}
		}
	}
	return routes, rules
}

func hasRoute(list []netif.InstalledRoute, r *iproute.Route, find netif.LinkFinder) bool {
	for i := range list {
		if netif.SameRoute(&list[i], r, find) {
			return true
		}
	}
	return false
}

func hasRule(list []netif.InstalledRule, r *iproute.Rule) bool {
	for i := range list {
		if netif.SameRule(&list[i], r) {
			return true
		}
	}
	return false
}
