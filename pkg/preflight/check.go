package preflight

import (
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// Part is a set of processes of the daemon; each is concerned with its own
// part of a configuration.
type Part uint8

// Parts.
const (
	Parent Part = 1 << iota
	VRRP
	Checkers
	All = Parent | VRRP | Checkers
	// Names are look-ups that ask a server on the network, which -t and check
	// wait for and a daemon does not.
	Names Part = 1 << 3
)

// Check returns what m has to say about cfg.
func Check(cfg *config.Config, m Machine) diag.List {
	_, findings := Apply(cfg, m, All|Names)
	return findings
}

// Apply returns the configuration that can run on m, a copy in which the
// scripts of part that must not or cannot be run are missing, together with
// the findings about that part. cfg is not changed; what the copy and cfg
// have in common is shared.
//
// Findings of diag.ClassFatal say that part cannot run at all.
func Apply(cfg *config.Config, m Machine, part Part) (*config.Config, diag.List) {
	c := &check{
		cfg: clone(cfg), machine: m, part: part,
		resolver: script.NewResolver(&cfg.Global, m),
		dropped:  map[string]bool{}, removed: map[*config.Checker]bool{}, names: map[routingName]bool{},
	}
	c.defaultUser()
	c.processors()
	if part&Parent != 0 {
		c.namespaces()
		c.saveDir()
		c.parentScripts()
	}
	if part&Names != 0 {
		c.mailServer()
	}
	if part&Checkers != 0 && cfg.WantsCheckers() {
		c.checkerScripts()
		c.checkerInterfaces()
	}
	links := len(cfg.LinkbeatInterfaces) + len(cfg.LinkDelays) + len(cfg.GARPGroups)
	wanted := cfg.WantsVRRP() || len(cfg.Unusable) > 0
	if part&VRRP != 0 && (wanted || links > 0) {
		c.interfaces()
	}
	if part&VRRP != 0 && len(c.instances()) == 0 {
		c.idleScripts()
	}
	if part&VRRP != 0 && wanted {
		n := len(c.findings)
		c.vrrpScripts()
		if c.cannotStart {
			// keepalived ends before it looks at scripts.
			for i := range c.findings[n:] {
				c.findings[n+i].Class = diag.ClassOwn
			}
		}
		c.trackProcesses()
	}
	if part&(VRRP|Checkers) != 0 {
		c.trackFiles()
	}
	c.forget()
	return c.cfg, c.findings
}

// check is one comparison under way.
type check struct {
	cfg      *config.Config // the copy
	machine  Machine
	part     Part
	resolver *script.Resolver
	findings diag.List
	// dropped are track scripts, removed MISC_CHECKs that cannot be used.
	dropped map[string]bool
	removed map[*config.Checker]bool
	// noDefault: the line about the default user was said.
	noDefault bool
	// cannotStart: an interface is missing.
	cannotStart bool
	// names are the look-ups in iproute2's tables so far.
	names map[routingName]bool
}

// add records a finding about at.
func (c *check) add(at diag.Range, d diag.Diagnostic) {
	d.Subject = at
	d.Machine = true
	c.findings.Add(d)
}

// clone copies cfg as deep as scripts and trackers can be taken out of it.
func clone(cfg *config.Config) *config.Config {
	out := *cfg
	out.Instances = copies(cfg.Instances)
	out.Unusable = copies(cfg.Unusable)
	out.SyncGroups = copies(cfg.SyncGroups)
	out.VirtualServers = slices.Clone(cfg.VirtualServers)
	for i, vs := range out.VirtualServers {
		if runsScripts(vs) {
			v := *vs
			v.RealServers = copies(vs.RealServers)
			out.VirtualServers[i] = &v
		}
	}
	return &out
}

// runsScripts reports whether something could be taken out of vs. Thousands of
// servers are not worth a copy for nothing.
func runsScripts(vs *config.VirtualServer) bool {
	return vs.QuorumUp != nil || vs.QuorumDown != nil || slices.ContainsFunc(vs.RealServers, func(rs *config.RealServer) bool {
		return rs.NotifyUp != nil || rs.NotifyDown != nil ||
			slices.ContainsFunc(rs.Checkers, func(k *config.Checker) bool { return k.Kind == config.CheckMISC })
	})
}

// instances are those of the file, also the ones that lack something.
func (c *check) instances() []*config.VRRPInstance {
	return slices.Concat(c.cfg.Instances, c.cfg.Unusable)
}

func copies[T any](list []*T) []*T {
	if list == nil {
		return nil
	}
	out := make([]*T, len(list))
	for i, p := range list {
		v := *p
		out[i] = &v
	}
	return out
}

// forget takes the scripts that cannot be used out of the copy, and the
// references to them.
func (c *check) forget() {
	if len(c.dropped) > 0 {
		c.cfg.Scripts = without(c.cfg.Scripts, func(s *config.TrackScript) bool { return c.dropped[s.Name] })
		gone := func(t config.Track) bool { return c.dropped[t.Name] }
		for _, v := range c.cfg.Instances {
			v.TrackScripts = without(v.TrackScripts, gone)
		}
		for _, g := range c.cfg.SyncGroups {
			g.TrackScripts = without(g.TrackScripts, gone)
		}
	}
	if len(c.removed) > 0 {
		for _, vs := range c.cfg.VirtualServers {
			for _, rs := range vs.RealServers {
				rs.Checkers = without(rs.Checkers, func(k *config.Checker) bool { return c.removed[k] })
			}
		}
	}
}

// without returns a new list without the elements that are gone.
func without[T any](list []T, gone func(T) bool) []T {
	var kept []T
	for _, e := range list {
		if !gone(e) {
			kept = append(kept, e)
		}
	}
	return kept
}
