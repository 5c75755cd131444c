package preflight

import "github.com/gokeepalived/gokeepalived/pkg/diag"

// Codes of facts of the machine, KA1000 to KA1199.
const (
	CodeNoInterface       = "KA1000"
	CodeNoInterfaces      = "KA1001"
	CodeLoopback          = "KA1002"
	CodeNoUsableInterface = "KA1003"
	CodeTrackedInterface  = "KA1004"
	CodeAddressInterface  = "KA1005"
	CodeDefaultInterface  = "KA1006"
	CodeRouteInterface    = "KA1007"
	CodeRuleInterface     = "KA1008"
	CodeLinkInterface     = "KA1009"
	CodeGARPInterface     = "KA1010"
	CodeVMACName          = "KA1011"
	CodeCheckerInterface  = "KA1012"
	CodeSyncInterface     = "KA1013"
	CodeInterfaceList     = "KA1014"
	CodeNoMulticast       = "KA1015"
	CodeRouteName         = "KA1016"
	CodeRouteVRF          = "KA1017"

	CodeNoSubnet      = "KA1020"
	CodeNoAddress     = "KA1021"
	CodeSourceAddress = "KA1022"

	CodeSecurityOff   = "KA1050"
	CodeTrackScript   = "KA1051"
	CodeMiscScript    = "KA1052"
	CodeScriptMissing = "KA1053"
	CodeNotExecutable = "KA1054"
	CodeWrongType     = "KA1055"
	CodeUnsafe        = "KA1056"
	CodeBareName      = "KA1057"
	CodeNoShebang     = "KA1058"
	CodeInterpreter   = "KA1059"
	CodeScriptUser    = "KA1060"
	CodeDefaultUser   = "KA1061"
	CodeTrackUnknown  = "KA1062"

	CodeFIFO          = "KA1070"
	CodeTrackFolder   = "KA1071"
	CodeTrackFS       = "KA1072"
	CodeProcessEvents = "KA1073"
	CodeNamespace     = "KA1074"
	CodeMailServer    = "KA1075"
	CodeCPU           = "KA1076"
	CodeSaveDir       = "KA1077"
)

// Codes explains the codes of this package.
func Codes() []diag.CodeInfo {
	return []diag.CodeInfo{
		explain(CodeNoInterface, "Interface of an instance missing",
			"Without dynamic_interfaces keepalived does not start; with it the instance waits in FAULT.",
			"Mend the name, create the interface before keepalived starts, or set dynamic_interfaces."),
		explain(CodeNoInterfaces, "An interface does not exist",
			"Said once when any interface is missing: the daemon stops with exit status 2.",
			"See the findings before it."),
		explain(CodeLoopback, "Loopback interface for VRRP",
			"No adverts can be sent over a loopback interface. The line is ignored.",
			"Name the interface that leads to the other routers; give the addresses themselves a \"dev lo\"."),
		explain(CodeNoUsableInterface, "Instance without a usable interface",
			"The VRRP configuration is rejected.",
			"Give the instance an interface, or unicast_src_ip with unicast_peer."),
		explain(CodeTrackedInterface, "Tracked interface missing",
			"Without dynamic_interfaces the daemon does not start.",
			"Mend the name, create the interface first, or set dynamic_interfaces."),
		explain(CodeAddressInterface, "Interface of an address missing",
			"Without dynamic_interfaces the daemon does not start. The VMAC of another instance does not exist yet when the file is read.",
			"Mend the name or leave dev out."),
		explain(CodeDefaultInterface, "Static address without an interface",
			"There is no dev, and default_interface (eth0) does not exist. The daemon does not start.",
			"Write dev INTERFACE, or set default_interface."),
		explain(CodeRouteInterface, "Interface of a route missing",
			"Without dynamic_interfaces the daemon does not start.",
			"Mend the name or set dynamic_interfaces."),
		explain(CodeRuleInterface, "Interface of a rule missing",
			"Without dynamic_interfaces the daemon does not start.",
			"Mend the name or set dynamic_interfaces."),
		explain(CodeLinkInterface, "Unknown interface in linkbeat_interfaces or interface_up_down_delays",
			"The configuration cannot run.",
			"Mend the name or set dynamic_interfaces."),
		explain(CodeGARPInterface, "Unknown interface in a garp_group",
			"Without dynamic_interfaces the daemon does not start.",
			"Mend the name or set dynamic_interfaces."),
		explain(CodeVMACName, "VMAC name taken",
			"An interface of that name exists and is not a private macvlan. The name is ignored and another one generated.",
			"Choose another name."),
		explain(CodeCheckerInterface, "bind_if of a checker missing",
			"keepalived does not look. The check fails, and the real server is taken out of service.",
			"Mend the name."),
		explain(CodeSyncInterface, "Interface of the IPVS sync daemon missing",
			"keepalived does not look. The sync daemon cannot be started.",
			"Mend the name."),
		explain(CodeInterfaceList, "Interfaces cannot be listed",
			"Nothing about interfaces and addresses could be checked.",
			"Run the check where netlink works, or with --offline."),
		explain(CodeNoMulticast, "Interface without multicast",
			"Adverts go to a multicast group unless there are unicast peers. keepalived disables the instance.",
			"Use another interface, or list the other routers in unicast_peer."),
		explain(CodeRouteName, "Name that iproute2's tables lack",
			"Tables, protocols, scopes, realms, TOS values and groups may be written as the names that the files of iproute2 on this machine give them. This name is in none of them, so the route or rule is dropped.",
			"Write the number, or add the name to the file in /etc/iproute2 on every node."),
		explain(CodeRouteVRF, "Route into a VRF that is not there",
			"No interface has the name, or it is no VRF. The route is dropped.",
			"Create the VRF before keepalived starts, or write the number of its table."),
		explain(CodeNoSubnet, "Virtual address in no connected subnet",
			"The interface has addresses, but none of their subnets contains the virtual address. Other hosts of the link will not find it, unless it is routed here on purpose.",
			"Check the address, its interface and the interface's own addresses."),
		explain(CodeNoAddress, "Interface without an address to send from",
			"Adverts need a source address of the instance's family. Until there is one the instance is in FAULT.",
			"Give the interface an address, or set mcast_src_ip or unicast_src_ip."),
		explain(CodeSourceAddress, "Source address not configured here",
			"No interface of this machine has the address of unicast_src_ip or mcast_src_ip.",
			"Mend the address: it must be this node's own, not the peer's."),
		explain(CodeSecurityOff, "Scripts without enable_script_security",
			"Commands are configured and enable_script_security is not. They run; -t exits 6.",
			"Set enable_script_security and script_user in global_defs."),
		explain(CodeTrackScript, "Track script disabled",
			"The instances that name it run as if they did not: they never leave MASTER because of it.",
			"See the finding before it for the reason."),
		explain(CodeMiscScript, "MISC_CHECK disabled",
			"The checker is removed. A real server with no other checker counts as up for ever.",
			"See the finding before it for the reason."),
		explain(CodeScriptMissing, "Script missing or not accessible",
			"The command is not run.",
			"Write the full path of an existing file that the script's user can reach."),
		explain(CodeNotExecutable, "Script not executable",
			"The command is not run.",
			"chmod +x FILE"),
		explain(CodeWrongType, "Script is not a file",
			"The command is not run.",
			"Name a regular file."),
		explain(CodeUnsafe, "Script can be changed by others than root",
			"It runs with root's rights, but a part of its path belongs to or is writable by somebody else, who can become root by it. With enable_script_security the command is not run.",
			"Have root own the file and every folder above it, writable by nobody else; or run it as an ordinary user."),
		explain(CodeBareName, "Script without a path",
			"It was looked up in PATH, which depends on how the daemon was started.",
			"Write the full path."),
		explain(CodeNoShebang, "Script without #! line",
			"It is run as /bin/sh FILE.",
			"Start it with #!/bin/sh or the interpreter that it is written for."),
		explain(CodeInterpreter, "Interpreter of a script missing",
			"Every run fails. keepalived takes that for success, gokeepalived for a failure.",
			"Install the interpreter or mend the first line."),
		explain(CodeScriptUser, "Unknown user or group of a script",
			"The command is not run.",
			"Create the account, or name another one. Numbers are not accepted."),
		explain(CodeDefaultUser, "Default user of scripts",
			"Commands without a user of their own run as script_user, else as keepalived_script; with enable_script_security one of them must exist.",
			"Create the user keepalived_script, or set script_user."),
		explain(CodeTrackUnknown, "Tracked script was dropped",
			"The instance or group runs without it.",
			"Mend the user of the vrrp_script."),
		explain(CodeFIFO, "Notify FIFO cannot be used",
			"The path exists and is not a FIFO of the daemon's or the configured user. The daemon runs without it.",
			"Remove the file, or change its owner."),
		explain(CodeTrackFolder, "Folder of a track file missing",
			"The value is 0 until it exists. keepalived drops the track file.",
			"Create the folder before keepalived starts."),
		explain(CodeTrackFS, "File system of a track file unsuitable",
			"Changes on it are not reported to us. keepalived refuses such files.",
			"Put the file below /run or another local file system."),
		explain(CodeProcessEvents, "track_process in a network namespace",
			"The kernel sends process events to the initial network namespace only. Processes are counted every second; keepalived does not notice changes at all.",
			"Run the instances that track processes outside of the namespace if a second is too long."),
		explain(CodeNamespace, "Network namespace missing",
			"The daemon cannot enter it. keepalived -t stops silently and exits 0.",
			"Create it before keepalived starts: ip netns add NAME."),
		explain(CodeMailServer, "Mail server has no address",
			"Its name could not be looked up on this machine. keepalived does so once, while it reads the file, and sends no mail if it fails; gokeepalived does so for every mail.",
			"Mend the name or the resolver, or write the address: keepalived often starts before names can be resolved."),
		explain(CodeCPU, "Processor that this machine has not",
			"The process may then run on all of them.",
			"Count from 0; the highest number is one less than the number of processors."),
		explain(CodeSaveDir, "Folder for copies cannot be made",
			"config_save_dir is made when it is missing, the folder around it is not. No copies are saved.",
			"Create the folder, or name another one."),
	}
}

func explain(code, title, meaning, mend string) diag.CodeInfo {
	return diag.CodeInfo{Code: code, Title: title, Meaning: meaning, Mend: mend}
}
