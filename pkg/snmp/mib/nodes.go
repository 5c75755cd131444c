package mib

import "slices"

// The tables are made when they are asked for: nobody pays for them who does
// not serve SNMP.

// vrrpNodes are the objects of the VRRP part of KEEPALIVED-MIB.
func vrrpNodes() []node {
	return slices.Concat([]node{
		syncGroupTable(), syncGroupMemberTable(), instanceTable(), addressTable(), routeTable(), nextHopTable(), ruleTable(),
		scriptTable(), fileTable(), bfdTable(), processTable(),
	}, trackedNodes())
}

// checkNodes are those of the checker part.
func checkNodes() []node {
	return append([]node{
		serverGroupTable(), serverGroupMemberTable(), virtualServerTable(), realServerTable(),
	}, lvsNodes()...)
}
