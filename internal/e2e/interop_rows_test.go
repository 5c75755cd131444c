package e2e

import (
	"fmt"
	"slices"
	"strings"
)

// interopRow is one combination of the matrix: a virtual router (or a sync
// group of two) on links of its own.
type interopRow struct {
	Name      string
	Version   int
	IPv6      bool
	Unicast   bool
	Auth      string // "", "PASS" or "AH"
	VMAC      bool
	NoPreempt bool
	// Group is the name of the sync group, if any. The link of a group's
	// first member only is cut.
	Group string
	// Follower marks members of a group whose own link stays.
	Follower bool
	// Number is the VRID and part of names and addresses.
	Number int
}

// busyRows is the part of the matrix that has each of its values, for a busy
// machine.
var busyRows = []string{
	"v2-4-mc", "v2-4-mc-PASS-vmac", "v2-4-uc-AH", "v3-4-mc", "v3-4-uc-vmac", "v3-6-mc-vmac", "v3-6-uc", "v3-4-mc-nopre",
	"v2-4-mc-G2", "v2-4-mc-vmac-G2-2",
}

// interopRows are the rows of this run.
func interopRows() []interopRow {
	rows := allInteropRows()
	if whole() {
		return rows
	}
	var busy []interopRow
	for _, r := range rows {
		if slices.Contains(busyRows, r.Name) {
			busy = append(busy, r)
		}
	}
	if len(busy) != len(busyRows) {
		panic("busyRows names a row that does not exist")
	}
	return busy
}

// allInteropRows lists every combination that keepalived defines: version 2 is
// for IPv4 only, version 3 has no authentication.
func allInteropRows() []interopRow {
	var rows []interopRow
	add := func(r interopRow) {
		r.Number = len(rows) + 1
		words := []string{fmt.Sprintf("v%d", r.Version), "4", "mc", r.Auth, "", ""}
		for i, on := range []bool{false, r.IPv6, r.Unicast, false, r.VMAC, r.NoPreempt} {
			if on {
				words[i] = []string{"", "6", "uc", "", "vmac", "nopre"}[i]
			}
		}
		words = append(words, r.Group)
		r.Name = strings.Join(strings.FieldsFunc(strings.Join(words, "-"), func(c rune) bool { return c == '-' }), "-")
		if r.Follower {
			r.Name += "-2"
		}
		rows = append(rows, r)
	}
	for _, nopreempt := range []bool{false, true} {
		for _, unicast := range []bool{false, true} {
			for _, vmac := range []bool{false, true} {
				for _, auth := range []string{"", "PASS", "AH"} {
					add(interopRow{Version: 2, Unicast: unicast, VMAC: vmac, Auth: auth, NoPreempt: nopreempt})
				}
				for _, v6 := range []bool{false, true} {
					add(interopRow{Version: 3, Unicast: unicast, VMAC: vmac, IPv6: v6, NoPreempt: nopreempt})
				}
			}
		}
		for _, version := range []int{2, 3} {
			group := fmt.Sprintf("G%d", version)
			if nopreempt {
				group += "n"
			}
			add(interopRow{Version: version, NoPreempt: nopreempt, Group: group})
			add(interopRow{Version: version, IPv6: version == 3, VMAC: version == 2, NoPreempt: nopreempt, Group: group, Follower: true})
		}
	}
	return rows
}

// link is the row's interface on both hosts.
func (r interopRow) link() string { return fmt.Sprintf("m%d", r.Number) }

// vip is the address that says who is master.
func (r interopRow) vip() string {
	if r.IPv6 {
		return fmt.Sprintf("fd00:%d::100/64", r.Number)
	}
	return fmt.Sprintf("10.%d.0.100/24", r.Number)
}

// own is the address of node n, 1 or 2.
func (r interopRow) own(n int) string {
	if r.IPv6 {
		return fmt.Sprintf("fd00:%d::%d", r.Number, n)
	}
	return fmt.Sprintf("10.%d.0.%d", r.Number, n)
}

// ownPrefix is own with the length of the network.
func (r interopRow) ownPrefix(n int) string {
	if r.IPv6 {
		return r.own(n) + "/64"
	}
	return r.own(n) + "/24"
}

// config is the row's part of the configuration of node n.
func (r interopRow) config(n int) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("vrrp_instance %s {", r.Name)
	say("  state BACKUP")
	say("  interface %s", r.link())
	say("  virtual_router_id %d", r.Number)
	say("  version %d", r.Version)
	say("  priority %d", 300-100*n)
	// Adverts every second: no daemon on a busy machine is late by three.
	say("  advert_int 1")
	say("  garp_master_delay 1")
	say("  garp_master_repeat 2")
	if r.NoPreempt {
		say("  nopreempt")
	}
	if r.VMAC {
		say("  use_vmac")
	}
	if r.Auth != "" {
		say("  authentication {\n    auth_type %s\n    auth_pass secret%d\n  }", r.Auth, r.Number)
	}
	if r.Unicast {
		say("  unicast_src_ip %s\n  unicast_peer {\n    %s\n  }", r.own(n), r.own(3-n))
	}
	say("  virtual_ipaddress {")
	if r.IPv6 {
		say("    fe80::%d:100", r.Number)
	}
	say("    %s", r.vip())
	say("  }\n}")
	return b.String()
}

// forKeepalived is what the real keepalived needs besides. It does not read
// again what did not fit into its netlink socket: all links of a host that come
// up at once cost it the last ones (the kernel counted 63 announcements as
// dropped), whose instances stay in Fault for ever.
const forKeepalived = `global_defs {
  vrrp_netlink_monitor_rcv_bufs 4194304
  vrrp_netlink_monitor_rcv_bufs_force true
}
`

// interopConfig is the whole configuration of node n but for that.
func interopConfig(rows []interopRow, n int) string {
	var b strings.Builder
	members := map[string][]string{}
	for _, r := range rows {
		b.WriteString(r.config(n))
		if r.Group != "" {
			if members[r.Group] = append(members[r.Group], r.Name); len(members[r.Group]) == 2 {
				fmt.Fprintf(&b, "vrrp_sync_group %s {\n  group {\n    %s\n  }\n}\n", r.Group, strings.Join(members[r.Group], "\n    "))
			}
		}
	}
	return b.String()
}
