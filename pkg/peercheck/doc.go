// Package peercheck compares the configurations of the nodes of one cluster
// and finds what makes them disagree: adverts that the other node drops,
// addresses that are lost at a failover, an election that does not go the way
// the files say.
//
// Instances are matched by family, virtual_router_id and what they have in
// common; see match.go. Where more than two nodes disagree, the odd ones are
// reported against what most of them say.
//
// The package is pure: nothing but the configurations is looked at. Facts that
// only a machine knows (the address of an interface) are left out of the
// comparison, so no finding rests on a guess about them.
package peercheck
