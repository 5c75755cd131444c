package mib

import "slices"

// vrrpNodes are the objects of the VRRP part of KEEPALIVED-MIB.
var vrrpNodes = slices.Concat([]node{
	syncGroupTable, syncGroupMemberTable, instanceTable, addressTable, routeTable, nextHopTable, ruleTable,
	scriptTable, fileTable, bfdTable, processTable,
}, trackedNodes())

// checkNodes are those of the checker part.
var checkNodes = append([]node{
	serverGroupTable, serverGroupMemberTable, virtualServerTable, realServerTable,
}, lvsNodes...)
