package confparse

import (
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// globalDraft is global_defs with what is only a default of other blocks.
type globalDraft struct {
	*config.Global
	defaults instanceDefaults
}

// instanceDefaults are the global settings that resolve copies into the
// instances that do not have their own.
type instanceDefaults struct {
	// garpExtraAll is vrrp_garp_extra_if all.
	garpExtraAll bool
}

func openGlobal(_ *decoder, r *drafts, _ *Line) (*globalDraft, string) {
	return &r.global, ""
}

const (
	maxUint32   = 1<<32 - 1
	maxTimer    = maxUint32 // microseconds: 4294.967295 s
	maxDelay    = 1<<64 - 2 // microseconds: 18446744073709.551614 s
	maxLVSTimer = 86400 * 31
)

// globalDefs is the block global_defs.
var globalDefs = newTable(
	globalProcess, globalMail, globalScripts, globalVRRP, globalGARP, globalFirewall,
	processKeywords("vrrp", ProcVRRP, func(g *globalDraft) *config.ProcessSettings { return &g.VRRPProcess }),
	processKeywords("checker", ProcChecker, func(g *globalDraft) *config.ProcessSettings { return &g.CheckerProcess }),
	processKeywords("bfd", ProcBFD, func(g *globalDraft) *config.ProcessSettings { return &g.BFDProcess }),
	globalLVS, globalNotify, globalSNMP, globalBuffers, globalReload, globalFiles,
)

var globalProcess = []Keyword[globalDraft]{
	Custom("process_names", "", Meta{
		Process: ProcGlobal, Repeat: RepeatOnce, Default: "off", Doc: "Give the child processes names of their own: keepalived_vrrp, keepalived_lvs, keepalived_bfd.",
	}, func(_ *decoder, g *globalDraft, _ *Line) bool {
		g.ProcessNames = true
		return true
	}),
	processName("process_name", ProcGlobal, func(g *globalDraft) *string { return &g.Process.Name }, Meta{
		Default: "argv name", Doc: "Name of the parent process.",
	}),
	processName("vrrp_process_name", ProcVRRP, func(g *globalDraft) *string { return &g.VRRPProcess.Name }, Meta{
		Default: "parent's name", Doc: "Name of the VRRP process.",
	}),
	processName("checker_process_name", ProcChecker, func(g *globalDraft) *string { return &g.CheckerProcess.Name }, Meta{
		Default: "parent's name", Doc: "Name of the checker process.",
	}),
	processName("lvs_process_name", ProcChecker, func(g *globalDraft) *string { return &g.CheckerProcess.Name }, Meta{
		Default: "parent's name", Alias: "checker_process_name", LogOnly: true,
		Deprecated: "lvs_process_name is deprecated - please use checker_process_name",
		Doc:        "Name of the checker process.",
	}),
	processName("bfd_process_name", ProcBFD, func(g *globalDraft) *string { return &g.BFDProcess.Name }, Meta{
		Default: "parent's name", Doc: "Name of the BFD process.",
	}),
	Text("router_id", "<STRING>", func(g *globalDraft) *string { return &g.RouterID }, Meta{
		Process: ProcGlobal, Default: "local host name", Missing: "routerid name missing - ignoring",
		Doc: "Name of this node in mails and SNMP.",
	}),
	OptionalNumber("max_auto_priority", func(g *globalDraft) *int { return &g.MaxAutoPriority }, within(-1, 99).tolerant(), 99, Meta{
		Process: ProcGlobal, Range: "-1 to 99 (system maximum of SCHED_RR)", Default: "none (priority 1 from the start, if nothing else is said about scheduling)",
		Bad: "max_auto_priority '%v' must be in [0, 99] (or -1 to disable) - ignoring",
		Doc: "Highest real-time priority that is taken by itself when timers run late; 0 is off, -1 is off without a notice. Without this keyword, and without vrrp_priority or vrrp_rt_priority (bfd_priority, bfd_rt_priority), the VRRP (BFD) process runs at real-time priority 1.",
	}),
	Span("min_auto_priority_delay", func(g *globalDraft) *time.Duration { return &g.MinAutoPriorityDelay }, within(1, 10000000).tolerant(), time.Microsecond, Meta{
		Process: ProcGlobal, Default: "1000000", Missing: "min_auto_priority_delay requires delay time",
		Bad: "min_auto_priority_delay '%v' must be in [1, 10000000] - ignoring",
		Doc: "How late a timer must be for the priority to be raised.",
	}),
}

// processName is a keyword with the name of a process, cut to the 15 bytes
// that the kernel keeps.
func processName(name string, process Process, field func(*globalDraft) *string, m Meta) Keyword[globalDraft] {
	m.Process, m.Range, m.OnBad = process, "1-15 characters", "the name is cut"
	return Custom(name, "<NAME>", m, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		*field(g) = w.Text
		if len(w.Text) > 15 {
			*field(g) = w.Text[:15]
			d.adjust(w, "Process name "+w.Text+" more than 15 characters, truncating", "the kernel keeps 15 bytes of a name")
		}
		return true
	})
}

var globalMail = []Keyword[globalDraft]{
	Custom("notification_email_from", "<ADDR>", Meta{
		Process: ProcGlobal, Default: "user@host name (only when smtp_server is set)", Missing: "emailfrom missing - ignoring",
		Doc: "From address of mails; quote the whole value to have a display name in it.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if len(s.Words) > 2 {
			d.adjust(s.Words[2], "notification_email_from - too many parameters, using only the first", "'"+w.Text+"' is used")
		}
		g.SMTP.From = w.Text
		return true
	}),
	Custom("smtp_server", "<IP|HOST> [<PORT>]", Meta{
		Process: ProcGlobal, Range: "port 1-65535", Default: "no mail; port absent=25",
		OnBad: "no mail is sent", Doc: "Mail server.",
	}, readSMTPServer),
	Custom("smtp_helo_name", "<STRING>", Meta{
		Process: ProcGlobal, Default: "local host name", Doc: "Name used in HELO.",
	}, func(_ *decoder, g *globalDraft, s *Line) bool {
		if len(s.Words) < 2 {
			return false
		}
		g.SMTP.HELOName = s.Words[1].Text
		return true
	}),
	Span("smtp_connect_timeout", func(g *globalDraft) *time.Duration { return &g.SMTP.ConnectTimeout },
		within(0, 4294).tolerant().zeroIsOne("smtp_conect_timeout must be greater than 0, setting to 1"), time.Second, Meta{
			Process: ProcGlobal, Default: "30", Bad: "smtp_connect_timeout '%v' must be in [0, 4294] - ignoring",
			Range: "0-4294 s; 0 becomes 1 with a warning",
			Doc:   "How long the mail server may take to answer.",
		}),
	ListBlock("notification_email", specRows{{Keyword: "<EMAIL>", Meta: Meta{
		Process: ProcGlobal, Repeat: RepeatList, Doc: "One recipient per word; quote \"Name <addr>\" as one word.",
	}}}, Meta{
		Process: ProcGlobal, Repeat: RepeatMerge, Default: "none", Doc: "Recipients of mails.",
	}, func(d *decoder, g *globalDraft, s *Line) {
		for _, w := range s.Words {
			g.SMTP.To = append(g.SMTP.To, w.Text)
			if n := len(w.Text); n > 0 && (w.Text[n-1] == ',' || w.Text[n-1] == ';') {
				d.own(w, codeOwnDropped, "the "+w.Text[n-1:]+" is a part of the address "+w.Text, "mails to it are refused", "separate addresses by blanks")
			}
		}
	}, func(d *decoder, g *globalDraft, s *Line, n int) {
		if n == 0 {
			d.incompleteList(s, "Warning - empty notification_email block", "nobody is mailed")
		}
	}),
	OptionalBool("smtp_alert", func(g *globalDraft) **bool { return &g.SMTPAlert }, Meta{
		Process: ProcGlobal, Default: "unset (VS, instance, group: no; RS: yes)", Doc: "Default of every smtp_alert.",
	}),
	OptionalBool("smtp_alert_vrrp", func(g *globalDraft) **bool { return &g.SMTPAlertVRRP }, Meta{
		Process: ProcVRRP, Default: "smtp_alert", Doc: "Default of smtp_alert in instances and sync groups.",
	}),
	OptionalBool("smtp_alert_checker", func(g *globalDraft) **bool { return &g.SMTPAlertChecker }, Meta{
		Process: ProcChecker, Default: "smtp_alert", Doc: "Default of smtp_alert in virtual and real servers.",
	}),
	Flag("no_email_faults", func(g *globalDraft) *bool { return &g.NoEmailFaults }, true, Meta{
		Process: ProcVRRP, Doc: "Send no mail for changes to FAULT.",
	}),
	Bool("no_checker_emails", func(g *globalDraft) *bool { return &g.NoCheckerEmails }, Meta{
		Process: ProcChecker, Default: "no", Doc: "Mail only when a real server changes, not for every checker.",
	}),
}

func readSMTPServer(d *decoder, g *globalDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	g.SMTP.Server, g.SMTP.Port = "", 25
	port := int64(25)
	if len(s.Words) > 2 {
		n, problem := d.readInteger(s.Words[2], within(1, 65535))
		if problem != "" {
			return d.refuse(s.Words[2], "Invalid smtp server "+w.Text+" "+s.Words[2].Text, problem)
		}
		port = n
	}
	if w.Text == "" {
		return d.refuse(w, "Invalid smtp server "+w.Text+" 25", "the name is empty")
	}
	if a, p, colon := strings.Cut(w.Text, ":"); colon && !strings.Contains(p, ":") {
		d.own(w, codeOwnDropped, w.Text+" is taken for a name as a whole", "no server is found", "write the port as a word of its own: "+a+" "+p)
	}
	g.SMTP.Server, g.SMTP.Port = w.Text, uint16(port)
	return true
}

var globalScripts = []Keyword[globalDraft]{
	Bool("use_symlink_paths", func(g *globalDraft) *bool { return &g.UseSymlinkPaths }, Meta{
		Process: ProcGlobal, Default: "no", Since: "2.3.0", Doc: "Run scripts by the path as written instead of the resolved one.",
	}),
	Custom("set_supplementary_groups", "[<BOOL>]", Meta{
		Process: ProcGlobal, Default: "no", Bare: "yes", Since: "2.3.0",
		Doc: "Give every script the supplementary groups of its user; it holds for the scripts that follow.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		v, ok := d.boolean(s)
		if ok {
			g.SetSupplementaryGroups, d.drafts.supplementaryGroups = v, v
		}
		return ok
	}),
	globalScript("startup_script", "startup script missing", func(g *globalDraft) **config.Script { return &g.StartupScript }, Meta{
		Process: ProcGlobal, Reload: ReloadStart, Doc: "Run once, before the children are started.",
	}),
	Span("startup_script_timeout", func(g *globalDraft) *time.Duration { return &g.StartupScriptTimeout }, within(1, 1000).tolerant(), time.Second, Meta{
		Process: ProcGlobal, Reload: ReloadStart, Default: "10", Missing: "startup_script_timeout requires value",
		Bad: "startup_script_timeout '%v' must be in [1, 1000] - ignoring", Doc: "The startup script is killed after this time.",
	}),
	globalScript("shutdown_script", "shutdown script missing", func(g *globalDraft) **config.Script { return &g.ShutdownScript }, Meta{
		Process: ProcGlobal, Doc: "Run once, after the children have ended.",
	}),
	Span("shutdown_script_timeout", func(g *globalDraft) *time.Duration { return &g.ShutdownScriptTimeout }, within(1, 1000).tolerant(), time.Second, Meta{
		Process: ProcGlobal, Default: "10", Missing: "shutdown_script_timeout requires value",
		Bad: "shutdown_script_timeout '%v' must be in [1, 1000] - ignoring", Doc: "The shutdown script is killed after this time.",
	}),
	Custom("script_user", "<USER> [[:]<GROUP>]", Meta{
		Process: ProcGlobal, Range: "existing user and group", Missing: "No script username specified",
		Default: "keepalived_script if it exists, else the running user (with enable_script_security: none)",
		Doc:     "User that runs the scripts that do not name one.",
	}, func(d *decoder, g *globalDraft, s *Line) bool {
		if _, ok := d.arg(s, 1); !ok {
			return false
		}
		words := make([]string, 0, 2)
		for _, w := range s.Words[1:] {
			words = append(words, w.Text)
		}
		g.ScriptUser = d.scriptUser(words)
		return true
	}),
	Flag("enable_script_security", func(g *globalDraft) *bool { return &g.EnableScriptSecurity }, true, Meta{
		Process: ProcGlobal, Doc: "Refuse to run as root what another user could alter.",
	}),
}

func globalScript(name, missing string, field func(*globalDraft) **config.Script, m Meta) Keyword[globalDraft] {
	m.Missing, m.Default, m.OnBad = missing, "none", "the script is ignored"
	return Script(name, field, "%k already specified - ignoring", m)
}

var globalLVS = []Keyword[globalDraft]{
	Bool("checker_log_all_failures", func(g *globalDraft) *bool { return &g.CheckerLogAllFailure }, Meta{
		Process: ProcChecker, Default: "no", Bad: "Invalid value for checker_log_all_failures specified",
		Doc: "Log every failed check, not only the last retry.",
	}),
	withRows(Custom("lvs_timeouts", "[tcp <SECS>] [tcpfin <SECS>] [udp <SECS>]", Meta{
		Process: ProcChecker, Repeat: RepeatMerge, Range: "0-2678400 s each", Default: "kernel's values",
		Doc: "IPVS connection timeouts.",
	}, readLVSTimeouts), lvsTimeoutRows),
	Flag("lvs_flush", func(g *globalDraft) *bool { return &g.LVS.Flush }, true, Meta{
		Process: ProcChecker, Reload: ReloadStart, Doc: "Empty the IPVS table at start.",
	}),
	flushOnStop("lvs_flush_on_stop", Meta{}),
	flushOnStop("lvs_flush_onstop", Meta{Alias: "lvs_flush_on_stop"}),
	withRows(Custom("lvs_sync_daemon", "<INTERFACE> [[inst] <INSTANCE>] [id <ID>] [maxlen <N>] [port <N>] [ttl <N>] [group <IP>]", Meta{
		Process: ProcChecker, Repeat: RepeatFirst, Range: "see global_defs/lvs_sync_daemon", Default: "none",
		Missing: "lvs_sync_daemon requires interface",
		Doc:     "Run the IPVS connection synchronisation daemon.",
	}, readSyncDaemon), syncDaemonRows),
	Bool("rs_init_notifies", func(g *globalDraft) *bool { return &g.RSInitNotifies }, Meta{
		Process: ProcChecker, Default: "no", Doc: "Notify about the real servers that come up at start.",
	}),
	bufferSize("lvs_netlink_cmd_rcv_bufs", ProcChecker, func(g *globalDraft) *uint32 { return &g.LVS.NetlinkCmdRcvBuf }),
	bufferForce("lvs_netlink_cmd_rcv_bufs_force", ProcChecker, func(g *globalDraft) *bool { return &g.LVS.NetlinkCmdRcvBufForce }),
	bufferSize("lvs_netlink_monitor_rcv_bufs", ProcChecker, func(g *globalDraft) *uint32 { return &g.LVS.NetlinkMonitorRcvBuf }),
	bufferForce("lvs_netlink_monitor_rcv_bufs_force", ProcChecker, func(g *globalDraft) *bool { return &g.LVS.NetlinkMonitorRcvBufForce }),
}

func flushOnStop(name string, m Meta) Keyword[globalDraft] {
	m.Process, m.Bare = ProcChecker, "flush all; VS=delete each own VS without its RSs"
	if m.Default = "off"; m.Alias != "" {
		m.Default, m.Bare = "as "+m.Alias, ""
	}
	m.Doc = "Empty the IPVS table at stop at one go."
	return Custom(name, "[VS]", m, func(d *decoder, g *globalDraft, s *Line) bool {
		if len(s.Words) == 1 {
			g.LVS.FlushOnStop = config.FlushAll
			return true
		}
		if w := s.Words[1]; w.Text != "VS" {
			return d.refuse(w, "Unknown lvs_flush_on_stop type "+w.Text, "only VS is known")
		}
		g.LVS.FlushOnStop = config.FlushVS
		return true
	})
}
