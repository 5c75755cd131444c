package preflight

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// links are the interfaces of the machine by name.
type links struct {
	byName map[string]*Interface
	names  []string
	// made are the names of VMACs that instances of this file will create.
	made map[string]string
}

// links asks the machine; nil if it doesn't answer.
func (c *check) links() *links {
	list, err := c.machine.Interfaces()
	if err != nil {
		c.add(diag.Range{}, diag.Diagnostic{
			Code: CodeInterfaceList, Severity: diag.Warning, Class: diag.ClassOwn,
			Summary: fmt.Sprintf("interfaces were not checked: %v", err),
		})
		return nil
	}
	l := &links{byName: map[string]*Interface{}, made: map[string]string{}}
	for i := range list {
		l.byName[list[i].Name] = &list[i]
		l.names = append(l.names, list[i].Name)
	}
	for _, v := range c.cfg.Instances {
		if v.VMAC != nil && v.VMAC.Name != "" {
			l.made[v.VMAC.Name] = v.Name
		}
	}
	return l
}

// hint says what name may have been meant to be.
func (l *links) hint(name string) string {
	if owner := l.made[name]; owner != "" {
		return fmt.Sprintf("%s is made by vrrp_instance %s, but not before the file is read", name, owner)
	}
	if near := diag.Suggest(name, l.names); near != "" {
		return "did you mean " + near + "?"
	}
	const most = 8
	if len(l.names) > most {
		return "this machine has " + strings.Join(l.names[:most], ", ") + ", ..."
	}
	return "this machine has " + strings.Join(l.names, ", ")
}

// missing reports an interface that is not there, unless interfaces may come
// later, and remembers that the configuration cannot run for it.
func (c *check) missing(l *links, name string, at diag.Range, code, format string, args ...any) bool {
	if name == "" || l.byName[name] != nil {
		return false
	}
	if c.cfg.Global.VRRP.DynamicInterfaces {
		return true
	}
	c.cannotStart = true
	c.add(at, diag.Diagnostic{
		Code: code, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: fmt.Sprintf(format, args...), Effect: "keepalived does not start", Hint: l.hint(name),
	})
	return true
}

// interfaces checks every interface that the VRRP part names, and the virtual
// addresses against those that are there.
func (c *check) interfaces() {
	l := c.links()
	if l == nil {
		return
	}
	c.linkSettings(l)
	for _, a := range c.cfg.StaticAddresses {
		c.staticAddress(l, a)
	}
	c.cfg.StaticRoutes = c.usableRoutes(l, c.cfg.StaticRoutes)
	c.cfg.StaticRules = c.usableRules(c.cfg.StaticRules)
	c.routes(l, c.cfg.StaticRoutes)
	c.rules(l, c.cfg.StaticRules)
	for _, v := range c.instances() {
		c.instance(l, v)
	}
	for _, g := range c.cfg.SyncGroups {
		c.tracked(l, g.Name, g.TrackInterfaces)
	}
	if c.cannotStart {
		c.add(diag.Range{}, diag.Diagnostic{
			Code: CodeNoInterfaces, Severity: diag.Error, Class: diag.ClassFatal,
			Summary: logtext.NoInterfaces,
		})
	}
}

// linkSettings checks the blocks about interfaces themselves.
func (c *check) linkSettings(l *links) {
	unknown := func(name string, at diag.Range, what string) {
		if l.byName[name] != nil || c.cfg.Global.VRRP.DynamicInterfaces {
			return
		}
		c.add(at, diag.Diagnostic{
			Code: CodeLinkInterface, Severity: diag.Error, Class: diag.ClassFatal,
			Summary: fmt.Sprintf(logtext.NoInterfaceLink, name, what), Hint: l.hint(name),
		})
	}
	for _, i := range c.cfg.LinkbeatInterfaces {
		unknown(i.Interface, i.Head, "linkbeat interface")
	}
	for _, i := range c.cfg.LinkDelays {
		unknown(i.Interface, i.Head, "up/down delay")
	}
	for _, g := range c.cfg.GARPGroups {
		for _, name := range g.Interfaces {
			c.missing(l, name, g.At(config.GARPGroupInterface(name)), CodeGARPInterface, logtext.NoInterfaceGARP, name)
		}
	}
	if s := c.cfg.Global.LVS.SyncDaemon; s != nil && l.byName[s.Interface] == nil {
		c.add(c.cfg.Global.At("lvs_sync_daemon"), diag.Diagnostic{
			Code: CodeSyncInterface, Severity: diag.Warning, Class: diag.ClassOwn,
			Summary: fmt.Sprintf("interface %s of lvs_sync_daemon doesn't exist", s.Interface),
			Effect:  "connections are not synchronised", Hint: l.hint(s.Interface),
		})
	}
}

func (c *check) staticAddress(l *links, a *config.Address) {
	if a.Dev != "" {
		c.missing(l, a.Dev, a.Head, CodeAddressInterface, logtext.NoInterfaceAddress, a.Dev, short(a.Prefix))
		return
	}
	name := c.cfg.Global.VRRP.DefaultInterface
	if l.byName[name] != nil || c.cfg.Global.VRRP.DynamicInterfaces {
		return
	}
	c.cannotStart = true
	c.add(a.Head, diag.Diagnostic{
		Code: CodeDefaultInterface, Severity: diag.Error, Class: diag.ClassFatal,
		Summary: fmt.Sprintf(logtext.NoInterfaceStatic, short(a.Prefix)),
		Effect:  fmt.Sprintf("the default interface %s does not exist; keepalived does not start", name), Hint: l.hint(name),
	})
}

// short is a prefix as messages have it: without the length of a single host.
func short(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

func (c *check) routes(l *links, list []*config.Route) {
	for _, r := range list {
		for _, name := range after(r.Words, "dev", "oif") {
			c.missing(l, name, r.Head, CodeRouteInterface, logtext.NoInterfaceRoute, name)
		}
	}
}

func (c *check) rules(l *links, list []*config.Rule) {
	for _, r := range list {
		for _, name := range after(r.Words, "dev", "iif", "oif") {
			c.missing(l, name, r.Head, CodeRuleInterface, logtext.NoInterfaceRule, name)
		}
	}
}

// after returns the words that follow one of keys.
func after(words []string, keys ...string) []string {
	var found []string
	for i := 1; i < len(words); i++ {
		if slices.Contains(keys, words[i-1]) {
			found = append(found, words[i])
		}
	}
	return found
}

func (c *check) instance(l *links, v *config.VRRPInstance) {
	base := c.instanceInterface(l, v)
	if m := v.VMAC; m != nil && m.Name != "" {
		if i := l.byName[m.Name]; i != nil && !i.PrivateMACVLAN {
			c.add(m.Head, diag.Diagnostic{
				Code: CodeVMACName, Severity: diag.Error, Class: diag.ClassConfig,
				Summary: fmt.Sprintf(logtext.VMACNameTaken, v.Name, m.Name),
				Effect:  "a name is generated",
			})
		}
	}
	c.tracked(l, v.Name, v.TrackInterfaces)
	for _, a := range append(slices.Clip(v.VirtualAddresses), v.ExcludedAddresses...) {
		gone := c.missing(l, a.Dev, a.Head, CodeAddressInterface, logtext.NoInterfaceAddress, a.Dev, short(a.Prefix))
		on := base
		if a.Dev != "" {
			on = l.byName[a.Dev]
		}
		if !gone && on != nil {
			c.subnet(v, a, on)
		}
	}
	v.Routes, v.Rules = c.usableRoutes(l, v.Routes), c.usableRules(v.Rules)
	c.routes(l, v.Routes)
	c.rules(l, v.Rules)
	c.source(l, v, base)
}

// instanceInterface checks the interface of v and returns it if it can be
// used.
func (c *check) instanceInterface(l *links, v *config.VRRPInstance) *Interface {
	at := v.At("interface")
	if c.missing(l, v.Interface, at, CodeNoInterface, logtext.NoInterface, v.Interface, v.Name) {
		return nil
	}
	i := l.byName[v.Interface]
	if i == nil {
		return nil
	}
	if !i.Loopback {
		if !i.Multicast && !v.Unicast() {
			c.add(at, diag.Diagnostic{
				Code: CodeNoMulticast, Severity: diag.Error, Class: diag.ClassConfig, Unplaced: true,
				Summary: fmt.Sprintf(logtext.NoInterfaceMulticast, v.Name, i.Name),
				Effect:  "keepalived disables the instance",
			})
		}
		return i
	}
	c.add(at, diag.Diagnostic{
		Code: CodeLoopback, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: fmt.Sprintf(logtext.NoInterfaceLoopback, v.Name, v.Interface),
		Effect:  "the instance has no interface",
	})
	if !v.Unicast() || !v.SourceAddress.IsValid() {
		c.add(v.Head, diag.Diagnostic{
			Code: CodeNoUsableInterface, Severity: diag.Error, Class: diag.ClassFatal, Unplaced: true,
			Summary: fmt.Sprintf(logtext.NoInterfaceUnknown, v.Name), Effect: "the VRRP configuration is rejected",
		})
	}
	return nil
}

func (c *check) tracked(l *links, owner string, list []config.Track) {
	for _, t := range list {
		c.missing(l, t.Name, t.Head, CodeTrackedInterface, logtext.NoInterfaceTracked, owner, t.Name)
	}
}

// subnet notes a virtual address that nobody on its link will look for there.
func (c *check) subnet(v *config.VRRPInstance, a *config.Address, on *Interface) {
	addr := a.Prefix.Addr()
	if on.Loopback || addr.IsLinkLocalUnicast() {
		return
	}
	var subnets []string
	for _, p := range on.Addresses {
		if p.Addr().Is4() != addr.Is4() || p.Addr().IsLinkLocalUnicast() || p.Addr() == addr {
			continue
		}
		if p.Contains(addr) {
			return
		}
		subnets = append(subnets, p.Masked().String())
	}
	if len(subnets) == 0 {
		return // an interface without addresses is another matter
	}
	c.add(a.Head, diag.Diagnostic{
		Code: CodeNoSubnet, Severity: diag.Warning, Class: diag.ClassOwn,
		Summary: fmt.Sprintf("(%s) virtual address %s is in no subnet of %s (%s)", v.Name, short(a.Prefix), on.Name, strings.Join(subnets, ", ")),
		Effect:  "other hosts find it only if it is routed to this link",
	})
}

// source checks that there is an address to send adverts from.
func (c *check) source(l *links, v *config.VRRPInstance, base *Interface) {
	if src := v.SourceAddress; src.IsValid() {
		for _, i := range l.byName {
			if slices.ContainsFunc(i.Addresses, func(p netip.Prefix) bool { return p.Addr() == src }) {
				return
			}
		}
		keyword := "mcast_src_ip"
		if v.Has("unicast_src_ip") {
			keyword = "unicast_src_ip"
		}
		c.add(v.At(keyword), diag.Diagnostic{
			Code: CodeSourceAddress, Severity: diag.Warning, Class: diag.ClassOwn,
			Summary: fmt.Sprintf("(%s) no interface has the source address %s", v.Name, src),
			Effect:  "adverts cannot be sent", Hint: "it must be an address of this node",
		})
		return
	}
	if base == nil || v.Family == config.FamilyNone {
		return
	}
	is4 := v.Family == config.IPv4
	if !slices.ContainsFunc(base.Addresses, func(p netip.Prefix) bool {
		return p.Addr().Is4() == is4 && (is4 || p.Addr().IsLinkLocalUnicast())
	}) {
		c.add(v.At("interface"), diag.Diagnostic{
			Code: CodeNoAddress, Severity: diag.Warning, Class: diag.ClassOwn,
			Summary: fmt.Sprintf("(%s) interface %s has no %s address to send from", v.Name, base.Name, v.Family),
			Effect:  "the instance is in FAULT until there is one",
		})
	}
}

// checkerInterfaces checks bind_if.
func (c *check) checkerInterfaces() {
	var l *links
	for _, vs := range c.cfg.VirtualServers {
		for _, rs := range vs.RealServers {
			for _, k := range rs.Checkers {
				if k.BindIf == "" {
					continue
				}
				if l == nil {
					if l = c.links(); l == nil {
						return
					}
				}
				if l.byName[k.BindIf] == nil {
					c.add(k.At("bind_if"), diag.Diagnostic{
						Code: CodeCheckerInterface, Severity: diag.Warning, Class: diag.ClassOwn,
						Summary: fmt.Sprintf("interface %s for %s of %s doesn't exist", k.BindIf, k.Kind, rs.Name),
						Effect:  "the check fails", Hint: l.hint(k.BindIf),
					})
				}
			}
		}
	}
}
