package config

import (
	"net/netip"
	"time"
)

// Global is global_defs and the keywords of the top level.
type Global struct {
	Block

	// RouterID is router_id: the name of this node in mails. Default: the
	// local host name.
	RouterID string

	// Root keywords.
	NetNamespace     string        // net_namespace; "" is the namespace we were started in
	NetNamespaceIPVS *string       // net_namespace_ipvs; nil: as NetNamespace, "": default namespace
	InstanceName     string        // instance
	UsePIDDir        bool          // use_pid_dir; implied by instance and net_namespace
	ChildWaitTime    time.Duration // child_wait_time; default 5 s
	LinkbeatPolling  bool          // linkbeat_use_polling

	SMTP SMTP

	// SMTPAlert and the two more special ones are nil when not written; the
	// resolved value is in each instance, group and server.
	SMTPAlert, SMTPAlertVRRP, SMTPAlertChecker *bool
	NoEmailFaults, NoCheckerEmails             bool

	Process                 ProcessSettings
	VRRPProcess             ProcessSettings
	CheckerProcess          ProcessSettings
	BFDProcess              ProcessSettings
	ProcessNames            bool          // process_names
	MaxAutoPriority         int           // max_auto_priority; 0 off, -1 off and silent, AutoPriorityUnset
	MinAutoPriorityDelay    time.Duration // min_auto_priority_delay; 1 us..10 s, default 1 s
	StartupScript           *Script
	StartupScriptTimeout    time.Duration // startup_script_timeout; 1..1000 s, default 10 s
	ShutdownScript          *Script
	ShutdownScriptTimeout   time.Duration // shutdown_script_timeout; 1..1000 s, default 10 s
	EnableScriptSecurity    bool          // enable_script_security
	ScriptUser              *ScriptUser   // script_user; nil: keepalived_script if it exists, else our own user
	UseSymlinkPaths         bool          // use_symlink_paths
	SetSupplementaryGroups  bool          // set_supplementary_groups
	Umask                   uint32        // umask; default 0177
	NotifyFIFO              FIFO
	VRRPNotifyFIFO          FIFO
	LVSNotifyFIFO           FIFO
	NotifyPriorityChanges   bool // vrrp_notify_priority_changes; resolved into instances and groups
	FIFOWriteStatesOnReload bool // fifo_write_vrrp_states_on_reload

	VRRP VRRPGlobal
	LVS  LVSGlobal

	ReloadCheckConfig    bool   // reload_check_config
	ReloadCheckLog       string // its log file; default /dev/null
	ReloadTimeFile       string
	ReloadRepeat         bool
	ReloadFile           string // reload_file; "" off, "-" the default path
	ConfigSaveDir        string
	DataUseInstance      bool
	JSONVersion          int // 1 or 2
	StateDumpFile        string
	StatsDumpFile        string
	JSONDumpFile         string
	SNMP                 SNMP
	DBus                 DBus
	CheckerLogAllFailure bool // checker_log_all_failures; resolved into the checkers
	RSInitNotifies       bool
}

// SMTP is where and how alerts are mailed.
type SMTP struct {
	// Server is smtp_server: an address or a host name, "" for no mail.
	Server string
	// Port is 1..65535, default 25.
	Port uint16
	// ConnectTimeout bounds the connection and each reply; default 30 s.
	ConnectTimeout time.Duration
	// HELOName and From default to the local host name and user@host.
	HELOName, From string
	// To is notification_email, as written, display names included.
	To []string
}

// ProcessSettings are what the kernel is asked for one process.
type ProcessSettings struct {
	Name       string        // process name, up to 15 bytes; "" unchanged
	Nice       int           // -20..19, 0 unchanged
	RTPriority int           // SCHED_RR 1..99, 0 off
	RTTime     time.Duration // RLIMIT_RTTIME, default 10 ms, with RTPriority only
	NoSwap     bool
	CPUs       []int
}

// VRRPGlobal are the vrrp_* defaults that concern the whole vrrp process;
// those that are only defaults of instances are resolved into them.
type VRRPGlobal struct {
	MulticastGroup4 netip.Addr // vrrp_mcast_group4; 224.0.0.18
	MulticastGroup6 netip.Addr // vrrp_mcast_group6; ff02::12
	GARPInterval    time.Duration
	GNAInterval     time.Duration

	GARPMasterDelay         time.Duration // default 5 s
	GARPMasterRepeat        uint32        // default 5
	GARPMasterRefresh       time.Duration // default 0: off
	GARPMasterRefreshRepeat uint32        // default 1
	GARPLowerPrioDelay      *time.Duration
	GARPLowerPrioRepeat     *uint32
	GARPExtraInterval       time.Duration
	DownTimerAdverts        uint8 // 1..100, default 3
	LowerPrioNoAdvert       bool
	HigherPrioSendAdvert    bool
	OwnerIgnoreAdverts      bool
	Version                 uint8 // vrrp_version; 0 not set
	Strict                  bool
	CheckUnicastSource      bool
	SkipCheckAdvertAddress  bool
	V3ChecksumAsV2          bool

	StartupDelay      time.Duration // vrrp_startup_delay
	DelayAfterBoot    time.Duration // vrrp_delay_after_boot
	LogUnknownVRIDs   bool
	DynamicInterfaces bool
	AllowIfChanges    bool
	DefaultInterface  string // default_interface; eth0
	DisableLocalIGMP  bool

	RxBufferPolicyMTU    bool
	RxBufferPolicyAdvert bool
	RxBufferSize         uint32
	RxBufferMultiplier   uint32 // default 3

	// IPRouteUsrDir and IPRouteEtcDir are where iproute2's tables of names are
	// read (iproute_usr_dir, iproute_etc_dir); "" for the usual places.
	IPRouteUsrDir, IPRouteEtcDir string

	VMACPrefix     string // vmac_prefix; vrrp
	VMACAddrPrefix string // vmac_addr_prefix; as VMACPrefix

	NFTables         string // table name; "" unless asked for
	NFTablesPriority int32  // default -1
	NFTablesIfindex  bool
	NFTablesCounters bool
	IPTables         bool // vrrp_iptables: mapped to nftables

	NetlinkMonitorRcvBuf      uint32
	NetlinkMonitorRcvBufForce bool
	NetlinkCmdRcvBuf          uint32
	NetlinkCmdRcvBufForce     bool
	ProcessMonitorRcvBuf      uint32
	ProcessMonitorRcvBufForce bool
}

// LVSFlush is what lvs_flush_on_stop removes.
type LVSFlush uint8

// Ways to empty the IPVS table at stop.
const (
	FlushServers LVSFlush = iota // one by one: our destinations, then the services
	FlushAll                     // everything, foreign services too
	FlushVS                      // each of our services as a whole
)

// LVSGlobal is the IPVS part of global_defs.
type LVSGlobal struct {
	Flush       bool
	FlushOnStop LVSFlush

	TCPTimeout, TCPFinTimeout, UDPTimeout *time.Duration // lvs_timeouts; whole seconds, nil unchanged

	SyncDaemon *SyncDaemon

	// Receive buffers of the sockets that follow this host's addresses for
	// ha_suspend, in bytes, 0 for the default.
	NetlinkCmdRcvBuf          uint32
	NetlinkCmdRcvBufForce     bool
	NetlinkMonitorRcvBuf      uint32
	NetlinkMonitorRcvBufForce bool

	NFTables            string // nftables_ipvs table; "" off
	NFTablesPriority    int32
	NFTablesStartFwmark uint32
}

// SyncDaemon is lvs_sync_daemon.
type SyncDaemon struct {
	Interface string
	Instance  string // "" runs master and backup all the time
	ID        uint8
	IDSet     bool
	MaxLen    uint16
	Port      uint16
	TTL       uint8
	Group     netip.Addr
}

// FIFO is one notify FIFO with the script that reads it.
type FIFO struct {
	Path        string
	User, Group string
	// DefaultUser owns it without User; as Script.DefaultUser.
	DefaultUser *ScriptUser
	Script      *Script
}

// Owner is whose the FIFO is as far as the configuration says; nil:
// keepalived_script, else our own user.
func (f *FIFO) Owner() *ScriptUser {
	if f.User != "" {
		return &ScriptUser{User: f.User, Group: f.Group}
	}
	return f.DefaultUser
}

// SNMP says which parts of the agent are wanted.
type SNMP struct {
	Socket                      string
	Traps                       bool
	VRRP, RFCv2, RFCv3, Checker bool
	VSInterval, RSInterval      time.Duration
}

// DBus says whether and under which name the vrrp process joins the bus.
type DBus struct {
	Enable          bool
	ServiceName     string
	NoInterfaceName string
}

// AutoPriorityUnset is MaxAutoPriority without the keyword: the VRRP and the
// BFD process take a real-time priority from the start, unless their own
// scheduling keywords say something else.
const AutoPriorityUnset = -2

// NewGlobal returns the settings of an empty file.
func NewGlobal() Global {
	return Global{
		ChildWaitTime: 5 * time.Second,
		SMTP:          SMTP{Port: 25, ConnectTimeout: 30 * time.Second},

		MaxAutoPriority:       AutoPriorityUnset,
		MinAutoPriorityDelay:  time.Second,
		StartupScriptTimeout:  10 * time.Second,
		ShutdownScriptTimeout: 10 * time.Second,
		Umask:                 0o177,
		VRRPProcess:           ProcessSettings{RTTime: 10 * time.Millisecond},
		CheckerProcess:        ProcessSettings{RTTime: 10 * time.Millisecond},
		BFDProcess:            ProcessSettings{RTTime: 10 * time.Millisecond},
		VRRP: VRRPGlobal{
			MulticastGroup4:         netip.AddrFrom4([4]byte{224, 0, 0, 18}),
			MulticastGroup6:         netip.MustParseAddr("ff02::12"),
			GARPMasterDelay:         5 * time.Second,
			GARPMasterRepeat:        5,
			GARPMasterRefreshRepeat: 1,
			DownTimerAdverts:        3,
			DefaultInterface:        "eth0",
			RxBufferMultiplier:      3,
			VMACPrefix:              "vrrp",
			NFTablesPriority:        -1,
		},
		LVS: LVSGlobal{
			NFTablesPriority:    -1,
			NFTablesStartFwmark: 1000,
		},
		ReloadCheckLog: "/dev/null",
		JSONVersion:    1,
		SNMP: SNMP{
			Socket:     "unix:/var/agentx/master",
			VSInterval: 5 * time.Second,
		},
		DBus: DBus{ServiceName: "org.keepalived.Vrrp1", NoInterfaceName: "none"},
	}
}
