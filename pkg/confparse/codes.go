package confparse

import "github.com/gokeepalived/gokeepalived/pkg/diag"

// Codes of findings that the keyword tables make, KA0200 to KA0599, and of our
// own checks, KA0600 to KA0999. Readers' codes are below KA0200.
const (
	codeUnknownKeyword  = "KA0201"
	codeMissingOpen     = "KA0202"
	codeUnexpectedOpen  = "KA0203"
	codeExtraClose      = "KA0204"
	codeMissingClose    = "KA0205"
	codeExtraParameters = "KA0206"
	codeMissing         = "KA0207"
	codeTooMany         = "KA0208"

	codeBadValue   = "KA0301"
	codeAdjusted   = "KA0302"
	codeLogOnly    = "KA0303"
	codeDeprecated = "KA0304"
	codeDuplicate  = "KA0305"
	codeEntry      = "KA0306"
	codeBlock      = "KA0307"
	codeOrder      = "KA0308"
	codeIPTables   = "KA0309"

	codeConflict   = "KA0401"
	codeReference  = "KA0402"
	codeIncomplete = "KA0403"

	codePending     = "KA0501"
	codeUnsupported = "KA0502"
	codeNoEffect    = "KA0503"

	codeOwnDropped   = "KA0601"
	codeOwnOrder     = "KA0602"
	codeCutByComment = "KA0603"
	codeAliasName    = "KA0604"
	codeOwnRepeated  = "KA0605"

	codeSharedAddress   = "KA0610"
	codeRepeatedAddress = "KA0611"
	codeWeightIgnored   = "KA0612"
	codeUnusedScript    = "KA0613"
	codeTimeout         = "KA0614"
	codeSlowDetection   = "KA0615"
	codeOwnPeer         = "KA0616"
	codeSourceIsVIP     = "KA0617"
	codeOneVRID         = "KA0618"
	codeStrictDrops     = "KA0619"
	codeAccidentalOwner = "KA0620"
	codeWeightClamped   = "KA0621"
	codeShellSyntax     = "KA0622"
	codePeerIsVIP       = "KA0623"
	codeRepeatedScript  = "KA0624"
	codeNetworkAddress  = "KA0625"
	codeUnusedPassword  = "KA0626"
	codeNoLength        = "KA0627"

	codeNoMail = "KA0630"

	codeNoChecker       = "KA0640"
	codeRepeatedService = "KA0641"
	codeNoQuorum        = "KA0642"
	codeSorryIsReal     = "KA0643"
	codeRealIsVirtual   = "KA0644"
	codeSlowCheck       = "KA0645"
	codeUnusedGroup     = "KA0646"
	codeSuspended       = "KA0647"
	codeNoInstance      = "KA0648"
	codeRegex           = "KA0649"
)

// Codes explains the codes of this package.
func Codes() []diag.CodeInfo {
	info := func(code, title, meaning, mend string) diag.CodeInfo {
		return diag.CodeInfo{Code: code, Title: title, Meaning: meaning, Mend: mend}
	}
	return []diag.CodeInfo{
		info(codeUnknownKeyword, "Unknown keyword",
			"The block around the line has no such keyword. The line is ignored; when a block follows, its lines are taken for lines of the block around it.",
			"Mend the spelling, or move the line to the block it belongs in."),
		info(codeMissingOpen, "Block without its opening brace",
			"A keyword that opens a block is not followed by \"{\". What follows is read as if it were.",
			"Put a \"{\" after the name of the block."),
		info(codeUnexpectedOpen, "Opening brace where none is expected",
			"The brace is ignored, so the next \"}\" closes the block around it.",
			"Remove the brace, or mend the keyword in front of it."),
		info(codeExtraClose, "Closing brace too many",
			"There is no open block that it could close.",
			"Remove it, or find the block whose \"{\" is missing."),
		info(codeMissingClose, "Closing brace missing",
			"The file ends inside of a block.",
			"Close every block."),
		info(codeExtraParameters, "Words in front of a block's brace",
			"This block has no name or value of its own.",
			"Remove the words."),
		info(codeMissing, "Argument missing",
			"keepalived stops at once with exit status 2, except for keywords that look for themselves. Here the line is ignored and everything else is reported, too.",
			"Write the argument."),
		info(codeTooMany, "Too many findings",
			"The rest is left out; the exit status of -t is what it would be with them.",
			"Mend the first ones: the others often follow from them."),
		info(codeBadValue, "Value refused",
			"The value is not what the keyword takes. The line is ignored, or a default is used.",
			"See the hint for what it takes."),
		info(codeAdjusted, "Another value is used",
			"The value was rounded, cut or brought into its range.",
			"Write the value that is used, or another one."),
		info(codeLogOnly, "Unusual value",
			"The value is used; keepalived mentions it in the log.", ""),
		info(codeDeprecated, "Deprecated keyword",
			"It still works and counts as a configuration error for -t.",
			"Write the keyword that replaces it."),
		info(codeDuplicate, "Already specified",
			"The first one is used and this one is ignored.",
			"Remove one of them."),
		info(codeEntry, "Entry of a list dropped",
			"One line of a list cannot be used; the others can.",
			"Mend the line."),
		info(codeBlock, "Block dropped",
			"The head of the block is wrong, so the whole block is skipped.",
			"Mend the head."),
		info(codeOrder, "Used before it is defined",
			"The line only works behind another one.",
			"Change the order of the lines."),
		info(codeIPTables, "iptables asked for",
			"The work is done with nftables; chains that the line names stay untouched.",
			"Write nftables."),
		info(codeConflict, "Settings exclude each other",
			"One of them is changed or ignored.",
			"Remove one of them."),
		info(codeReference, "Name of something that is not there",
			"The reference is ignored.",
			"Mend the name; scripts, files, processes and BFD sessions must stand before the block that uses them."),
		info(codeIncomplete, "Block incomplete",
			"Something that the block cannot do without is missing. It is dropped.",
			"Write the missing line."),
		info(codePending, "Not acted on yet",
			"The keyword is read and checked, and nothing happens because of it in this version.", ""),
		info(codeUnsupported, "Not supported",
			"The keyword is read, and what it asks for will not happen.", ""),
		info(codeNoEffect, "Without effect",
			"The keyword is accepted and changes nothing.",
			"Remove the line."),

		info(codeOwnDropped, "Words that are ignored",
			"keepalived says nothing about them.",
			"Remove them, or mend the line."),
		info(codeOwnOrder, "Effect depends on the order",
			"In this order the line does not do what it seems to.",
			"Change the order."),
		info(codeCutByComment, "Password cut by a comment",
			"# and ! start a comment also in the middle of a word.",
			"Put the password into double quotes."),
		info(codeAliasName, "Label in place of an interface",
			"Names such as eth0:1 are labels of addresses; the kernel has no such interface.",
			"Write the name of the interface; give the address a label."),
		info(codeOwnRepeated, "Keyword twice in a block",
			"keepalived takes the last one and says nothing.",
			"Remove the one that is not meant."),
		info(codeSharedAddress, "Virtual address in two instances",
			"Both may hold it at the same time.",
			"Give it to one of them."),
		info(codeRepeatedAddress, "Virtual address twice in an instance",
			"The second one is ignored.",
			"Remove one of them."),
		info(codeWeightIgnored, "Weight has no effect with nopreempt",
			"With nopreempt a backup does not take over from a master of lower priority, so a weight that lowers the master's priority moves nothing. Only weight 0, which means FAULT, does.",
			"Remove nopreempt, or use weight 0."),
		info(codeUnusedScript, "Script that nothing tracks",
			"It is never run.",
			"Name it in track_script, or remove it."),
		info(codeTimeout, "Timeout longer than the interval",
			"While a run is still going the next one is skipped.",
			"Make the timeout shorter than the interval."),
		info(codeSlowDetection, "Failure noticed late",
			"The script needs this long to count as failed, far longer than the loss of the whole node is noticed.",
			"Make interval, fall or timeout smaller if that is not wanted."),
		info(codeOwnPeer, "Instance is its own peer",
			"The address in unicast_peer is the instance's unicast_src_ip: adverts go to itself.",
			"List the other routers only. The same block can be kept on all nodes with @ID lines."),
		info(codeSourceIsVIP, "Source address is a virtual address",
			"Only the master has the virtual address, so the backup cannot send from it.",
			"Use an address that belongs to the node."),
		info(codeOneVRID, "VRID used twice on an interface",
			"The instances differ in unicast and multicast only; with use_vmac both have the same MAC address.",
			"Give them different numbers."),
		info(codeStrictDrops, "Strict mode drops traffic to the virtual addresses",
			"Without accept a master that does not own the addresses drops packets to them: they cannot be pinged, and local services do not answer on them.",
			"Write accept with version 3, or drop strict mode."),
		info(codeAccidentalOwner, "state MASTER without a priority",
			"The priority is 255 then: the router counts as the owner of the addresses and takes over at once.",
			"Write priority."),
		info(codeWeightClamped, "Weight beyond the highest priority",
			"The effective priority stays within 1 and 254, so a part of the weight is lost.",
			"Choose a lower priority or weight."),
		info(codeShellSyntax, "Shell syntax in a command",
			"Commands are executed directly. Pipes, redirections, variables and the like reach the program as ordinary arguments.",
			"Put the command line into a script, or write: sh -c '...'"),
		info(codePeerIsVIP, "Peer is a virtual address",
			"Adverts would go to whoever is master.",
			"List the addresses of the nodes themselves."),
		info(codeRepeatedScript, "Script name used twice",
			"Whoever tracks the name gets the first one.",
			"Give it another name."),
		info(codeNetworkAddress, "Virtual address that no host can have",
			"With this prefix it is the number of the network or its broadcast address: others do not send to it as to a host.",
			"Write an address of a host, or the prefix of the link."),
		info(codeUnusedPassword, "Password that is not used",
			"Without auth_type there is no authentication, whatever auth_pass says.",
			"Write auth_type PASS, or remove the block."),
		info(codeNoLength, "Prefix of length 0",
			"The address gets the prefix length 0, so every other address is taken to be on its link.",
			"Write the length of the link's prefix, /24 for instance, or no slash at all."),
		info(codeNoMail, "Alerts that go nowhere",
			"smtp_alert is on, but there is no smtp_server or no notification_email.",
			"Write both in global_defs, or remove smtp_alert."),
		info(codeNoChecker, "Real server without a checker",
			"It is never taken out of service.",
			"Give it a checker, TCP_CHECK for instance."),
		info(codeRepeatedService, "Virtual server twice",
			"Two blocks have the same address, port and protocol, which is one service of the kernel. keepalived does not notice, and the second runs into errors.",
			"Put all real servers into one block."),
		info(codeNoQuorum, "Quorum that is never gained",
			"Quorum and hysteresis together are more than the sum of the weights: after a loss the service never comes back.",
			"Choose a smaller hysteresis or quorum."),
		info(codeSorryIsReal, "Sorry server is a real server",
			"It is taken for the sorry server while it is failed itself.",
			"Name a server that is in no pool."),
		info(codeRealIsVirtual, "Real server has the virtual address",
			"With DR and TUN the packets come back to the director.",
			"Use the real server's own address."),
		info(codeSlowCheck, "Check slower than its interval",
			"A check may take longer than delay_loop; the next one starts delay_loop after its end.",
			"Make the timeout shorter than delay_loop."),
		info(codeUnusedGroup, "Group that no virtual server uses",
			"It has no effect.",
			"Remove it, or write virtual_server group NAME."),
		info(codeSuspended, "Checks suspended for good",
			"With ha_suspend the checks run only while the address is on this host, and no instance of this file has it.",
			"Remove ha_suspend, or add the address to an instance."),
		info(codeNoInstance, "Service whose address no instance has",
			"The other virtual servers have addresses that instances of this file bring along, this one does not. Packets for it come only if something else adds the address.",
			"Mend the address, or add it to virtual_ipaddress of an instance."),
		info(codeRegex, "Pattern that cannot be used",
			"The regex is wrong, or has something that only PCRE2 itself can do: recursion, verbs that steer backtracking, line ends other than LF, \\X or \\C with utf, scripts by their extensions. The url is checked without it.",
			"Mend the pattern; gokeepalived.conf(5) says what is not supported."),
	}
}
