package preflight

import (
	"fmt"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/netif/iproute"
)

// named is a word of a route or rule after which a name of iproute2 may
// stand, and what keepalived says about one that it does not know.
type named struct {
	table iproute.Table
	line  string
}

var routeNames = map[string]named{
	"table":    {iproute.Tables, logtext.RouteTable},
	"protocol": {iproute.Protocols, logtext.RouteProtocol},
	"scope":    {iproute.Scopes, logtext.RouteScope},
	"tos":      {iproute.DSFields, logtext.RouteTOS},
	"tc":       {iproute.DSFields, logtext.RouteTOS},
	"realms":   {iproute.Realms, logtext.RouteRealms},
}

var ruleNames = map[string]named{
	"table":            {iproute.Tables, logtext.RuleTable},
	"tos":              {iproute.DSFields, logtext.RouteTOS},
	"realms":           {iproute.Realms, logtext.RuleRealms},
	"suppress_ifgroup": {iproute.Groups, logtext.RuleGroup},
}

type routingName struct {
	table iproute.Table
	name  string
}

// knows reports whether a word is a number, or a name of table.
func (c *check) knows(table iproute.Table, word string) bool {
	if word == "" || word[0] >= '0' && word[0] <= '9' {
		return true
	}
	key := routingName{table, word}
	found, asked := c.names[key]
	if !asked {
		found = c.machine.RoutingName(&c.cfg.Global.VRRP, table, word)
		c.names[key] = found
	}
	return found
}

// usableRoutes are the routes whose names this machine knows; the others are
// reported and left out.
func (c *check) usableRoutes(l *links, list []*config.Route) []*config.Route {
	return without(list, func(r *config.Route) bool {
		return c.unknownName(r.Words, routeNames, r.Head, "the route is dropped") || c.unknownVRF(l, r)
	})
}

func (c *check) usableRules(list []*config.Rule) []*config.Rule {
	return without(list, func(r *config.Rule) bool {
		return c.unknownName(r.Words, ruleNames, r.Head, "the rule is dropped")
	})
}

// unknownName reports the first name in words that iproute2's tables lack.
func (c *check) unknownName(words []string, known map[string]named, at diag.Range, effect string) bool {
	for i := 1; i < len(words); i++ {
		k, ok := known[words[i-1]]
		if !ok {
			continue
		}
		for name := range strings.SplitSeq(words[i], "/") {
			if c.knows(k.table, name) {
				continue
			}
			c.add(at, diag.Diagnostic{
				Code: CodeRouteName, Severity: diag.Error, Class: diag.ClassConfig,
				Summary: fmt.Sprintf(k.line, words[i]), Effect: effect,
				Hint: "write the number, or add the name to iproute2's tables (/etc/iproute2)",
			})
			return true
		}
	}
	return false
}

// unknownVRF reports a route into a VRF that is none.
func (c *check) unknownVRF(l *links, r *config.Route) bool {
	for _, name := range after(r.Words, "vrf") {
		i := l.byName[name]
		if i != nil && i.VRF {
			continue
		}
		line, hint := fmt.Sprintf(logtext.RouteNoVRF, name), l.hint(name)
		if i != nil {
			line, hint = fmt.Sprintf(logtext.RouteNotVRF, name), ""
		}
		c.add(r.Head, diag.Diagnostic{
			Code: CodeRouteVRF, Severity: diag.Error, Class: diag.ClassConfig,
			Summary: line, Effect: "the route is dropped", Hint: hint,
		})
		return true
	}
	return false
}
