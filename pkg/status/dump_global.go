package status

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// WriteGlobal writes the global settings, the first part of every data dump.
func WriteGlobal(w io.Writer, g *config.Global, m Machine) error {
	p := &printer{w: w, machine: m}
	p.section("Global definitions")
	p.globalNames(g)
	p.globalMail(g)
	p.globalScripts(g)
	p.globalLinks(&g.VRRP)
	p.globalLVS(&g.LVS)
	p.globalFIFOs(g)
	p.globalVRRP(g)
	p.globalProcesses(g)
	p.globalAgents(g)
	p.line(" Script security %s", choose(g.EnableScriptSecurity, "enabled", "disabled"))
	if u := g.ScriptUser; u != nil {
		p.line(" Default script%s", strings.TrimPrefix(p.runsAs(u), ","))
	}
	p.globalBuffers(g)
	p.line(" rs_init_notifies = %d", oneZero(g.RSInitNotifies))
	p.line(" no_checker_emails = %d", oneZero(g.NoCheckerEmails))
	p.line(" rx_bufs_multiples = %d", g.VRRP.RxBufferMultiplier)
	p.line(" umask = 0%o", g.Umask)
	if d := g.VRRP.StartupDelay; d > 0 {
		p.line(" vrrp_startup_delay = %s", seconds(d))
	}
	if d := g.VRRP.DelayAfterBoot; d > 0 {
		p.line(" vrrp_delay_after_boot = %s", seconds(d))
	}
	return p.err
}

func oneZero(b bool) int {
	if b {
		return 1
	}
	return 0
}

// setting prints a value that is there.
func (p *printer) setting(name, value string) {
	if value != "" {
		p.line(" %s = %s", name, value)
	}
}

func (p *printer) globalNames(g *config.Global) {
	p.line(" Network namespace = %s", choose(g.NetNamespace == "", "(default)", g.NetNamespace))
	ipvs := "(main namespace)"
	if g.NetNamespaceIPVS != nil {
		ipvs = choose(*g.NetNamespaceIPVS == "", "(default)", *g.NetNamespaceIPVS)
	}
	p.line(" Network namespace ipvs = %s", ipvs)
	p.setting("Instance", g.InstanceName)
	p.setting("Process name", g.Process.Name)
	for _, child := range []struct {
		title, generic string
		settings       *config.ProcessSettings
	}{
		{"VRRP process name", "keepalived_vrrp", &g.VRRPProcess},
		{"LVS process name", "keepalived_lvs", &g.CheckerProcess},
		{"BFD process name", "keepalived_bfd", &g.BFDProcess},
	} {
		name := child.settings.Name
		if name == "" && g.ProcessNames {
			name = child.generic
		}
		p.setting(child.title, name)
	}
	p.line(" Router ID = %s", cmp.Or(g.RouterID, p.machine.HostName))
}

func (p *printer) globalMail(g *config.Global) {
	if m := &g.SMTP; m.Server != "" {
		p.line(" Smtp server = %s", m.Server)
		p.line(" Smtp server port = %d", m.Port)
		p.line(" Smtp HELO name = %s", cmp.Or(m.HELOName, p.machine.HostName))
		p.line(" Smtp server connection timeout = %s", seconds(m.ConnectTimeout))
		p.line(" Email notification from = %s", cmp.Or(m.From, p.machine.UserName+"@"+p.machine.HostName))
	}
	if len(g.SMTP.To) > 0 {
		p.line(" Email notification to:")
		for _, to := range g.SMTP.To {
			p.line("   %s", to)
		}
	}
	p.line(" Default smtp_alert = %s", onOffUnset(g.SMTPAlert))
	p.line(" Default smtp_alert_vrrp = %s", onOffUnset(g.SMTPAlertVRRP))
	p.line(" Default smtp_alert_checker = %s", onOffUnset(g.SMTPAlertChecker))
}

func onOffUnset(b *bool) string {
	if b == nil {
		return "unset"
	}
	return choose(*b, "on", "off")
}

func (p *printer) globalScripts(g *config.Global) {
	p.line(" Checkers log all failures = %s", trueFalse(g.CheckerLogAllFailure))
	if g.ReloadCheckConfig {
		p.line(" Test config before reload, log to %s", g.ReloadCheckLog)
	} else {
		p.line(" No test config before reload")
	}
	p.setting("Reload time file", g.ReloadTimeFile)
	p.setting("Save config and state in directory", g.ConfigSaveDir)
	if g.DataUseInstance {
		p.line(" Use instance name in data dumps")
	}
	p.setting("State dump file", g.StateDumpFile)
	p.setting("Stats dump file", g.StatsDumpFile)
	p.setting("JSON dump file", g.JSONDumpFile)
	p.globalScript("Startup", g.StartupScript, g.StartupScriptTimeout)
	p.globalScript("Shutdown", g.ShutdownScript, g.ShutdownScriptTimeout)
}

func (p *printer) globalScript(what string, s *config.Script, timeout time.Duration) {
	if s != nil {
		p.line(" %s script = %s, timeout %d", what, p.script(s), wholeSeconds(timeout))
	}
}

func (p *printer) globalLVS(l *config.LVSGlobal) {
	for _, t := range []struct {
		name  string
		value *time.Duration
	}{{"TCP", l.TCPTimeout}, {"TCP FIN", l.TCPFinTimeout}, {"UDP", l.UDPTimeout}} {
		if t.value != nil {
			p.line(" LVS %s timeout = %d", t.name, wholeSeconds(*t.value))
		}
	}
	if d := l.SyncDaemon; d != nil {
		p.line(" LVS syncd vrrp name = %s", choose(d.Instance == "", "(none)", d.Instance))
		p.line(" LVS syncd interface = %s", d.Interface)
		p.line(" LVS syncd syncid = %d", d.ID)
	}
	p.line(" LVS flush = %s", trueFalse(l.Flush))
	flush := map[config.LVSFlush]string{config.FlushServers: "disabled", config.FlushAll: "all", config.FlushVS: "VS"}
	p.line(" LVS flush on stop = %s", flush[l.FlushOnStop])
	if l.NFTables != "" {
		p.line(" ipvs nftables table name = %s", l.NFTables)
		p.line(" ipvs nftables base chain priority = %d", l.NFTablesPriority)
		p.line(" ipvs nftables start fwmark = %d", l.NFTablesStartFwmark)
	}
}

func (p *printer) globalFIFOs(g *config.Global) {
	for _, f := range []struct {
		title string
		fifo  *config.FIFO
	}{{"Global notify fifo", &g.NotifyFIFO}, {"VRRP notify fifo", &g.VRRPNotifyFIFO}, {"LVS notify fifo", &g.LVSNotifyFIFO}} {
		if f.fifo.Path == "" {
			continue
		}
		p.line(" %s = %s%s", f.title, f.fifo.Path, p.runsAs(f.fifo.Owner()))
		if s := f.fifo.Script; s != nil {
			p.line(" %s script = %s '%s'%s", f.title, scriptText(s), f.fifo.Path, p.runsAs(s.RunsAs()))
		}
	}
	p.line(" FIFO write vrrp states on reload = %s", trueFalse(g.FIFOWriteStatesOnReload))
	p.line(" VRRP notify priority changes = %s", trueFalse(g.NotifyPriorityChanges))
}

func (p *printer) globalLinks(v *config.VRRPGlobal) {
	p.line(" Dynamic interfaces = %s", trueFalse(v.DynamicInterfaces))
	if v.DynamicInterfaces {
		p.line(" Allow interface changes = %s", trueFalse(v.AllowIfChanges))
	}
	p.line(" Default interface = %s", v.DefaultInterface)
	p.line(" Disable local IGMP = %s", yesNo(v.DisableLocalIGMP))
}

func (p *printer) globalVRRP(g *config.Global) {
	v := &g.VRRP
	p.line(" VRRP IPv4 mcast group = %s", v.MulticastGroup4)
	p.line(" VRRP IPv6 mcast group = %s", v.MulticastGroup6)
	p.line(" Gratuitous ARP delay = %s", seconds(v.GARPMasterDelay))
	p.line(" Gratuitous ARP repeat = %d", v.GARPMasterRepeat)
	p.line(" Gratuitous ARP refresh timer = %s", seconds(v.GARPMasterRefresh))
	p.line(" Gratuitous ARP refresh repeat = %d", v.GARPMasterRefreshRepeat)
	delay, repeat := v.GARPMasterDelay, v.GARPMasterRepeat
	if v.GARPLowerPrioDelay != nil {
		delay = *v.GARPLowerPrioDelay
	}
	if v.GARPLowerPrioRepeat != nil {
		repeat = *v.GARPLowerPrioRepeat
	}
	p.line(" Gratuitous ARP lower priority delay = %s", seconds(delay))
	p.line(" Gratuitous ARP lower priority repeat = %d", repeat)
	p.line(" Num adverts before down = %d", v.DownTimerAdverts)
	p.line(" Gratuitous ARP for each secondary VMAC = %ss", seconds(v.GARPExtraInterval))
	p.line(" Send advert after receive lower priority advert = %s", trueFalse(!v.LowerPrioNoAdvert))
	p.line(" Send advert after receive higher priority advert = %s", trueFalse(v.HigherPrioSendAdvert))
	p.line(" Gratuitous ARP interval = %.6f", v.GARPInterval.Seconds())
	p.line(" Gratuitous NA interval = %.6f", v.GNAInterval.Seconds())
	p.line(" VRRP default protocol version = %d", max(v.Version, 2))
	if v.NFTables != "" {
		p.line(" nftables table name = %s", v.NFTables)
		p.line(" nftables base chain priority = %d", v.NFTablesPriority)
		p.line(" nftables %sforce use ifindex for link local IPv6", choose(v.NFTablesIfindex, "", "don't "))
		p.line(" nftables with%s counters", choose(v.NFTablesCounters, "", "out"))
	}
	p.line(" VRRP check unicast_src = %s", trueFalse(v.CheckUnicastSource))
	p.line(" VRRP skip check advert addresses = %s", trueFalse(v.SkipCheckAdvertAddress))
	p.line(" VRRP strict mode = %s", trueFalse(v.Strict))
}

func (p *printer) globalProcesses(g *config.Global) {
	p.line(" Max auto priority = %s", choose(g.MaxAutoPriority == -1, "Disabled", fmt.Sprint(max(0, g.MaxAutoPriority))))
	p.line(" Min auto priority delay = %d usecs", g.MinAutoPriorityDelay.Microseconds())
	for _, child := range []struct {
		name string
		s    *config.ProcessSettings
	}{{"VRRP", &g.VRRPProcess}, {"Checker", &g.CheckerProcess}, {"BFD", &g.BFDProcess}} {
		p.line(" %s process priority = %d", child.name, child.s.Nice)
		p.line(" %s don't swap = %s", child.name, trueFalse(child.s.NoSwap))
		p.line(" %s realtime priority = %d", child.name, child.s.RTPriority)
		if len(child.s.CPUs) > 0 {
			p.line(" %s CPU Affinity = %s", child.name, strings.Trim(fmt.Sprint(child.s.CPUs), "[]"))
		}
		p.line(" %s realtime limit = %d", child.name, child.s.RTTime.Microseconds())
	}
}

// globalBuffers are the sizes of receive buffers in bytes, 0 for the kernel's.
func (p *printer) globalBuffers(g *config.Global) {
	for _, b := range []struct {
		name  string
		size  uint32
		force bool
	}{
		{"vrrp_netlink_cmd", g.VRRP.NetlinkCmdRcvBuf, g.VRRP.NetlinkCmdRcvBufForce},
		{"vrrp_netlink_monitor", g.VRRP.NetlinkMonitorRcvBuf, g.VRRP.NetlinkMonitorRcvBufForce},
		{"process_monitor", g.VRRP.ProcessMonitorRcvBuf, g.VRRP.ProcessMonitorRcvBufForce},
	} {
		p.line(" %s_rcv_bufs = %d", b.name, b.size)
		p.line(" %s_rcv_bufs_force = %d", b.name, oneZero(b.force))
	}
}

const defaultSNMPSocket = "unix:/var/agentx/master"

func (p *printer) globalAgents(g *config.Global) {
	s := &g.SNMP
	p.line(" SNMP vrrp %s", choose(s.VRRP, "enabled", "disabled"))
	p.line(" SNMP checker %s", choose(s.Checker, "enabled", "disabled"))
	p.line(" SNMP RFCv2 %s", choose(s.RFCv2, "enabled", "disabled"))
	p.line(" SNMP RFCv3 %s", choose(s.RFCv3, "enabled", "disabled"))
	p.line(" SNMP traps %s", choose(s.Traps, "enabled", "disabled"))
	p.line(" SNMP socket = %s", choose(s.Socket == defaultSNMPSocket, "default ("+defaultSNMPSocket+")", s.Socket))
	p.line(" DBus %s", choose(g.DBus.Enable, "enabled", "disabled"))
	p.line(" DBus service name = %s", g.DBus.ServiceName)
}
