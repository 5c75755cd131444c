package vrrprun

import (
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
)

func rule(line string, at int) *config.Rule {
	r := &config.Rule{Words: strings.Fields(line)}
	r.Range = diag.Range{File: "a.conf", Start: diag.Pos{Byte: at}}
	return r
}

// Rules without a preference count down from 16384 in the order of the file,
// each family for itself; a reload starts again but leaves what is installed.
func TestRulePriorities(t *testing.T) {
	first, second := rule("from 10.0.0.0/8 table 5", 10), rule("from 11.0.0.0/8 table 5", 20)
	own := rule("from 12.0.0.0/8 table 5 preference 7", 30)
	six := rule("from fd00::/8 table 5", 40)
	late := rule("from 13.0.0.0/8 table 5", 50)
	cfg := &config.Config{
		StaticRules: []*config.Rule{late},
		Instances:   []*config.VRRPInstance{{Rules: []*config.Rule{first, second, own, six}}},
	}
	r := newRouting(netif.Names{})
	r.load(cfg)
	check := func(c *config.Rule, want uint32) {
		t.Helper()
		parsed, err := r.rule(c)
		if err != nil || *parsed.Priority != want {
			t.Errorf("%v: %v, %v, want %d", c.Words, parsed, err, want)
		}
	}
	check(first, 16384)
	check(second, 16383)
	check(own, 7)
	check(six, 16384)
	check(late, 16382)

	parsed, err := r.rule(second)
	if err != nil {
		t.Fatal(err)
	}
	r.addedRule(second, parsed)
	again := rule("from 11.0.0.0/8 table 5", 5)
	r.load(&config.Config{StaticRules: []*config.Rule{again}})
	check(second, 16383)
	check(again, 16384)
}

// The same route of a new configuration takes the place of the old one: its
// removal is told once.
func TestRoutingReplacesEqual(t *testing.T) {
	r := newRouting(netif.Names{})
	words := []string{"10.0.0.0/8", "dev", "eth0"}
	old, renewed := &config.Route{Words: words}, &config.Route{Words: words}
	for _, c := range []*config.Route{old, renewed} {
		parsed, err := r.route(c)
		if err != nil {
			t.Fatal(err)
		}
		r.addedRoute(c, parsed)
	}
	if len(r.routes) != 1 || r.routes[renewed] == nil {
		t.Errorf("kept %v", r.routes)
	}
	if _, err := r.route(&config.Route{Words: []string{"nonsense"}}); err == nil {
		t.Error("a bad line was accepted")
	}
}
