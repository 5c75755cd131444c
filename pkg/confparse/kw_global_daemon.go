package confparse

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// processKeywords are the scheduling keywords that each process has.
func processKeywords(name string, process Process, field func(*globalDraft) *config.ProcessSettings) []Keyword[globalDraft] {
	rttime := func(keyword string, m Meta) Keyword[globalDraft] {
		m.Process, m.Default, m.OnBad = process, "10000", "0 is used"
		m.Bad = "Invalid " + name + " real-time limit - %v"
		m.Doc = "Longest time the process may run without sleeping under real-time scheduling."
		limits := "1-4294967295 us; 1 becomes 2"
		if m.Alias != "" {
			limits = "as " + m.Alias
		}
		return newEntry(keyword, "<USECS>", limits, m, func(d *decoder, g *globalDraft, s *Line) bool {
			w, ok := d.arg(s, 1)
			if !ok {
				return false
			}
			n, ok := d.number(w, within(1, maxUint32).tolerant().orElse(0))
			if n == 1 {
				n = 2
			}
			field(g).RTTime = time.Duration(n) * time.Microsecond
			return ok
		})
	}
	return []Keyword[globalDraft]{
		newEntry(name+"_priority", "<NICE>", "-20 to 19", Meta{
			Process: process, Default: "0 (unchanged)", OnBad: "0 is used",
			Bad: "Invalid " + name + " process priority specified", Missing: "No " + name + " process priority specified",
			Doc: "Nice value of the process.",
		}, func(d *decoder, g *globalDraft, s *Line) bool {
			w, ok := d.arg(s, 1)
			if !ok {
				field(g).Nice = 0
				return false
			}
			n, ok := d.number(w, within(-20, 19).tolerant().orElse(0))
			field(g).Nice = int(n)
			return ok
		}),
		Flag(name+"_no_swap", func(g *globalDraft) *bool { return &field(g).NoSwap }, true, Meta{
			Process: process, Doc: "Keep the process in memory.",
		}),
		Number(name+"_rt_priority", func(g *globalDraft) *int { return &field(g).RTPriority },
			within(1, 99).tolerant().clamped(
				name+" process real-time priority %v less than minimum 1 - setting to minimum",
				name+" process real-time priority %v greater than maximum 99 - setting to maximum"), Meta{
				Process: process, Default: "0 (not realtime)",
				Bad:     name + " process real-time priority '%v' invalid",
				Missing: "No " + name + " process real-time priority specified",
				Doc:     "SCHED_RR priority of the process.",
			}),
		Custom(name+"_cpu_affinity", "<CPU>...", Meta{
			Process: process, Range: "0 to online CPUs-1", Default: "all", OnBad: "the process may use all CPUs",
			Missing: "No " + name + " cpu_id set specified", Doc: "CPUs the process may use.",
		}, func(d *decoder, g *globalDraft, s *Line) bool {
			if _, ok := d.arg(s, 1); !ok {
				return false
			}
			p := field(g)
			p.CPUs = nil
			for _, w := range s.Words[1:] {
				n, problem := d.readInteger(w, within(0, maxCPU).tolerant())
				if problem != "" {
					p.CPUs = nil
					return d.refuse(w, "Invalid cpu_id:"+w.Text+" specified for "+name+" process", problem)
				}
				p.CPUs = append(p.CPUs, int(n))
			}
			return true
		}),
		rttime(name+"_rlimit_rttime", Meta{}),
		rttime(name+"_rlimit_rtime", Meta{
			Alias: name + "_rlimit_rttime", LogOnly: true,
			Deprecated: name + "_rlimit_rtime is deprecated - please use " + name + "_rlimit_rttime",
		}),
	}
}

// maxCPU is the highest CPU that the kernel's affinity call knows by default
// (CPU_SETSIZE); how many there are is a fact of the machine.
const maxCPU = 1023

var globalNotify = []Keyword[globalDraft]{
	notifyFIFO("notify_fifo", ProcGlobal, func(g *globalDraft) *config.FIFO { return &g.NotifyFIFO }, "FIFO that gets all notify lines."),
	notifyScript("notify_fifo_script", ProcGlobal, func(g *globalDraft) *config.FIFO { return &g.NotifyFIFO }),
	notifyFIFO("vrrp_notify_fifo", ProcVRRP, func(g *globalDraft) *config.FIFO { return &g.VRRPNotifyFIFO }, "FIFO that gets the lines about VRRP."),
	notifyScript("vrrp_notify_fifo_script", ProcVRRP, func(g *globalDraft) *config.FIFO { return &g.VRRPNotifyFIFO }),
	Bool("vrrp_notify_priority_changes", func(g *globalDraft) *bool { return &g.NotifyPriorityChanges }, Meta{
		Process: ProcVRRP, Default: "no", Doc: "Write every change of an instance's priority to the FIFOs.",
	}),
	Flag("fifo_write_vrrp_states_on_reload", func(g *globalDraft) *bool { return &g.FIFOWriteStatesOnReload }, true, Meta{
		Process: ProcVRRP, Doc: "Write all states to the FIFOs after a reload.",
	}),
	notifyFIFO("lvs_notify_fifo", ProcChecker, func(g *globalDraft) *config.FIFO { return &g.LVSNotifyFIFO }, "FIFO that gets the lines about virtual and real servers."),
	notifyScript("lvs_notify_fifo_script", ProcChecker, func(g *globalDraft) *config.FIFO { return &g.LVSNotifyFIFO }),
}

func notifyFIFO(name string, process Process, field func(*globalDraft) *config.FIFO, doc string) Keyword[globalDraft] {
	return Custom(name, "<PATH> [<USER> [<GROUP>]]", Meta{
		Process: process, Repeat: RepeatFirst, Default: "none", Missing: "No " + name + " name specified", Doc: doc,
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		f := field(g)
		if f.Path != "" {
			return d.duplicate(w, name+" already specified - ignoring "+w.Text)
		}
		f.Path, f.DefaultUser = w.Text, g.ScriptUser
		if len(s.Words) > 2 {
			f.User = s.Words[2].Text
		}
		if len(s.Words) > 3 {
			f.Group = s.Words[3].Text
		}
		return true
	})
}

func notifyScript(name string, process Process, field func(*globalDraft) *config.FIFO) Keyword[globalDraft] {
	return Script(name, func(g *globalDraft) **config.Script { return &field(g).Script }, name+" already specified - ignoring", Meta{
		Process: process, Default: "none", Missing: "No " + name + " specified", OnBad: "the script is ignored",
		Doc: "Program that is started to read the FIFO; the path of the FIFO is its last argument.",
	})
}

var globalSNMP = []Keyword[globalDraft]{
	Custom("snmp_socket", "<SOCKET>", Meta{
		Process: ProcGlobal, Repeat: RepeatFirst, Range: "up to 4095 characters", Default: "unix:/var/agentx/master",
		Missing: "SNMP error : snmp socket name missing", Doc: "Socket of the AgentX master.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		switch {
		case !ok:
			return false
		case len(s.Words) > 2:
			return d.refuse(s.Words[2], "Too many parameters specified for snmp_socket - ignoring", "")
		case len(w.Text) > 4095:
			return d.refuse(w, "snmp_socket name too long - ignoring", "a path has at most 4095 bytes")
		case d.has("snmp_socket"):
			return d.duplicate(w, "SNMP socket already set to "+g.SNMP.Socket+" - ignoring")
		}
		g.SNMP.Socket = w.Text
		return true
	}),
	snmpFlag("enable_traps", ProcGlobal, "", "Send SNMP traps.", func(g *globalDraft) { g.SNMP.Traps = true }),
	snmpFlag("enable_snmp_vrrp", ProcVRRP, "", "Serve the VRRP part of the KEEPALIVED MIB.", func(g *globalDraft) { g.SNMP.VRRP = true }),
	snmpFlag("enable_snmp_keepalived", ProcVRRP, "enable_snmp_vrrp", "Serve the VRRP part of the KEEPALIVED MIB.", func(g *globalDraft) { g.SNMP.VRRP = true }),
	snmpFlag("enable_snmp_rfc", ProcVRRP, "", "Serve both VRRP MIBs of the RFCs.", func(g *globalDraft) { g.SNMP.RFCv2, g.SNMP.RFCv3 = true, true }),
	snmpFlag("enable_snmp_rfcv2", ProcVRRP, "", "Serve the MIB of RFC 2787.", func(g *globalDraft) { g.SNMP.RFCv2 = true }),
	snmpFlag("enable_snmp_rfcv3", ProcVRRP, "", "Serve the MIB of RFC 6527.", func(g *globalDraft) { g.SNMP.RFCv3 = true }),
	snmpFlag("enable_snmp_checker", ProcChecker, "", "Serve the checker part of the KEEPALIVED MIB.", func(g *globalDraft) { g.SNMP.Checker = true }),
	Timer("snmp_vs_stats_update_interval", func(g *globalDraft) *time.Duration { return &g.SNMP.VSInterval }, seconds(1000, 30e6), Meta{
		Process: ProcChecker, Default: "5", Since: "2.3.2", Doc: "How old the statistics of virtual servers may be.",
	}),
	Timer("snmp_rs_stats_update_interval", func(g *globalDraft) *time.Duration { return &g.SNMP.RSInterval }, seconds(1000, 30e6), Meta{
		Process: ProcChecker, Default: "snmp_vs_stats_update_interval", Since: "2.3.2", Doc: "How old the statistics of real servers may be.",
	}),
	Flag("enable_dbus", func(g *globalDraft) *bool { return &g.DBus.Enable }, true, Meta{
		Process: ProcVRRP, Doc: "Serve the D-Bus interface.",
	}),
	Text("dbus_service_name", "<NAME>", func(g *globalDraft) *string { return &g.DBus.ServiceName }, Meta{
		Process: ProcVRRP, Default: "org.keepalived.Vrrp1", Missing: "dbus_service_name missing - ignoring", Doc: "Name on the bus.",
	}),
	Text("dbus_no_interface_name", "<NAME>", func(g *globalDraft) *string { return &g.DBus.NoInterfaceName }, Meta{
		Process: ProcVRRP, Default: "none (the word)", Missing: "dbus_no_interface_name missing - ignoring", Since: "2.3.2",
		Doc: "Part of the object path of an instance without interface.",
	}),
}

func snmpFlag(name string, process Process, alias, doc string, set func(*globalDraft)) Keyword[globalDraft] {
	return Custom(name, "", Meta{
		Process: process, Repeat: RepeatOnce, Default: "off", Bare: "on", Alias: alias, Doc: doc,
	}, func(_ *decoder, g *globalDraft, _ *Line) bool {
		set(g)
		return true
	})
}

func bufferSize(name string, process Process, field func(*globalDraft) *uint32) Keyword[globalDraft] {
	return Number(name, field, within(0, maxUint32), Meta{
		Process: process, Args: "<BYTES>", Range: "0-4294967295; 0 = not set", Default: "system default",
		Missing: "%k size missing", Bad: "%k size (%v) invalid", Doc: "Receive buffer of the netlink socket.",
	})
}

func bufferForce(name string, process Process, field func(*globalDraft) *bool) Keyword[globalDraft] {
	return Bool(name, field, Meta{
		Process: process, Default: "no", Doc: "The receive buffer may be larger than rmem_max.",
	})
}

var globalBuffers = []Keyword[globalDraft]{
	bufferSize("vrrp_netlink_cmd_rcv_bufs", ProcVRRP, func(g *globalDraft) *uint32 { return &g.VRRP.NetlinkCmdRcvBuf }),
	bufferForce("vrrp_netlink_cmd_rcv_bufs_force", ProcVRRP, func(g *globalDraft) *bool { return &g.VRRP.NetlinkCmdRcvBufForce }),
	bufferSize("vrrp_netlink_monitor_rcv_bufs", ProcVRRP, func(g *globalDraft) *uint32 { return &g.VRRP.NetlinkMonitorRcvBuf }),
	bufferForce("vrrp_netlink_monitor_rcv_bufs_force", ProcVRRP, func(g *globalDraft) *bool { return &g.VRRP.NetlinkMonitorRcvBufForce }),
	bufferSize("process_monitor_rcv_bufs", ProcVRRP, func(g *globalDraft) *uint32 { return &g.VRRP.ProcessMonitorRcvBuf }),
	bufferForce("process_monitor_rcv_bufs_force", ProcVRRP, func(g *globalDraft) *bool { return &g.VRRP.ProcessMonitorRcvBufForce }),
	Custom("vrrp_rx_bufs_policy", "[MTU|ADVERT|<BYTES>]...", Meta{
		Process: ProcVRRP, Repeat: RepeatMerge, Range: "case-insensitive words; 0-4294967295 bytes", Default: "system default",
		Missing: "vrrp_rx_bufs_policy missing", Doc: "Receive buffer of the VRRP sockets.",
	}, readRxPolicy),
	Custom("vrrp_rx_bufs_multiplier", "<N>", Meta{
		Process: ProcVRRP, Range: "1-4294967295", Default: "3", Missing: "Invalid vrrp_rx_bufs_multiplier",
		Bad: "Invalid vrrp_rx_bufs_multiplier %v", Doc: "Factor of the MTU and ADVERT policies.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if len(s.Words) > 2 {
			return d.refuse(s.Words[2], "Invalid vrrp_rx_bufs_multiplier", "one number is wanted")
		}
		n, ok := d.number(w, within(1, maxUint32))
		if ok {
			g.VRRP.RxBufferMultiplier = uint32(n)
		}
		return ok
	}),
}

// readRxPolicy reads vrrp_rx_bufs_policy. A size may stand at any place,
// where keepalived always takes the first word for it.
func readRxPolicy(d *decoder, g *globalDraft, s *Line) bool {
	if _, ok := d.arg(s, 1); !ok {
		return false
	}
	v := &g.VRRP
	for i, w := range s.Words[1:] {
		switch strings.ToUpper(w.Text) {
		case "MTU":
			v.RxBufferPolicyMTU = true
		case "ADVERT":
			v.RxBufferPolicyAdvert = true
		default:
			first := s.Words[1]
			n, problem := d.readInteger(first, within(0, maxUint32))
			if problem != "" {
				d.refuse(w, "Invalid vrrp_rx_bufs_policy "+w.Text, problem)
				continue
			}
			if i == 0 {
				v.RxBufferSize = uint32(n)
			}
		}
	}
	if v.RxBufferSize != 0 && (v.RxBufferPolicyMTU || v.RxBufferPolicyAdvert) {
		d.adjust(s, "Cannot set vrrp_rx_bufs_policy size and policy, ignoring policy", "the size is used")
		v.RxBufferPolicyMTU, v.RxBufferPolicyAdvert = false, false
	}
	if v.RxBufferPolicyMTU && v.RxBufferPolicyAdvert {
		d.adjust(s, "Cannot set both vrrp_rx_bufs_policy MTU and ADVERT, ignoring ADVERT", "MTU is used")
		v.RxBufferPolicyAdvert = false
	}
	return true
}

var globalReload = []Keyword[globalDraft]{
	Custom("umask", "<NUMBER> or <BIT>[|<BIT>]...", Meta{
		Process: ProcGlobal, Default: "0177",
		Range: "0-0777 (0x, 0 prefix or decimal); " + strings.Join(umaskWords(), " "),
		Doc:   "umask of created files.",
	}, readUmask),
	Number[globalDraft, uint32]("random_seed", nil, within(0, maxUint32), Meta{
		Process: ProcGlobal, Default: "time", Bad: "random_seed %v invalid", Range: "0-4294967295",
		Doc: "Seed of ${_RANDOM}.",
	}),
	Custom("reload_check_config", "[<LOGFILE>]", Meta{
		Process: ProcGlobal, Default: "off", Bare: "log to /dev/null", Doc: "Check the new configuration before a reload, and keep the old one if there is anything wrong with it.",
	}, func(_ *decoder, g *globalDraft, s *Line) bool {
		g.ReloadCheckConfig, g.ReloadCheckLog = true, ""
		if len(s.Words) > 1 {
			g.ReloadCheckLog = s.Words[1].Text
		}
		return true
	}),
	onePath("reload_time_file", "<PATH>", "reload_time_file invalid", func(g *globalDraft) *string { return &g.ReloadTimeFile }, Meta{
		Default: "none", Doc: "File with the time of a scheduled reload.",
	}),
	Flag("reload_repeat", func(g *globalDraft) *bool { return &g.ReloadRepeat }, true, Meta{
		Process: ProcGlobal, Doc: "Keep reload_time_file after the reload.",
	}),
	Custom("reload_file", "[<PATH>]", Meta{
		Process: ProcGlobal, Default: "none", Bare: "keepalived.reload in the pid directory",
		Doc: "File that exists while the configuration is read at a reload.",
	}, func(_ *decoder, g *globalDraft, s *Line) bool {
		g.ReloadFile = "-"
		if len(s.Words) > 1 {
			g.ReloadFile = s.Words[1].Text
		}
		return true
	}),
	Custom("include_check", "[[+|-]read|match|wildcard_match|brace_match]...", Meta{
		Process: ProcGlobal, Repeat: RepeatMerge, Default: "none", Bare: "all four",
		Doc: "Which problems of include lines count as errors, from here on.",
	}, func(_ *decoder, _ *globalDraft, _ *Line) bool { return true }),
}

var umaskBits = []choice[uint32]{
	{"IRUSR", 0o400}, {"IWUSR", 0o200}, {"IXUSR", 0o100}, {"IRWXU", 0o700},
	{"IRGRP", 0o040}, {"IWGRP", 0o020}, {"IXGRP", 0o010}, {"IRWXG", 0o070},
	{"IROTH", 0o004}, {"IWOTH", 0o002}, {"IXOTH", 0o001}, {"IRWXO", 0o007},
}

func umaskWords() []string {
	words := make([]string, len(umaskBits))
	for i, b := range umaskBits {
		words[i] = b.word
	}
	return words
}

// readUmask reads a number in C syntax, or names of bits joined by "|"; blanks
// and quotes may stand around the bars.
func readUmask(d *decoder, g *globalDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	if w.Text != "" && w.Text[0] >= '0' && w.Text[0] <= '9' {
		n, err := strconv.ParseUint(w.Text, 0, 32)
		if err != nil || n > 0o777 {
			return d.refuse(w, "invalid umask value "+w.Text, "0 to 0777 is wanted")
		}
		if len(s.Words) > 2 {
			return d.refuse(s.Words[2], "Extra parameter(s) to umask option", "one number is wanted")
		}
		g.Umask = uint32(n)
		return true
	}
	mask, bar := uint32(0), true
	for _, w := range s.Words[1:] {
		rest := w.Text
		for rest != "" {
			if rest[0] == '|' {
				if bar {
					return d.refuse(w, "Invalid umask syntax "+rest, "")
				}
				bar, rest = true, rest[1:]
				continue
			}
			word, _, _ := strings.Cut(rest, "|")
			if !bar {
				return d.refuse(w, "Invalid umask syntax "+rest, "bits are joined by |")
			}
			bit, ok := umaskBit(word)
			if !ok {
				return d.refuse(w, "Unknown umask bit "+word, "")
			}
			mask |= bit
			bar, rest = false, rest[len(word):]
		}
	}
	if bar {
		return d.refuse(w, "umask missing bit value", "")
	}
	g.Umask = mask
	return true
}

func umaskBit(word string) (uint32, bool) {
	for _, b := range umaskBits {
		if b.word == word {
			return b.value, true
		}
	}
	return 0, false
}

var globalFiles = []Keyword[globalDraft]{
	Text("config_save_dir", "<DIR>", func(g *globalDraft) *string { return &g.ConfigSaveDir }, Meta{
		Process: ProcGlobal, Range: "parent must exist", Default: "none",
		Doc: "Directory for copies of the configuration and of the state around reloads.",
	}),
	FirstText[globalDraft]("tmp_config_directory", "<DIR>", nil, "tmp_config_directory already specified - ignoring", Meta{
		Process: ProcGlobal, Default: "memory file", Missing: "tmp_config_directory missing directory name",
		Reload: ReloadRestart, Status: StatusNoEffect,
		Doc: "Where the copy of the configuration is kept that the processes share; here it is always in memory.",
	}),
	Bool("data_use_instance", func(g *globalDraft) *bool { return &g.DataUseInstance }, Meta{
		Process: ProcGlobal, Default: "no", Bad: "Invalid value '%v' for global date_use_instance specified",
		Doc: "Put the names of instance and namespace into the names of dump files.",
	}),
	Number("json_version", func(g *globalDraft) *int { return &g.JSONVersion }, within(1, 2).tolerant(), Meta{
		Process: ProcVRRP, Args: "1|2", Default: "1", Missing: "json_version missing", Since: "2.3.0", Bad: "json_version '%v' invalid - ignoring",
		Doc: "Format of the JSON dump.",
	}),
	onePath("iproute_usr_dir", "<DIR>", "iproute_usr_dir invalid", func(g *globalDraft) *string { return &g.VRRP.IPRouteUsrDir }, Meta{
		Process: ProcVRRP, Default: "build-time value", Since: "2.3.0", Doc: "Directory of iproute2's own tables of names.",
	}),
	onePath("iproute_etc_dir", "<DIR>", "iproute_etc_dir invalid", func(g *globalDraft) *string { return &g.VRRP.IPRouteEtcDir }, Meta{
		Process: ProcVRRP, Default: "build-time value", Since: "2.3.0", Doc: "Directory of the operator's tables of names for iproute2.",
	}),
	onePath("state_dump_file", "<PATH>", "state_dump_file invalid", func(g *globalDraft) *string { return &g.StateDumpFile }, Meta{
		Range: "ends in /: directory", Default: "keepalived*.data in the temp directory", Since: "2.3.0", Doc: "Where SIGUSR1 writes the data.",
	}),
	dumpAlias("state_file_location", "state_dump_file", func(g *globalDraft) *string { return &g.StateDumpFile }),
	dumpAlias("stats_file_location", "stats_dump_file", func(g *globalDraft) *string { return &g.StatsDumpFile }),
	dumpAlias("json_file_location", "json_dump_file", func(g *globalDraft) *string { return &g.JSONDumpFile }),
	onePath("stats_dump_file", "<PATH>", "stats_dump_file invalid", func(g *globalDraft) *string { return &g.StatsDumpFile }, Meta{
		Process: ProcVRRP, Range: "ends in /: directory", Default: "temp directory", Since: "2.3.0", Doc: "Where SIGUSR2 writes the statistics.",
	}),
	onePath("json_dump_file", "<PATH>", "json_dump_file invalid", func(g *globalDraft) *string { return &g.JSONDumpFile }, Meta{
		Process: ProcVRRP, Range: "ends in /: directory", Default: "temp directory", Since: "2.3.0", Doc: "Where the JSON dump is written.",
	}),
}

// dumpAlias is the name that the manual has for a dump file; keepalived does
// not know it.
func dumpAlias(name, of string, field func(*globalDraft) *string) Keyword[globalDraft] {
	return onePath(name, "<PATH>", name+" invalid", field, Meta{
		Alias: of, Default: "as " + of, Range: "ends in /: directory", Doc: "Same as " + of + ", by the name in keepalived's manual.",
	})
}

// onePath is a keyword with exactly one word that is not empty.
func onePath(name, args, bad string, field func(*globalDraft) *string, m Meta) Keyword[globalDraft] {
	if m.Process == 0 {
		m.Process = ProcGlobal
	}
	m.Missing = bad
	return Custom(name, args, m, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if len(s.Words) > 2 || w.Text == "" {
			return d.refuse(s.Words[len(s.Words)-1], bad, fmt.Sprintf("%s takes one word", name))
		}
		if field != nil {
			*field(g) = w.Text
		}
		return true
	})
}
