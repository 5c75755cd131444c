package vrrprun

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
)

// firstRulePriority is what the first rule without a preference gets; the
// next ones go downwards, each family for itself.
const firstRulePriority = 16384

// routing are the routes and rules of the configuration as the kernel is told,
// and which of them we have added.
type routing struct {
	names      iproute.Names
	priorities map[*config.Rule]uint32

	routes map[*config.Route]*iproute.Route // added
	rules  map[*config.Rule]*iproute.Rule   // added
}

func newRouting(names iproute.Names) *routing {
	return &routing{
		names:      names,
		priorities: map[*config.Rule]uint32{},
		routes:     map[*config.Route]*iproute.Route{},
		rules:      map[*config.Rule]*iproute.Rule{},
	}
}

// used reports whether a configuration has any routes or rules.
func (r *routing) used(cfg *config.Config) bool {
	n := len(cfg.StaticRoutes) + len(cfg.StaticRules)
	for _, v := range cfg.Instances {
		n += len(v.Routes) + len(v.Rules)
	}
	return n > 0
}

// load gives the rules of a configuration without a preference theirs, in the
// order of the file. Rules of the configuration before keep what they have
// until they are removed.
func (r *routing) load(cfg *config.Config) {
	clear(r.priorities)
	for rule, parsed := range r.rules {
		r.priorities[rule] = *parsed.Priority
	}
	next := map[config.Family]uint32{config.IPv4: firstRulePriority, config.IPv6: firstRulePriority}
	for _, rule := range allRules(cfg) {
		parsed, err := iproute.ParseRule(rule.Words, r.names)
		if err != nil || parsed.Priority != nil {
			continue
		}
		r.priorities[rule] = next[parsed.Family]
		next[parsed.Family]--
	}
}

// allRules are all rules in the order of the file; of several files, static
// rules come first.
func allRules(cfg *config.Config) []*config.Rule {
	all := slices.Clone(cfg.StaticRules)
	for _, v := range cfg.Instances {
		all = append(all, v.Rules...)
	}
	for _, rule := range all {
		if rule.Range.File != all[0].Range.File {
			return all
		}
	}
	slices.SortStableFunc(all, func(a, b *config.Rule) int { return a.Range.Start.Byte - b.Range.Start.Byte })
	return all
}

func (r *routing) route(c *config.Route) (*iproute.Route, error) {
	if parsed := r.routes[c]; parsed != nil {
		return parsed, nil
	}
	parsed, err := iproute.ParseRoute(c.Words, r.names)
	if err != nil {
		return nil, fmt.Errorf("route %v: %w", c.Words, err)
	}
	return &parsed, nil
}

func (r *routing) rule(c *config.Rule) (*iproute.Rule, error) {
	if parsed := r.rules[c]; parsed != nil {
		return parsed, nil
	}
	parsed, err := iproute.ParseRule(c.Words, r.names)
	if err != nil {
		return nil, fmt.Errorf("rule %v: %w", c.Words, err)
	}
	if parsed.Priority == nil {
		priority := r.priorities[c]
		if priority == 0 {
			priority = firstRulePriority
		}
		parsed.Priority = &priority
	}
	return &parsed, nil
}

// addedRoute notes that a route is in the kernel, in the place of an equal one
// of an earlier configuration.
func (r *routing) addedRoute(c *config.Route, parsed *iproute.Route) {
	for other, p := range r.routes {
		if reflect.DeepEqual(p, parsed) {
			delete(r.routes, other)
		}
	}
	r.routes[c] = parsed
}

func (r *routing) addedRule(c *config.Rule, parsed *iproute.Rule) {
	for other, p := range r.rules {
		if reflect.DeepEqual(p, parsed) {
			delete(r.rules, other)
		}
	}
	r.rules[c] = parsed
}
