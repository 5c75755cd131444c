package mib

import "slices"

// vrrpNodes are the objects of the VRRP part of KEEPALIVED-MIB.
var vrrpNodes = slices.Concat([]node{
	syncGroupTable, syncGroupMemberTable, instanceTable, addressTable, routeTable, nextHopTable, ruleTable,
	scriptTable, fileTable, bfdTable, processTable,
}, trackedNodes())

// checkNodes are the objects of the checker part of KEEPALIVED-MIB.
var checkNodes []node
