package logtext

// The whole daemon: start, reload and stop.
const (
	StartingKeepalived = "Starting %s" // version
	RunningOn          = "Running on %s (built for Linux %s)"
	NewerKernel        = "WARNING - keepalived was built for newer Linux %s, running on %s"
	CommandLine        = "Command line:"
	ConfigFile         = "Configuration file %s"
	OpeningFile        = "Opening file '%s'."
	AutoPriority       = "NOTICE: setting config option max_auto_priority should result in better keepalived performance"
	RealtimePriority   = "Set realtime priority %d"
	Ident              = "Changing syslog ident to %s"
	NothingToRun       = "Warning - keepalived has no configuration to run"
	StartingChild      = "Starting %s child process, pid=%d"
	StartupComplete    = "Startup complete"
	PIDLocked          = "Another process has pid file %s locked"
	AlreadyRunning     = "daemon is already running"
	NamespaceOpen      = "Failed to open %s"
	NamespaceFailed    = "Unable to set network namespace %s - exiting"
	TestFile           = "Unable to open config-test log file %s %d - %s"

	Reloading       = "Reloading ..." // parent
	ChildReloading  = "Reloading"
	ReloadComplete  = "Reload complete"
	ReloadQueued    = "Reload already in progress, request queued"
	CannotChange    = "Cannot change %s at a reload - please restart keepalived"
	NotValid        = "New config failed validation, see %s for details"
	ScheduleReload  = "Scheduling reload for %s"
	ReloadTimeMoved = "Reload time updated from %s to %s"
	CancelReload    = "Cancelling reload scheduled for %s"
	ReloadTimePast  = "Reload time %s is in the past - ignoring"
	ReloadTimeForm  = "Reload time %s format is incorrect - ignoring"
	ReloadTimeBad   = "Invalid reload time '%s' specified - ignoring"

	Stopping       = "Stopping"
	Stopped        = "Stopped"
	StoppedUsage   = "Stopped - used %s user time, %s system time"
	StoppedUsages  = "Stopped - used (self/children) %s/%s user time, %s/%s system time"
	CPUUsage       = "CPU usage (self/children) user: %s/%s system: %s/%s"
	StoppedFinally = "Stopped %s" // version
	Forcing        = "%s process failed to die - forcing termination"
)

// Children that die.
const (
	Permanent      = "pid %d exited with permanent error %s. Terminating"
	Signalled      = "pid %d exited due to signal %d (%s)"
	EndKilled      = " - has rlimit_rttime been exceeded?"
	Exited         = "pid %d exited with status %d"
	DiedRespawning = "%s child process(%d) died: Respawning"
	DiedExiting    = "%s child process(%d) died: Exiting"
	RespawnDelayed = "Restart of %s process delayed %d seconds to limit respawn rate"
	TooMuchCPU     = "%s process has used too much CPU time, %s may need to be increased"
)

// Dumps.
const (
	PrintingData  = "Printing %s data for process(%d) on signal"
	PrintingStats = "Printing %s stats for process(%d) on signal"
	ClearingStats = "Printing and clearing %s stats for process(%d) on signal"
)

// Start-up and shutdown scripts; the doubled word is keepalived's.
const (
	RunningScript   = "Running %s script %s"
	ScriptSucceeded = "%s script script succeeded"
	ScriptFailed    = "%s script script failed, status %d"
	ScriptTimedOut  = "%s script timed out"
)

// Scripts of all kinds, when they are looked at.
const (
	ScriptNotAccessible  = "Script %s cannot be accessed - %s"
	ScriptNotInPath      = "Cannot find script %s in path - disabling"
	ScriptPathPermission = "Permissions failure for script %s in path - disabling"
	ScriptResolvedByPath = "WARNING - script `%s` resolved by path search to `%s`. Please specify full path."
	ScriptNotExecutable  = "WARNING - script '%s' is not executable for uid:gid %d:%d - disabling."
	ScriptUnsafe         = "Unsafe permissions found for script '%s'."
	ScriptUnsafeDisabled = "Unsafe permissions found for script '%s' - disabling."
	ScriptWrongType      = "Wrong file type found in script path '%s'."
	ScriptNoShebang      = "Please add a #! shebang to script %s"
	ScriptNoUser         = "Script user '%s' does not exist"
	ScriptNoGroup        = "Script group '%s' does not exist"
	ScriptNoDefaultUser  = "Unable to set default user keepalived_script for script"
	ScriptNotExeced      = "Error exec-ing command '%s'"
	ScriptStuck          = "Child (PID %d) failed to terminate after kill"

	SecurityViolation    = "SECURITY VIOLATION - %sscripts are being executed but script_security not enabled."
	EndInsecureScripts   = " There are insecure scripts."
	ScriptGlobalUser     = "Error setting global script uid/gid"
	ScriptCommandUser    = "Invalid user/group for %s script %s - ignoring"
	ScriptCommandDefault = "Failed to set default user for %s script %s - ignoring"
	ScriptParentInvalid  = "Invalid %s script"
	ScriptTrackUser      = "Unable to set uid/gid for script %s"
	ScriptTrackDefault   = "Unable to set default user for vrrp script %s - removing"
	ScriptTrackUnknown   = "(%s) track script %s not found, ignoring..."
	ScriptTrackDisabled  = "Disabling track script %s %s"
	ScriptMiscUser       = "Failed to set uid/gid for misc checker script %s - removing"
	ScriptMiscDefault    = "Unable to set default user for misc script %s - removing"
	ScriptMiscDisabled   = "Disabling misc script %s %s"
	EndNotFound          = "since not found/accessible"
	EndDueToInsecure     = "due to insecure"
)

// Notify FIFOs; the first %s is "", "vrrp_" or "lvs_", or the name with
// "notify fifo" in it.
const (
	FIFONotOurs     = "%snotify fifo %s is not a fifo we own - not using"
	FIFOOpenFailed  = "Unable to open %snotify fifo %s - errno %d"
	FIFOWriteError  = "%s write error: %s"
	FIFOScriptEnded = "%s notify fifo script terminated"
	FIFOUser        = "Invalid user/group for %sfifo %s - ignoring"
	FIFODefaultUser = "Failed to set default user for %sfifo %s - ignoring"
)

// Mail; a server is [ADDRESS]:PORT.
const (
	MailConnected      = "Remote SMTP server %s connected."
	MailSent           = "SMTP alert successfully sent."
	MailBadReply       = "Error processing %s cmd on SMTP server %s. SMTP status code = %d"
	MailReadTimeout    = "Timeout reading data to remote SMTP server %s."
	MailConnectTimeout = "Timeout opening connection to remote SMTP server %s."
	MailClosed         = "Remote SMTP server %s has closed the connection."
	MailServerInvalid  = "Invalid smtp server %s %d"
)

// SNMP.
const (
	SNMPStarting     = "Starting SNMP subagent"
	SNMPUnreachable  = "Warning: Failed to connect to the agentx master agent (%s): "
	SNMPDisconnected = "AgentX master disconnected us, reconnecting in %d"
	SNMPInstance     = "(%s) Sending SNMP notification"
	SNMPGroup        = "VRRP_Group(%s): Sending SNMP notification"
	SNMPNewMaster2   = "(%s) Sending SNMP notification vrrpTrapNewMaster"
	SNMPNewMaster3   = "(%s) Sending SNMP notification vrrpv3NotifyNewMaster, reason %d"
	SNMPAuthFailure  = "(%s) Sending SNMP notification vrrpTrapAuthFailure"
	SNMPProtoError   = "(%s) Sending SNMP notification vrrpTrapProtoError" // it is vrrpv3ProtoError
	SNMPPriority     = "(%s) base priority changed from %d to %d via SNMP."
	SNMPPreempt      = "(%s) preemption %s with SNMP"
)

// D-Bus; "session bus" is keepalived's word for the system bus.
const (
	DBusAcquiredBus   = "Acquired DBus bus %s"
	DBusAcquiredName  = "Acquired the name %s on the session bus"
	DBusLostName      = "Lost the name %s on the session bus"
	DBusReleased      = "Released DBus"
	DBusDeletedObject = "Deleted DBus object for instance %s"
	DBusGARP          = "Sending garps on %s on DBus request"
	DBusData          = "Printing VRRP data on DBus request"
	DBusStats         = "Printing VRRP stats on DBus request"
	DBusClearStats    = "Printing and clearing VRRP stats on DBus request"
)

// Interfaces, addresses, routes and rules.
const (
	LinkReports        = "%s reports %s %s" // Netlink or Linkbeat, interface, up or down
	InterfaceDeleted   = "Interface %s deleted"
	InterfaceAdded     = "Interface %s added"
	AddressAssigned    = "Assigned address %s for interface %s"
	AddressDeassigned  = "Deassigned address %s from interface %s"
	AddressAppeared    = "Netlink reflector reports IP %s added"
	AddressDisappeared = "Netlink reflector reports IP %s removed"
	AddressAddedTo     = "Netlink reflector reports IP %s added to %s"
	AddressRemovedFrom = "Netlink reflector reports IP %s removed from %s"
	RestoringAddress   = "Restoring deleted static address %s"
	RestoringRoute     = "Restoring deleted static route %s"
	RestoringRule      = "Restoring deleted static rule %s"
	NetlinkError       = "Netlink: error: %s(%d), type=%s(%d), seq=%d, pid=0"
	LinkbeatMethod     = "(%s): Configured linkbeat type %v not supported, using %v"
	DeletingTable      = "Deleting old %s %s table"
	FirewallDefault    = "use_vmac or no_accept/strict specified, but no firewall configured - using nftables"
	SettingRPFilter    = "NOTICE: setting sysctl net.ipv4.conf.%s.rp_filter from %s to %s"
	ResettingRPFilter  = "NOTICE: resetting sysctl net.ipv4.conf.%s.rp_filter to %s"

	NoInterface          = "WARNING - interface %s for vrrp_instance %s doesn't exist"
	NoInterfaces         = "Non-existent interface specified in configuration"
	NoInterfaceLoopback  = "(%s) cannot use a loopback interface (%s) for vrrp - ignoring"
	NoInterfaceUnknown   = "(%s) Unknown interface!"
	NoInterfaceMulticast = "(%s) interface %s does not support multicast, specify unicast peers - disabling"
	NoInterfaceTracked   = "(%s) tracked interface %s doesn't exist"
	NoInterfaceAddress   = "WARNING - interface %s for ip address %s doesn't exist"
	NoInterfaceStatic    = "Static address %s requires either an interface or default interface must exist"
	NoInterfaceRoute     = "WARNING - interface %s for VROUTE nexthop doesn't exist"
	NoInterfaceRule      = "WARNING - interface %s for rule doesn't exist"
	RouteTable           = "Routing table %s not found for route"
	RouteProtocol        = "Protocol %s not found or invalid for route"
	RouteScope           = "Scope %s not found or invalid for route"
	RouteTOS             = "TOS value %s is invalid"
	RouteRealms          = "Invalid realms %s for route"
	RouteNoVRF           = "VRF %s not found for route"
	RouteNotVRF          = "Route specified VRF %s is not a VRF"
	RuleTable            = "Routing table %s not found for rule"
	RuleRealms           = "invalid realms %s for rule"
	RuleGroup            = "suppress_group %s is invalid"
	SaveDirFailed        = "Unable to create config_save_dir %s (error %d - %s)"
	NoInterfaceLink      = "unknown interface %s specified for %s"
	NoInterfaceGARP      = "WARNING - interface %s specified for garp_group doesn't exist"
	VMACNameTaken        = "(%s) interface %s already exists and is not a private macvlan; ignoring vmac if_name"
	VMACFound            = "(%s) Found matching interface %s"
	VMACCreated          = "(%s): Success creating VMAC interface %s"
	VMACRemoved          = "(%s) Success removing VMAC interface %s"
	VMACFailed           = "(%s): Unable to create VMAC interface %s"
	CPUInvalid           = "Invalid cpu_id:%d specified for %s process"
	TrackFileNoFolder    = "Track file directory for %s does not exist - removing"
	ScriptNotUsed        = "Warning - script %s is not used"
)

// States of VRRP instances and groups, and what moves them; the first %s is
// the name.
const (
	StateInit           = "(%s) Entering BACKUP STATE (init)"
	State               = "(%s) Entering %s STATE"
	ReceiveTimeout      = "(%s) Receive advertisement timeout"
	EffectivePriority   = "(%s) Changing effective priority from %d to %d"
	SentZero            = "(%s) sent 0 priority"
	AdverIntervalReset  = "(%s) changing advert interval from %dms to locally configured %dms"
	AdverIntervalMaster = "(%s) advertisement interval updated from %dms to %dms by master"
	DelayingStartup     = "Delaying startup for %s seconds"
	DelayedStartDone    = "Delayed start completed"
	StartPreemptDelay   = "(%s) start preempt delay (%s)"
	StopPreemptDelay    = "(%s) stop preempt delay"
	SyncGroup           = "VRRP_Group(%s) Syncing instances to %s state"
	SyncGroupStart      = "VRRP_Group(%s): Syncing %s to FAULT state"
	LateTimer           = "A thread timer expired %s seconds ago"
	LateVRRP            = "VRRP thread timer expired %s seconds ago"

	FaultStart     = "(%s) entering FAULT state"
	FaultInterface = "(%s): entering FAULT state (interface %s down)"
	FaultScript    = "(%s): entering FAULT state due to script %s"
	FaultFile      = "(%s): entering FAULT state (tracked file %s has status %d)"
	FaultProcess   = "(%s) entering FAULT state (tracked process %s quorum not achieved)"
	FaultNoAddress = "(%s) entering FAULT state (no %s address for interface)"
	FaultNoSource  = "(%s): entering FAULT state (src address not configured)"

	HigherPriority     = "(%s) Master received advert from %s with higher priority %d, ours %d"
	HigherAddress      = "(%s) Master received advert from %s with same priority %d but higher IP address than ours"
	LowerPriority      = "(%s) Received advert from %s with lower priority %d, ours %d"
	EndForcingElection = ", forcing new election"
	OurAddress         = "(%s) WARNING - equal priority advert received from remote host with our IP address."
	MasterZero         = "(%s) Master received priority 0 message"
	BackupZero         = "(%s) Backup received priority 0 advertisement"
	TwoOwners          = "(%s) CONFIGURATION ERROR: local instance and %s are both configured as address owner, please resolve"
	OwnerReduced       = "(%s) %s is still advertising as address owner, please resolve - reducing our priority"
	OwnerStopped       = "(%s): rogue address owner appears to have stopped advertising"
	OwnerRestored      = "(%s) Restoring our priority to 255 since %s is no longer advertising as address owner"
	Discarding         = "(%s) received lower priority (%d) advert from %s - discarding"
	MasterSet          = "(%s) master set to %s"
	MasterChanged      = "(%s) master changed from %s to %s"
)

// What VRRP instances do.
const (
	Setting          = "(%s) setting %s" // one of the next five
	Removing         = "(%s) removing %s"
	WhatVIPs         = "VIPs."
	WhatEVIPs        = "E-VIPs."
	WhatRoutes       = "Virtual Routes"
	WhatRules        = "Virtual Rules"
	WhatDropRule     = "firewall drop rule"
	NoLongerAddress  = "(%s) ip address %s, no longer exist"
	RemovingRoute    = "Removing route %s"
	RuleRemoved      = "ip rule %s removed"
	QueueGARP        = "(%s) Sending/queueing gratuitous ARPs on %s for %s"
	QueueNA          = "(%s) Sending/queueing Unsolicited Neighbour Adverts on %s for %s"
	SendGARP         = "Sending gratuitous ARP on %s for %s"
	SendNA           = "Sending unsolicited Neighbour Advert on %s for %s"
	SendAdvertFailed = "(%s): send advert error %d (%s)"
	SendPeerFailed   = "(%s) Cant send advert to %s (%s)"
	Sockpool         = "VRRP sockpool: [ifindex(%3d), family(%v), proto(%d), fd(%d,%d) %s, address(%v)]"
	OldChecksum      = "(%s) Setting unicast VRRPv3 checksum to old version"
)

// Packets that VRRP refuses or finds odd.
const (
	PacketTooShort     = "%s VRRP packet%s too short - %d bytes" // family, "" or " with AH"
	PacketUnknownVRID  = "Unknown VRID(%d) received on interface(%s) from %s. ignoring..."
	PacketNoInstance   = "Unknown VRID(%d) received on interface(%s). ignoring..."
	PacketMulticast    = "(%s) discarding multicast packet on unicast instance"
	PacketUnexpectedAH = "(%s) Received AH header but auth type not AH from %s"
	PacketMissingAH    = "(%s) No AH header but auth type is AH from %s"
	PacketTooLong      = "(%s) vrrp packet from %s too long, length %d and expect %d"
	PacketLengthShort  = "(%s) vrrp packet from %s too short, length %d and expect %d"
	PacketTTL          = "(%s) invalid TTL/HL from %s. Received %d and expect %d"
	PacketVersion      = "(%s) wrong VRRP version from %s. Received %d and expect %d"
	PacketNoTrailer    = "(%s) missing authentication trailer from %s"
	PacketBadTrailer   = "(%s) malformed authentication trailer from %s"
	PacketStale        = "(%s) stale authentication trailer from %s, clock skew %d sec exceeds window %d sec"
	PacketUnknownKey   = "(%s) unknown authentication key id %d from %s"
	PacketHMAC         = "(%s) invalid authentication HMAC from %s"
	PacketReplay       = "(%s) replayed authentication trailer from %s"
	PacketAuthType     = "(%s) Invalid auth type from %s: %d"
	PacketAuthDiffers  = "(%s) received a %d auth from %s, expecting %d!"
	PacketPassword     = "(%s) received an invalid passwd from %s!"
	PacketAHDigest     = "(%s) IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !"
	PacketAHSPI        = "IPSEC AH : invalid IPSEC SPI value. %d and expect %d"
	PacketAHSequence   = "(%s) IPSEC-AH : sequence number %d already processed. Packet dropped. Local(%d)"
	PacketInterval     = "(%s) advertisement interval mismatch with %s mine=%d sec rcv'd=%d sec"
	PacketType         = "(%s) Invalid packet type from %s. %d and expect %d"
	PacketTotalLength  = "(%s) ip_tot_len mismatch against received length from %s. %d and received %d"
	PacketChecksum     = "(%s) Invalid VRRPv%d checksum from %s"
	PacketNotUnicast   = "(%s) Expected unicast packet but received multicast packet from %s"
	PacketOwner        = "(%s) Dropping packet(s) from %s since we are address owner"
	PacketNotPeer      = "(%s) unicast source address %s not a unicast peer"
	PacketPeerTTL      = "(%s) TTL/HL %d from %s not in range [%d, %d]"
	PacketInterval3    = "(%s) advertisement interval mismatch ours = %d centi-sec rcv'd=%d centi-sec"
	PacketCount        = "(%s) expected %d VIPs but received %d"
	PacketAddress      = "(%s) ip address associated with VRID %d not present in advert from %s: %s"
)

// What instances and real servers track.
const (
	TrackScriptReturns  = "Script `%s` now returning %d"
	TrackScriptGood     = "VRRP_Script(%s) succeeded"
	TrackScriptTimedOut = "VRRP_Script(%s) timed_out"
	TrackScriptExited   = "VRRP_Script(%s) failed (exited with status %d)"
	TrackScriptSignal   = "VRRP_Script(%s) failed (due to signal %d)"
	TrackScriptKept     = "VRRP_Script(%s) considered %s on reload" // successful, unsuccessful
	TrackScriptRunning  = "Track script %s is already running, expect idle - skipping run"
	TrackScriptEnding   = "Track script %s is being timed out, expect idle - skipping run"
	TrackScriptStuck    = "Script %s child (PID %d) failed to terminate after kill"
	TrackFileFault      = "(%s): tracked file %s now FAULT state"
	TrackFileLeaves     = "(%s): tracked file %s leaving FAULT state"
	TrackFileInvalid    = "Invalid number %s read from %s - ignoring"
	TrackProcessGained  = "Quorum gained for tracked process %s"
	TrackProcessLost    = "Quorum lost for tracked process %s"
	TrackBFD            = "VRRP_Instance(%s) Tracked BFD instance %s is %s"
)

// BFD; the first %s is the session.
const (
	BFDUp        = "(%s) Entering Up state"
	BFDAdminDown = "(%s) Entering AdminDown state"
	BFDDown      = "(%s) Entering Down state (Local diagnostic - %s, Remote diagnostic - %s)"
	BFDExpired   = "(%s) Expired after %d ms (%d usec overdue)"
	BFDPolling   = "(%s) Starting poll sequence"
	BFDSendError = "(%s) Error sending packet"
	BFDNoSocket  = "(%s) Unable to open output socket, disabling instance"

	BFDRefused         = "Discarding packet from [%s]:%d (%s)"
	BFDBogus           = "Discarding bogus packet from [%s]:%d" // behind one of those that follow
	BFDTooSmall        = "Packet is too small: %d bytes"
	BFDVersion         = "Packet is of unsupported version: %d"
	BFDLength          = "Packet size mismatch: length field: %d bytes, buffer size: %d bytes"
	BFDMultiplier      = "Packet 'detection multiplier' field is zero"
	BFDMultipoint      = "Packet has 'multipoint' flag"
	BFDMyDiscriminator = "Packet 'my discriminator' field is zero"
	BFDNoDiscriminator = "Packet 'your discriminator' field is zero and 'state' field is not Down or AdminDown"
	BFDPollAndFinal    = "Packet has both poll and final  flags set"
	BFDDiagnostic      = "Packet has invalid 'diag' field: %d"
	BFDTTL             = "Packet ttl(%d) < %d - discarding"
	ReasonBFDNoSession = "session is not found - your discriminator field is 0x%08x"
	ReasonBFDAuth      = "auth bit is set, but no authentication  is in use"

	BFDDetection = "%sDetection time is %d us (was %d us)" // blanks as wide as the name
	BFDTable     = "(%s) ---------------< Session parameters >--------------"
	BFDColumns   = "%s         min_tx  min_rx  tx_intv  mult  detect_time"
	BFDRow       = "%s%-6s %8d %7d %8d %5d %12d"
	BFDReceived  = "Received BFD event: instance %s is in state %s (delivered in %d usec)"
)

// Virtual servers and their real servers, which are named
// [ADDRESS]:PROTOCOL:PORT.
const (
	ServerAdding           = "Adding service %s to VS %s"
	ServerRemoving         = "Removing service %s from VS %s"
	ServerEnabling         = "Enabling service %s of VS %s"
	ServerDisabling        = "Disabling service %s of VS %s"
	ServerStopping         = "Shutting down service %s from VS %s"
	ServerStoppingInhibit  = "Shutting down (inhibited) service %s from VS %s"
	ServerGone             = "service %s no longer exist"
	ServerWeight           = "Changing weight from %d to %d for %s service %s of VS %s" // active, inactive
	QuorumGained           = "Gained quorum %d+%d=%d <= %d for VS %s"
	QuorumLost             = "Lost quorum %d-%d=%d > %d for VS %s"
	QuorumStartDown        = "Starting with quorum down %d-%d=%d > %d for VS %s"
	SorryAdding            = "Adding sorry server %s to VS %s"
	SorryRemoving          = "Removing sorry server %s from VS %s"
	SorryEnabling          = "Enabling sorry server %s to VS %s"
	SorryDisabling         = "Disabling sorry server %s from VS %s"
	PoolRemoving           = "Removing alive servers from the pool for VS %s"
	PoolAdding             = "Adding alive servers to the pool for VS %s"
	VirtualServerGone      = "Removing Virtual Server %s"
	VirtualServerGroupGone = "Removing Virtual Server Group [%s]"
	GroupEntryGone         = "VS [%s] in group %s no longer exists"
	GroupEntryAdded        = "VS [%s] added into group %s"
	IPVSInitializing       = "Initializing ipvs"
	IPVSReinitializing     = "Reinitializing ipvs"
	IPVSNotInitialized     = "IPVS: Can't initialize ipvs: %s"
	IPVSError              = "IPVS cmd %s(%d) error: %s(%d)%s"
)

// Health checks. A check that fails says why (the texts that begin with
// Reason), in a line of its kind.
const (
	CheckerBFD     = "Activating BFD healthchecker"
	CheckerVerb    = "%s healthchecker for service %s for VS %s" // Activating, Deactivating, Suspending
	CheckTCPGood   = "TCP connection to %s success."
	CheckTCPBad    = "TCP_CHECK on service %s%s." // one of the Ends
	CheckTCPEach   = "TCP connection to %s %s."
	CheckUDPGood   = "UDP connection to %s success."
	CheckUDPBad    = "UDP_CHECK on service %s%s."
	CheckUDPEach   = "UDP connection to %s failed."
	CheckUDPReply  = "UDP check to %s %s."
	CheckPINGGood  = "ICMP connection to %s success."
	CheckPINGFirst = "ICMP CHECK on service %s failed."
	CheckPINGBad   = "ICMP CHECK on service %s of %s%s."
	CheckPINGTime  = "ICMP connection to address %s timeout."
	CheckPINGEach  = "ICMP connection to %s of %s failed."
	CheckWebGood   = "Remote Web server %s succeed on service."
	CheckWebBad    = "%s_CHECK on service %s%s." // HTTP, SSL
	CheckWebEach   = "%s server %s."
	CheckWebLength = "http_check for RS %s VS %s url %s%s: content_length (%d) does not match received bytes (%d)"
	CheckWebURL    = "%s to %s url(%s)"
	CheckSMTPGood  = "Remote SMTP server %s succeed on service."
	CheckSMTPBad   = "SMTP_CHECK %s"
	CheckDNSBad    = "DNS_CHECK (%s) %s"
	CheckMISC      = "Misc check for [%s VS %s] by [%s] %s."
	CheckBFD       = "BFD check of [%s] RS(%s) is %s"

	EndFailed    = " failed"
	EndRetries   = " after %d retries"
	EndAfter     = " after %s" // 1 retry, N retries
	EndNoRetry   = " with retry disabled"
	EndWillRetry = ", will do %s"
	EndOnRetry   = " on retry %d/%d"
	EndStatus    = " (exited with status %d)"
	EndSignal    = " (due to signal %d)"

	ReasonUDPReply   = "reply data mismatch"
	ReasonSocket     = "fail to create socket."
	ReasonBind       = "socket bind failed."
	ReasonStatusGood = "HTTP status code success"
	ReasonDigestGood = "MD5 digest success"
	ReasonRegexGood  = "Regex match success"

	ReasonWebConnect     = "Error connecting"
	ReasonWebConnectTime = "Timeout connecting"
	ReasonWebRefused     = "Connection failed"
	ReasonWebUnreachable = "HTTP/SSL_CHECK - network unreachable"
	ReasonWebHandshake   = "SSL handshake/communication error connecting to"
	ReasonWebSend        = "Cannot send get request to"
	ReasonWebFirstByte   = "Timeout WEB read"
	ReasonWebReadTime    = "Timeout HTTP read"
	ReasonWebReadTimeSSL = "Timeout SSL read"
	ReasonWebRead        = "Read error with"
	ReasonWebReadSSL     = "SSL read error from"
	ReasonWebNoData      = "Read, no data received from "
	ReasonWebStatus      = "HTTP status code error to"
	ReasonWebDigest      = "MD5 digest error to"
	ReasonWebRegex       = "Regex match failed"

	ReasonSMTPGreeting    = "Bad greeting banner from server %s"
	ReasonSMTPHELO        = "Bad HELO response from server %s"
	ReasonSMTPWriteTime   = "Write timeout to server %s"
	ReasonSMTPWrite       = "Write failure to server %s"
	ReasonSMTPReadTime    = "Read timeout from server %s"
	ReasonSMTPRead        = "Read failure from server %s"
	ReasonSMTPConnectTime = "Connection timeout to server %s"
	ReasonSMTPUnreachable = "Network unreachable for server %s - real server %s"
	ReasonSMTPConnect     = "Could not connect to server %s"

	ReasonDNSWriteTime   = "write timeout to socket."
	ReasonDNSUnreachable = "network unreachable for %s"
	ReasonDNSConnect     = "connection error."
	ReasonDNSReadTime    = "read timeout from socket"
	ReasonDNSRead        = "failed to read socket; errno %d (%s)"
	ReasonDNSCode        = "read error occurred. (rcode = %d)"
)
