package confparse

import (
	"fmt"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// checkServices looks for two virtual servers that are one service of the
// kernel.
func (d *decoder) checkServices() {
	type key struct {
		address  netip.Addr
		port     uint16
		protocol config.Protocol
		mark     uint32
		isMark   bool
	}
	seen := make(map[key]*config.VirtualServer, len(d.cfg.VirtualServers))
	for _, v := range d.cfg.VirtualServers {
		if v.Group != "" {
			continue
		}
		k := key{v.Address, v.Port, v.Protocol, v.Fwmark, v.IsFwmark}
		if o := seen[k]; o != nil {
			d.advise(v.Head, v.Range, diag.Error, codeRepeatedService,
				"virtual server "+v.Name+" stands here twice", fmt.Sprintf("it is one service of the kernel; the other one is at line %d", o.Head.Start.Line), "put all real servers into one block")
			continue
		}
		seen[k] = v
	}
}

// checkServiceAddresses looks for a service whose address no instance holds,
// where instances hold those of other services.
func (d *decoder) checkServiceAddresses() {
	held := 0
	var alone []*config.VirtualServer
	for _, v := range d.cfg.VirtualServers {
		switch {
		case !v.Address.IsValid():
		case d.virtual(v.Address):
			held++
		default:
			alone = append(alone, v)
		}
	}
	if held == 0 {
		return
	}
	for _, v := range alone {
		d.advise(v.Head, v.Range, diag.Note, codeNoInstance, "no vrrp_instance has the address of virtual server "+v.Name,
			"packets for it come only if something else adds the address", "add it to virtual_ipaddress of an instance")
	}
}

func (d *decoder) checkServer(v *serverDraft) {
	unchecked := 0
	for _, r := range v.RealServers {
		if len(r.Checkers) == 0 {
			unchecked++
		}
		if r.Forwarding.Method != config.NAT && r.Address == v.Address {
			d.advise(r.Head, v.Head, diag.Warning, codeRealIsVirtual,
				"real server "+r.Name+" has the address of its virtual server", "packets for it stay on the director", "use the real server's own address")
		}
		d.checkTimes(v, r)
	}
	if unchecked > 0 && !v.lostChecker {
		what := "its real servers"
		if unchecked < len(v.RealServers) {
			what = fmt.Sprintf("%d of its %d real servers", unchecked, len(v.RealServers))
		}
		d.advise(v.Head, v.Range, diag.Note, codeNoChecker,
			"virtual server "+v.Name+": no checker for "+what, "they are never taken out of service", "write TCP_CHECK { } or another checker")
	}
	d.checkQuorum(v)
	if s := v.SorryServer; s != nil {
		if s.Forwarding.Method != config.NAT && s.Address == v.Address {
			d.advise(s.Head, v.Head, diag.Warning, codeRealIsVirtual,
				"the sorry server of "+v.Name+" has the address of its virtual server", "packets for it stay on the director, where only a local service answers", "if there is none, use another server's address")
		}
		for _, r := range v.RealServers {
			if r.Address == s.Address && r.Port == s.Port {
				d.advise(s.Head, v.Head, diag.Warning, codeSorryIsReal,
					"the sorry server of "+v.Name+" is one of its real servers", "it is used when it has failed itself", "name a server that is in no pool")
			}
		}
	}
	if v.HASuspend && v.Address.IsValid() && len(d.cfg.Instances) > 0 && !d.virtual(v.Address) {
		d.advise(v.At("ha_suspend"), v.Head, diag.Note, codeSuspended,
			"virtual server "+v.Name+" has ha_suspend, but no instance has its address", "it is not checked unless something else adds the address", "")
	}
}

// checkQuorum looks for a quorum that cannot be regained.
func (d *decoder) checkQuorum(v *serverDraft) {
	sum := uint64(0)
	for _, r := range v.RealServers {
		sum += uint64(r.Weight)
	}
	if v.Hysteresis > 0 && uint64(v.Quorum)+uint64(v.Hysteresis) > sum {
		d.advise(v.At("hysteresis"), v.Head, diag.Error, codeNoQuorum,
			fmt.Sprintf("virtual server %s: quorum %d and hysteresis %d are more than all weights, %d", v.Name, v.Quorum, v.Hysteresis, sum),
			"once lost, the quorum is never gained again", "choose a smaller hysteresis or quorum")
	}
}

// checkTimes looks for checks that take longer than their interval.
func (d *decoder) checkTimes(v *serverDraft, r *config.RealServer) {
	for _, c := range r.Checkers {
		limit, keyword := c.ConnectTimeout, "connect_timeout"
		if c.Misc != nil {
			limit, keyword = c.Misc.Timeout, "misc_timeout"
		}
		if limit > c.DelayLoop && c.Has(keyword) && c.Kind != config.CheckFILE && c.Kind != config.CheckBFD {
			d.advise(c.At(keyword), c.Head, diag.Note, codeSlowCheck,
				fmt.Sprintf("%s of %s: %s %s is longer than delay_loop %s", c.Kind, r.Name, keyword, limit, c.DelayLoop), "a silent server is checked less often than delay_loop says", "make the timeout shorter than delay_loop of "+v.Name)
		}
	}
}

// virtual reports whether an instance holds the address.
func (d *decoder) virtual(a netip.Addr) bool {
	if d.virtuals == nil {
		d.virtuals = map[netip.Addr]bool{}
		for _, v := range d.cfg.Instances {
			for _, list := range [][]*config.Address{v.VirtualAddresses, v.ExcludedAddresses} {
				for _, x := range list {
					d.virtuals[x.Prefix.Addr()] = true
				}
			}
		}
	}
	return d.virtuals[a]
}

// checkServerGroups looks for groups that nothing uses.
func (d *decoder) checkServerGroups() {
	used := map[string]bool{}
	for _, v := range d.drafts.servers {
		used[v.Group] = true
	}
	for _, g := range d.cfg.VirtualServerGroups {
		if !used[g.Name] {
			d.advise(g.Head, g.Range, diag.Note, codeUnusedGroup, "virtual_server_group "+g.Name+" is used by no virtual server", "it has no effect", "write virtual_server group "+g.Name+" { ... }")
		}
	}
}
