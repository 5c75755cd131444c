package health

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// parseConfig reads the short notation of the scenarios. Each line is one
// block and its settings; a server belongs to the virtual server above it, a
// checker to the server above it:
//
//	global lvs_flush stop=all|vs no_checker_emails rs_init_notifies
//	group G 10.9.1.1:80 10.9.1.3-10.9.1.4:80 fwm:5
//	vs 10.9.1.1:80 | fwm:7 | group:G  [tcp|udp] sched=rr method=dr quorum=3
//	   hysteresis=1 omega ha_suspend alert persist=600 sorry=10.9.0.10:80 sorry_inhibit
//	rs 10.9.0.11:80 weight=3 inhibit upper=N lower=N quiet
//	tcp|udp|ping|smtp|dns|http|ssl|misc|file|bfd retry=1 every=1s before=1s warmup=0s
//	   alpha all (log_all_failures) to=ADDR:PORT (connect_ip) urls=3 fast dynamic
//	   name=NAME (script, file, session) fileweight=N reverse
func parseConfig(t *testing.T, text string) *config.Config {
	t.Helper()
	c := &config.Config{Global: config.NewGlobal()}
	var vs *config.VirtualServer
	var rs *config.RealServer
	users := map[string]int{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		o := options{t: t, words: words}
		switch words[0] {
		case "global":
			c.Global.LVS.Flush = o.has("lvs_flush")
			c.Global.NoCheckerEmails = o.has("no_checker_emails")
			c.Global.RSInitNotifies = o.has("rs_init_notifies")
			c.Global.LVS.FlushOnStop = map[string]config.LVSFlush{"": config.FlushServers, "all": config.FlushAll, "vs": config.FlushVS}[o.value("stop", "")]
		case "group":
			c.VirtualServerGroups = append(c.VirtualServerGroups, parseGroup(words))
		case "vs":
			vs = parseVirtualServer(o, users)
			c.VirtualServers = append(c.VirtualServers, vs)
		case "rs":
			at := netip.MustParseAddrPort(words[1])
			rs = &config.RealServer{
				Address: at.Addr(), Port: at.Port(), Forwarding: vs.Forwarding, Weight: o.number("weight", 1),
				InhibitOnFailure: o.has("inhibit"), SMTPAlert: !o.has("quiet"),
				UpperThreshold: uint32(o.number("upper", 0)), LowerThreshold: uint32(o.number("lower", 0)),
				Name: serverName(at, vs.Protocol),
			}
			vs.RealServers = append(vs.RealServers, rs)
		default:
			rs.Checkers = append(rs.Checkers, parseChecker(o, rs))
		}
	}
	return c
}

type options struct {
	t     *testing.T
	words []string
}

func (o options) has(word string) bool {
	for _, w := range o.words[1:] {
		if w == word {
			return true
		}
	}
	return false
}

func (o options) value(name, def string) string {
	for _, w := range o.words[1:] {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return def
}

func (o options) number(name string, def int) int {
	o.t.Helper()
	n, err := strconv.Atoi(o.value(name, strconv.Itoa(def)))
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o options) duration(name string, def time.Duration) time.Duration {
	o.t.Helper()
	d, err := time.ParseDuration(o.value(name, def.String()))
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

func serverName(at netip.AddrPort, p config.Protocol) string {
	return "[" + at.Addr().String() + "]:" + p.String() + ":" + strconv.Itoa(int(at.Port()))
}

func parseGroup(words []string) *config.VirtualServerGroup {
	g := &config.VirtualServerGroup{Name: words[1]}
	for _, w := range words[2:] {
		if mark, ok := strings.CutPrefix(w, "fwm:"); ok {
			n, _ := strconv.Atoi(mark)
			g.Entries = append(g.Entries, config.GroupEntry{IsFwmark: true, Fwmark: uint32(n)})
			continue
		}
		first, rest, ranged := strings.Cut(w, "-")
		if !ranged {
			at := netip.MustParseAddrPort(w)
			g.Entries = append(g.Entries, config.GroupEntry{First: at.Addr(), Last: at.Addr(), Port: at.Port()})
			continue
		}
		at := netip.MustParseAddrPort(rest)
		g.Entries = append(g.Entries, config.GroupEntry{First: netip.MustParseAddr(first), Last: at.Addr(), Port: at.Port()})
	}
	return g
}

func parseVirtualServer(o options, users map[string]int) *config.VirtualServer {
	vs := &config.VirtualServer{
		Family: config.IPv4, Protocol: config.TCP, Scheduler: o.value("sched", "rr"),
		Quorum: uint32(o.number("quorum", 1)), Hysteresis: uint32(o.number("hysteresis", 0)),
		Omega: o.has("omega"), HASuspend: o.has("ha_suspend"), SMTPAlert: o.has("alert"),
		PersistenceTimeout: time.Duration(o.number("persist", 0)) * time.Second,
	}
	if o.has("udp") {
		vs.Protocol = config.UDP
	}
	vs.Forwarding.Method = map[string]config.ForwardMethod{"nat": config.NAT, "dr": config.DR}[o.value("method", "nat")]
	what := o.words[1]
	if mark, ok := strings.CutPrefix(what, "fwm:"); ok {
		n, _ := strconv.Atoi(mark)
		vs.IsFwmark, vs.Fwmark, vs.Protocol, vs.Name = true, uint32(n), config.ProtocolNone, "FWM "+mark
	} else if group, ok := strings.CutPrefix(what, "group:"); ok {
		vs.Group, vs.Name = group, "["+group+"]:"+strconv.Itoa(users[group])
		users[group]++
	} else {
		at := netip.MustParseAddrPort(what)
		vs.Address, vs.Port, vs.Name = at.Addr(), at.Port(), serverName(at, vs.Protocol)
		vs.Family = config.FamilyOf(at.Addr())
	}
	if s := o.value("sorry", ""); s != "" {
		at := netip.MustParseAddrPort(s)
		vs.SorryServer = &config.SorryServer{Address: at.Addr(), Port: at.Port(), Forwarding: vs.Forwarding, Inhibit: o.has("sorry_inhibit")}
	}
	return vs
}

func parseChecker(o options, rs *config.RealServer) *config.Checker {
	kind, ok := map[string]config.CheckerKind{
		"tcp": config.CheckTCP, "udp": config.CheckUDP, "ping": config.CheckPING, "smtp": config.CheckSMTP,
		"dns": config.CheckDNS, "http": config.CheckHTTP, "ssl": config.CheckSSL, "misc": config.CheckMISC,
		"file": config.CheckFILE, "bfd": config.CheckBFD,
	}[o.words[0]]
	if !ok {
		o.t.Fatalf("unknown line %q", o.words)
	}
	every := o.duration("every", 10*time.Second)
	c := &config.Checker{
		Kind: kind, Destination: netip.AddrPortFrom(rs.Address, rs.Port), ConnectTimeout: 5 * time.Second,
		DelayLoop: every, Warmup: o.duration("warmup", 0), Retry: o.number("retry", 1),
		DelayBeforeRetry: o.duration("before", time.Second), Alpha: o.has("alpha"), LogAllFailures: o.has("all"),
	}
	if to := o.value("to", ""); to != "" {
		c.Destination = netip.MustParseAddrPort(to)
	}
	name := o.value("name", "")
	switch kind {
	case config.CheckHTTP, config.CheckSSL:
		c.HTTP = &config.HTTPCheck{FastRecovery: o.has("fast")}
		for i := range o.number("urls", 1) {
			c.HTTP.URLs = append(c.HTTP.URLs, &config.HTTPURL{Path: "/" + strconv.Itoa(i)})
		}
	case config.CheckSMTP:
		c.SMTP = &config.SMTPCheck{HELOName: "smtpchecker.keepalived.org"}
	case config.CheckDNS:
		c.DNS = &config.DNSCheck{Type: "SOA", Name: "."}
	case config.CheckMISC:
		c.Misc = &config.MiscCheck{Script: config.Script{Args: []string{name}}, Dynamic: o.has("dynamic")}
	case config.CheckUDP:
		c.UDP = &config.UDPCheck{}
	case config.CheckFILE:
		c.File = &config.FileCheck{TrackFile: name, Weight: o.number("fileweight", 0), Reverse: o.has("reverse")}
	case config.CheckBFD:
		c.BFD = name
	case config.CheckTCP, config.CheckPING:
	}
	return c
}
