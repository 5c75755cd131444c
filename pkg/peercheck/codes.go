package peercheck

import "github.com/gokeepalived/gokeepalived/pkg/diag"

// Codes of disagreements between nodes, KA1200 to KA1299.
const (
	CodeAlone = "KA1200"
	CodeVRID  = "KA1201"

	CodeVersion        = "KA1210"
	CodeInterval       = "KA1211"
	CodeAuthType       = "KA1212"
	CodePassword       = "KA1213"
	CodeHMAC           = "KA1214"
	CodeTransport      = "KA1215"
	CodeMulticastGroup = "KA1216"
	CodePeerMissing    = "KA1217"
	CodeUnknownPeer    = "KA1218"
	CodeSameSource     = "KA1220"
	CodeChecksum       = "KA1221"

	CodeAddressCount = "KA1230"
	CodeAddresses    = "KA1231"
	CodeExcluded     = "KA1232"
	CodePrefix       = "KA1233"
	CodeRoutes       = "KA1234"

	CodeEqualPriority   = "KA1240"
	CodeOwners          = "KA1241"
	CodeTwoMasters      = "KA1242"
	CodeMasterLower     = "KA1243"
	CodePreempt         = "KA1244"
	CodeWeight          = "KA1245"
	CodeWeightNoPreempt = "KA1246"

	CodeLinks    = "KA1250"
	CodeGroups   = "KA1251"
	CodeRouterID = "KA1252"

	CodeServerMissing = "KA1260"
	CodeService       = "KA1261"
	CodeRealServer    = "KA1262"
	CodeSyncDaemon    = "KA1263"
)

// Codes explains the codes of this package.
func Codes() []diag.CodeInfo {
	return []diag.CodeInfo{
		explain(CodeAlone, "Instance on one node only",
			"No other node given has a vrrp_instance that could be the same virtual router. keepalived cannot know: the node just never hears a peer.",
			"Add the instance to the other nodes. If it is there, compare virtual_router_id, addresses and family."),
		explain(CodeVRID, "virtual_router_id differs",
			"Instances with the same addresses have different numbers. Adverts with another number are ignored, silently unless log_unknown_vrids is set, so every node becomes MASTER.",
			"Use one number for one virtual router on all nodes, and different ones for different virtual routers of a link."),
		explain(CodeVersion, "VRRP version differs",
			"keepalived drops adverts of the other version (wrong VRRP version). Both nodes become MASTER. Version 2 is the default for IPv4, 3 for IPv6.",
			"Set version in the instance, or vrrp_version in global_defs, to the same number on all nodes."),
		explain(CodeInterval, "advert_int differs",
			"Version 2 drops adverts with another interval (advertisement interval mismatch), and both nodes become MASTER. Version 3 only logs it; a backup then waits by the interval of the master.",
			"Set the same advert_int on all nodes."),
		explain(CodeAuthType, "Authentication differs",
			"Adverts with another type of authentication, or none, are dropped. Both nodes become MASTER.",
			"Use the same authentication block on all nodes."),
		explain(CodePassword, "auth_pass differs",
			"Adverts with another password are dropped (received an invalid passwd). Both nodes become MASTER. Only the first eight characters count.",
			"Set the same auth_pass on all nodes."),
		explain(CodeHMAC, "auth_hmac does not fit",
			"A node rejects what the other sends: the trailer is missing where it is enforced, present where there is no auth_hmac, or made with a key that is unknown or another one here.",
			"Add a new key on all nodes first, then change active_key. Use mode receive-only, then permissive, then enforce to introduce it."),
		explain(CodeTransport, "Unicast here, multicast there",
			"A multicast instance never sees unicast adverts, and the reverse. Both nodes become MASTER.",
			"List the other nodes in unicast_peer on all nodes, or on none."),
		explain(CodeMulticastGroup, "Multicast group differs",
			"Each node listens to its own group only. Both become MASTER.",
			"Set the same mcast_dst_ip, vrrp_mcast_group4 or vrrp_mcast_group6 on all nodes."),
		explain(CodePeerMissing, "Node is not a unicast peer of the other",
			"Adverts go to the addresses in unicast_peer only. A node that is not listed hears nothing and becomes MASTER.",
			"List the unicast_src_ip of every other node in unicast_peer."),
		explain(CodeUnknownPeer, "Unicast peer that is none of the nodes",
			"No file given has the address as unicast_src_ip. Adverts are sent there all the same.",
			"Check the file of that node together with the others, or remove the line."),
		explain(CodeSameSource, "Source address used on two nodes",
			"unicast_src_ip or mcast_src_ip is the same on two nodes. Answers reach only one of them, and ties cannot be decided.",
			"Set each node's own address."),
		explain(CodeChecksum, "Form of the checksum differs",
			"Version 3 over IPv4 has forms of the checksum that do not verify each other: v3_checksum_as_v2 leaves out the pseudo header, old_unicast_checksum has the multicast group in it. Adverts with the wrong form are dropped.",
			"Set the option on all nodes or on none."),
		explain(CodeAddressCount, "Number of virtual addresses differs",
			"keepalived 2.2.7 drops adverts with another number of addresses, so both nodes become MASTER; later versions and gokeepalived only log it. What only one node has is gone after a failover.",
			"Write the same virtual_ipaddress block on all nodes. Change it on the backups first."),
		explain(CodeAddresses, "Virtual addresses differ",
			"The lists are of equal length but not of equal content. keepalived logs it. What only one node has is gone after a failover.",
			"Write the same virtual_ipaddress block on all nodes."),
		explain(CodeExcluded, "virtual_ipaddress_excluded differs",
			"These addresses are not in adverts, so nothing is logged. What only one node has is gone after a failover.",
			"Write the same block on all nodes."),
		explain(CodePrefix, "Prefix length of an address differs",
			"The address is added with another length on each node, so the connected route differs. Without a length it is that of a single host.",
			"Write the same length on all nodes."),
		explain(CodeRoutes, "virtual_routes or virtual_rules differ",
			"One node adds more routes or rules than the other when it becomes MASTER.",
			"Write what the service needs on all nodes."),
		explain(CodeEqualPriority, "Equal priorities",
			"Whoever is MASTER stays it, and when two claim it at once the node with the higher address wins. That is legal, and may be wanted.",
			"Set different priorities if one node ought to be preferred; with nopreempt on all nodes nothing is reported."),
		explain(CodeOwners, "Two address owners",
			"Two nodes have priority 255. An owner does not wait for adverts, so both hold the addresses; after a while the one with the lower address lowers its priority. state MASTER without priority means 255.",
			"Give at most one node priority 255."),
		explain(CodeTwoMasters, "state MASTER on several nodes",
			"The line does not make a node MASTER: it waits for adverts like every other, and the priorities decide. It switches nopreempt and preempt_delay off.",
			"Write state MASTER on the node with the highest priority at most."),
		explain(CodeMasterLower, "state MASTER on a node with a lower priority",
			"The node with the highest priority becomes MASTER, whatever the state lines say.",
			"Swap the priorities, or the state lines."),
		explain(CodePreempt, "nopreempt is not set on all nodes",
			"A node without it takes over from every node with a lower priority. nopreempt on the node with the lowest priority has no effect.",
			"Set nopreempt and state BACKUP on all nodes."),
		explain(CodeWeight, "Weight cannot move the address",
			"When the tracker fails the priority of the preferred node stays at or above that of the next one.",
			"Make the weight larger than the difference of the priorities, or use weight 0, which means FAULT."),
		explain(CodeWeightNoPreempt, "nopreempt ignores a lowered priority",
			"A backup with nopreempt accepts every advert, also one with a priority below its own. A weighted tracker on the master therefore never moves the address.",
			"Use weight 0 (FAULT) for the tracker, or drop nopreempt and use preempt_delay."),
		explain(CodeLinks, "Interfaces do not correspond",
			"Names may differ between machines, but one interface of a node stands for two of the other one. Instances on different links do not hear each other.",
			"Check which interface leads to which network on each node."),
		explain(CodeGroups, "Sync groups differ",
			"Other instances move together on this node than on the other one. Parts of the group can then be MASTER on different nodes.",
			"Write the same vrrp_sync_group with the same members on all nodes."),
		explain(CodeRouterID, "Same router_id",
			"router_id names the node in mails and SNMP. keepalived does not care.",
			"Give each node its own, or leave it out: the default is the host name."),
		explain(CodeServerMissing, "Virtual server on one node only",
			"When the other node is MASTER it holds the address but does not balance the service.",
			"Write the same virtual_server blocks on all nodes, best in a file that all of them include."),
		explain(CodeService, "Virtual server differs",
			"Scheduler, persistence, quorum or sorry server change at a failover.",
			"Write the same settings on all nodes."),
		explain(CodeRealServer, "Real servers differ",
			"A server is missing on one node, or has another weight or forwarding method there.",
			"Write the same real_server blocks on all nodes."),
		explain(CodeSyncDaemon, "lvs_sync_daemon does not fit",
			"The daemons of IPVS exchange connections only with those of the same id, port and group. Connections break at a failover.",
			"Write the same lvs_sync_daemon line on all nodes; the interface may differ."),
	}
}

func explain(code, title, meaning, mend string) diag.CodeInfo {
	return diag.CodeInfo{Code: code, Title: title, Meaning: meaning, Mend: mend}
}
