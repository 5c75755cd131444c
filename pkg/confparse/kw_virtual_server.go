package confparse

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// serverDraft is a virtual_server while it is read.
type serverDraft struct {
	config.VirtualServer
	checks checkDefaults
	// weight is the default of the real servers.
	weight      int
	virtualhost string
	inhibit     bool
	fixedFamily bool
	sorry       *sorryDraft
	real        []*realDraft
	// lostChecker is set if a checker of a real server was dropped.
	lostChecker bool
}

// checkDefaults are the settings that checkers inherit; negative means not
// set.
type checkDefaults struct {
	retry                                               int
	delayBeforeRetry, warmup, connectTimeout, delayLoop time.Duration
}

func unsetChecks() checkDefaults {
	return checkDefaults{retry: -1, delayBeforeRetry: -1, warmup: -1, connectTimeout: -1, delayLoop: -1}
}

// settings are the defaults as SNMP shows them.
func (c *checkDefaults) settings(alpha bool, host string) config.CheckDefaults {
	return config.CheckDefaults{
		Retry: max(c.retry, 0), DelayLoop: max(c.delayLoop, 0), DelayBeforeRetry: max(c.delayBeforeRetry, 0),
		Warmup: max(c.warmup, 0), ConnectTimeout: max(c.connectTimeout, 0), Alpha: alpha, VirtualHost: host,
	}
}

// sorryDraft is a sorry_server while it is read.
type sorryDraft struct {
	config.SorryServer
	methodSet bool
	portSet   bool
}

func openServer(d *decoder, _ *drafts, s *Line) (*serverDraft, string) {
	w, ok := d.arg(s, 1)
	if !ok {
		return nil, ""
	}
	v := &serverDraft{VirtualServer: config.NewVirtualServer(), checks: unsetChecks(), weight: 1}
	switch w.Text {
	case "fwmark", "group":
		w2, ok := d.arg(s, 2)
		if !ok {
			return nil, ""
		}
		if w.Text == "group" {
			v.Group = w2.Text
			return v, "[" + w2.Text + "]"
		}
		n, problem := d.readInteger(w2, within(0, maxUint32).tolerant())
		if problem != "" {
			d.complain(w2, codeBlock, "virtual server fwmark '"+w2.Text+"' must be in [0, 4294967295] - ignoring", problem+"; the block is skipped", "")
			return nil, ""
		}
		v.IsFwmark, v.Fwmark = true, uint32(n)
		return v, "FWM " + w2.Text
	}
	a, port, ok := d.endpoint(s, "Invalid virtual server IP address/port ", "the block is skipped")
	if !ok {
		return nil, ""
	}
	v.Address, v.Port = a, port
	v.Family, v.fixedFamily = config.FamilyOf(a), true
	return v, a.String()
}

// endpoint reads the address and the optional port of a virtual or real
// server. Any run of zeros is no port.
func (d *decoder) endpoint(s *Line, bad, effect string) (a netip.Addr, port uint16, ok bool) {
	w := s.Words[1]
	shown := w.Text
	problem, hint := "not an address", addressHint(w.Text)
	a, ok = d.host(w)
	if ok && len(s.Words) > 2 {
		p := s.Words[2]
		shown += "/" + p.Text
		if strings.Trim(p.Text, "0") != "" || p.Text == "" {
			var n int64
			n, problem = d.readInteger(p, within(1, 65535))
			port, ok = uint16(n), problem == ""
			w, hint = p, "a port is a number from 1 to 65535"
		}
	} else if len(s.Words) > 2 {
		shown += "/" + s.Words[2].Text
	}
	if !ok {
		d.complain(w, codeBlock, bad+shown+" - skipping", problem+"; "+effect, valueHint(w, hint))
		d.noteRefusal(w.Range())
	}
	return a, port, ok
}

func closeServer(_ *decoder, r *drafts, v *serverDraft) { r.servers = append(r.servers, v) }

var virtualServer = newTable(
	serverChecks, serverScheduling, methodKeywords("lb_kind", "lvs_method"), serverPersistence, serverPool, serverSorry,
	[]Keyword[serverDraft]{
		Block("real_server", "<IP> [<PORT>]", realServer, Meta{
			Process: ProcChecker, Repeat: RepeatList, Range: "port 1-65535 (0 = none)", Default: "port absent=VS port (fwmark: 0)", OnBad: "the block is dropped",
			Doc: "One server that does the work.",
		}, func(r *realDraft) *config.Block { return &r.Block }, openRealServer, closeRealServer),
	})

func serverTimer(name, words string, field func(*serverDraft) *time.Duration, l decimal, m Meta) Keyword[serverDraft] {
	m.Process = ProcChecker
	m.Bad = "virtual server " + words + " invalid - ignoring"
	return Timer(name, field, l, m)
}

var (
	zeroOrMore  = decimal{max: math.MaxUint64 - 1, places: 6, unit: time.Second}
	oneOrMore   = decimal{min: 1, max: math.MaxUint64 - 1, places: 6, unit: time.Second}
	connectTime = seconds(1, maxTimer)
)

var serverChecks = []Keyword[serverDraft]{
	Custom("ip_family", "inet|inet6", Meta{
		Process: ProcChecker, Repeat: RepeatFirst, Default: "from the addresses, else inet", Doc: "Family of a service by firewall mark.",
	}, readServerFamily),
	Number("retry", func(v *serverDraft) *int { return &v.checks.retry }, within(1, maxUint32), Meta{
		Process: ProcChecker, Default: "checker's default", Bad: "retry value invalid - %v", Doc: "Default of retry in the real servers.",
	}),
	serverTimer("delay_before_retry", "delay before retry '%v'", func(v *serverDraft) *time.Duration { return &v.checks.delayBeforeRetry }, zeroOrMore, Meta{
		Range: "0 or more s, microseconds", Default: "checker's default", Doc: "Default of delay_before_retry in the real servers.",
	}),
	serverTimer("warmup", "warmup '%v'", func(v *serverDraft) *time.Duration { return &v.checks.warmup }, zeroOrMore, Meta{
		Range: "0 or more s, microseconds", Default: "delay_loop", Doc: "Default of warmup in the real servers.",
	}),
	serverTimer("connect_timeout", "connect_timeout %v", func(v *serverDraft) *time.Duration { return &v.checks.connectTimeout }, connectTime, Meta{
		Default: "5", Doc: "Default of connect_timeout in the real servers.",
	}),
	serverTimer("delay_loop", "delay loop '%v'", func(v *serverDraft) *time.Duration { return &v.checks.delayLoop }, oneOrMore, Meta{
		Default: "60", Doc: "Default of delay_loop in the real servers.",
	}),
	LaxBool("inhibit_on_failure", func(v *serverDraft) *bool { return &v.inhibit }, Meta{
		Process: ProcChecker, Doc: "Keep failed real servers in the table with weight 0.",
	}),
	LaxBool("alpha", func(v *serverDraft) *bool { return &v.Alpha }, Meta{
		Process: ProcChecker, Doc: "Real servers are down until their first check succeeds.",
	}),
	Flag("omega", func(v *serverDraft) *bool { return &v.Omega }, true, Meta{
		Process: ProcChecker, Doc: "Run the notify scripts for down at the stop of the daemon.",
	}),
	Flag("ha_suspend", func(v *serverDraft) *bool { return &v.HASuspend }, true, Meta{
		Process: ProcChecker, Doc: "Suspend the checks while the address is not on this host.",
	}),
	Bool("smtp_alert", func(v *serverDraft) *bool { return &v.SMTPAlert }, Meta{
		Process: ProcChecker, Default: "smtp_alert_checker, else smtp_alert, else no", Bad: "Invalid virtual_server smtp_alert parameter %v", Doc: "Mail when the quorum changes.",
	}),
	ReplacedText("virtualhost", "<STRING>", func(v *serverDraft) *string { return &v.virtualhost }, "virtual server virtualhost is already set - replacing it with %v", Meta{
		Process: ProcChecker, Default: "none", Missing: "virtual server virtualhost missing", Doc: "Default Host of HTTP and SSL checks.",
	}),
	snmpName("virtual server", func(v *serverDraft) *string { return &v.SNMPName }),
}

func snmpName[T any](what string, field func(*T) *string) Keyword[T] {
	return Custom("snmp_name", "<STRING>", Meta{
		Process: ProcChecker, Range: "one word", Default: "none", Missing: what + " snmp_name missing or extra parameters", Doc: "Name in SNMP.",
	}, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if len(s.Words) > 2 {
			return d.refuse(s.Words[2], what+" snmp_name missing or extra parameters", "one word is wanted")
		}
		if p := field(t); *p != "" {
			d.adjust(w, what+" snmp_name is already set - replacing it with "+w.Text, "the earlier value is replaced")
		}
		*field(t) = w.Text
		return true
	})
}

func readServerFamily(d *decoder, v *serverDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	family := config.IPv4
	switch w.Text {
	case "inet":
	case "inet6":
		family = config.IPv6
	default:
		return d.refuse(w, "unknown address family "+w.Text, "inet and inet6 are known")
	}
	if v.Family != config.FamilyNone && v.Family != family {
		return d.refuse(w, "Virtual server specified family "+w.Text+" conflicts with server family", "")
	}
	v.Family, v.fixedFamily = family, true
	return true
}

// schedulers are what lvs_sched knows.
var schedulers = []string{"rr", "wrr", "lc", "wlc", "lblc", "sh", "mh", "dh", "fo", "ovf", "lblcr", "sed", "nq", "twos"}

func scheduler(name string, m Meta) Keyword[serverDraft] {
	m.Process, m.Range, m.Default = ProcChecker, strings.Join(schedulers, " "), "wlc with a config error message"
	m.Doc = "Scheduler."
	return Custom(name, "<SCHED>", m, func(d *decoder, v *serverDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		for _, known := range schedulers {
			if known == w.Text {
				v.Scheduler = w.Text
				return true
			}
		}
		d.complain(w, codeBadValue, "Invalid lvs_scheduler '"+w.Text+"' - ignoring", "the line is ignored", otherwise(suggestWord(w.Text, schedulers), d.syntaxHint()))
		d.noteRefusal(w.Range())
		return false
	})
}

var serverScheduling = []Keyword[serverDraft]{
	scheduler("lb_algo", Meta{Alias: "lvs_sched"}),
	scheduler("lvs_sched", Meta{}),
	schedulerFlag("hashed", "sh", 0, StatusNoEffect, "Nothing."),
	serviceFlag("ops", config.ServiceOnePacket, "One-packet scheduling, for UDP."),
	serviceFlag("flag-1", config.ServiceSched1, "First flag of the scheduler."),
	serviceFlag("flag-2", config.ServiceSched2, "Second flag of the scheduler."),
	serviceFlag("flag-3", config.ServiceSched3, "Third flag of the scheduler."),
	schedulerFlag("sh-port", "sh", config.ServiceSched2, StatusActed, "Scheduler sh: put the port into the hash; it must follow lvs_sched."),
	schedulerFlag("sh-fallback", "sh", config.ServiceSched1, StatusActed, "Scheduler sh: fall back to another server; it must follow lvs_sched."),
	schedulerFlag("mh-port", "mh", config.ServiceSched2, StatusActed, "Scheduler mh: put the port into the hash; it must follow lvs_sched."),
	schedulerFlag("mh-fallback", "mh", config.ServiceSched1, StatusActed, "Scheduler mh: fall back to another server; it must follow lvs_sched."),
}

func serviceFlag(name string, bit config.ServiceFlags, doc string) Keyword[serverDraft] {
	return Custom(name, "", Meta{
		Process: ProcChecker, Repeat: RepeatOnce, Default: "off", Bare: "on", Doc: doc,
	}, func(_ *decoder, v *serverDraft, _ *Line) bool {
		v.Flags |= bit
		return true
	})
}

// schedulerFlag is a flag of one scheduler, the one that was named so far.
func schedulerFlag(name, only string, bit config.ServiceFlags, status Status, doc string) Keyword[serverDraft] {
	value := "off"
	if bit == 0 {
		value = ""
	}
	return Custom(name, "", Meta{
		Process: ProcChecker, Repeat: RepeatOnce, Default: value, Bare: strings.Replace(value, "off", "on", 1), Status: status, Doc: doc,
	}, func(d *decoder, v *serverDraft, s *Line) bool {
		switch v.Scheduler {
		case only:
			v.Flags |= bit
			return true
		case "sh", "mh":
			if name != "hashed" {
				d.own(s, codeOwnOrder, name+" has no effect with scheduler "+v.Scheduler, "the line is ignored", "")
			}
			return false
		}
		hint := ""
		if v.Scheduler == "" {
			hint = "put it after lvs_sched " + only
		}
		d.complain(s.Words[0], codeOrder, name+" only applies to sh scheduler - ignoring", "the line is ignored", hint)
		return false
	})
}

var serverPersistence = []Keyword[serverDraft]{
	Custom("persistence_engine", "<NAME>", Meta{
		Process: ProcChecker, Range: "1-15 characters", Default: "none", OnBad: "the name is cut", Doc: "IPVS persistence engine, such as sip.",
	}, func(d *decoder, v *serverDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v.PersistenceEngine = w.Text
		if len(w.Text) > 15 {
			v.PersistenceEngine = w.Text[:15]
			d.adjust(w, "persistence_name too long, truncating - "+w.Text, "'"+v.PersistenceEngine+"' is used")
		}
		return true
	}),
	newEntry("persistence_timeout", "[<SECS>]", "1-2678400 s", Meta{
		Process: ProcChecker, Default: "0 (off)", Bare: "360", Bad: "persistence_timeout invalid", OnBad: "the line is ignored; without it there is no persistence", Doc: "How long a client stays with its server.",
	}, func(d *decoder, v *serverDraft, s *Line) bool {
		n, ok := int64(360), true
		if len(s.Words) > 1 {
			n, ok = d.number(s.Words[1], within(1, maxLVSTimer))
		}
		if ok {
			v.PersistenceTimeout = time.Duration(n) * time.Second
		}
		return ok
	}),
	Custom("persistence_granularity", "<NETMASK> or <PREFIX>", Meta{
		Process: ProcChecker, Range: "IPv4: dotted mask (need not be contiguous); IPv6: 1-128", Default: "255.255.255.255 or 128",
		Doc: "Part of the client's address that counts for persistence.",
	}, readGranularity),
}

// readGranularity reads a dotted mask for IPv4 or a length for IPv6, and
// turns persistence on.
func readGranularity(d *decoder, v *serverDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	family := v.Family
	if family == config.FamilyNone {
		if _, err := strconv.ParseUint(w.Text, 10, 32); err == nil {
			family = config.IPv6
		} else {
			family = config.IPv4
		}
	}
	if family == config.IPv6 {
		n, problem := d.readInteger(w, within(1, 128))
		if problem != "" {
			return d.refuse(w, "Invalid IPv6 persistence_granularity specified - "+w.Text, problem)
		}
		v.PersistenceMask6 = uint8(n)
	} else {
		mask, ok := parseMask(w.Text)
		if !ok {
			return d.refuse(w, "Invalid IPv4 persistence_granularity specified - "+w.Text, "a mask such as 255.255.255.0 is wanted")
		}
		v.PersistenceMask4 = mask
		if n, err := strconv.Atoi(w.Text); err == nil && n <= 32 {
			d.own(w, codeOwnDropped, w.Text+" is the mask "+netip.AddrFrom4(mask).String(), "as a number it fills the low bits", "write the mask with dots, as 255.255.255.0")
		}
	}
	v.Family = family
	if v.PersistenceTimeout == 0 {
		v.PersistenceTimeout = 360 * time.Second
	}
	return true
}

// parseMask reads an IPv4 mask as inet_aton does: a plain number fills the
// low bytes.
func parseMask(word string) ([4]byte, bool) {
	if a, err := netip.ParseAddr(word); err == nil && a.Is4() {
		return a.As4(), true
	}
	n, err := strconv.ParseUint(word, 0, 32)
	if err != nil {
		return [4]byte{}, false
	}
	return [4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, true
}

var serverPool = []Keyword[serverDraft]{
	Custom("protocol", "TCP|UDP|SCTP", Meta{
		Process: ProcChecker, Range: "case-insensitive", Default: "UDP with a config error message", Doc: "Transport protocol.",
	}, func(d *decoder, v *serverDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		switch strings.ToUpper(w.Text) {
		case "TCP":
			v.Protocol = config.TCP
		case "UDP":
			v.Protocol = config.UDP
		case "SCTP":
			v.Protocol = config.SCTP
		default:
			return d.refuse(w, "Unknown protocol "+w.Text+" - ignoring", "")
		}
		return true
	}),
	Script("quorum_up", func(v *serverDraft) **config.Script { return &v.QuorumUp }, "(%n) quorum_up script already specified - ignoring", Meta{
		Process: ProcChecker, Default: "none", OnBad: "the script is ignored", Doc: "Run when the quorum is gained.",
	}),
	Script("quorum_down", func(v *serverDraft) **config.Script { return &v.QuorumDown }, "(%n) quorum_down script already specified - ignoring", Meta{
		Process: ProcChecker, Default: "none", OnBad: "the script is ignored", Doc: "Run when the quorum is lost.",
	}),
	Number("quorum", func(v *serverDraft) *uint32 { return &v.Quorum }, within(1, maxUint32).tolerant().orElse(1), Meta{
		Process: ProcChecker, Default: "1", OnBad: "1 is used", Bad: "Quorum %v must be in [1, 4294967295]. Setting to 1.", Doc: "Sum of weights that the service needs.",
	}),
	Number("hysteresis", func(v *serverDraft) *uint32 { return &v.Hysteresis }, within(0, maxUint32).tolerant(), Meta{
		Process: ProcChecker, Range: "0-4294967295; below quorum", Default: "0", Bad: "Hysteresis %v must be in [0, 4294967295] - ignoring",
		Doc: "How far the sum may fall below the quorum, and must rise above it.",
	}),
	Number("weight", func(v *serverDraft) *int { return &v.weight }, within(1, 1<<31-1).tolerant(), Meta{
		Process: ProcChecker, Default: "1", Bad: "Virtual server weight %v is outside range 1-2147483647", Doc: "Default weight of the real servers.",
	}),
}

var serverSorry = []Keyword[serverDraft]{
	Custom("sorry_server", "<IP> [<PORT>]", Meta{
		Process: ProcChecker, Range: "port 1-65535 (0 = none)", Default: "none; port absent=VS port", Doc: "Server that is used without a quorum.",
	}, readSorryServer),
	Custom("sorry_server_inhibit", "", Meta{
		Process: ProcChecker, Repeat: RepeatOnce, Default: "off", Bare: "on", Doc: "Keep the sorry server in the table with weight 0 while it is not used; it must follow sorry_server.",
	}, func(d *decoder, v *serverDraft, s *Line) bool {
		if v.sorry == nil {
			d.complain(s, codeOrder, "Ignoring sorry_server inhibit used before or without sorry_server", "the line is ignored", "put it after sorry_server")
			return false
		}
		v.sorry.Inhibit = true
		return true
	}),
	withRows(Custom("sorry_server_lvs_method", "NAT|DR|TUN [options]", Meta{
		Process: ProcChecker, Range: "see rows", Default: "VS method", Doc: "Forwarding method of the sorry server; it must follow sorry_server.",
	}, func(d *decoder, v *serverDraft, s *Line) bool {
		if v.sorry == nil {
			d.complain(s, codeOrder, "sorry_server forwarding used without sorry_server", "the line is ignored", "put it after sorry_server")
			return false
		}
		if d.method(s, &v.sorry.Forwarding, "sorry server") {
			v.sorry.methodSet = true
			return true
		}
		return false
	}), methodRows),
}

func readSorryServer(d *decoder, v *serverDraft, s *Line) bool {
	w, ok := d.arg(s, 1)
	if !ok {
		return false
	}
	a, ok := d.host(w)
	problem := "not an address"
	var port uint16
	if ok && len(s.Words) > 2 {
		if p := s.Words[2]; strings.Trim(p.Text, "0") != "" || p.Text == "" {
			var n int64
			n, problem = d.readInteger(p, within(1, 65535))
			port, ok = uint16(n), problem == ""
		}
	}
	if !ok {
		return d.refuse(w, "Invalid sorry server IP address "+w.Text+" - skipping", problem)
	}
	v.sorry = &sorryDraft{portSet: port != 0}
	v.sorry.Head = s.Range()
	v.sorry.Range = v.sorry.Head
	v.sorry.Address, v.sorry.Port = a, port
	if v.Forwarding.Method != config.ForwardNone {
		v.sorry.Forwarding, v.sorry.methodSet = v.Forwarding, true
	}
	return true
}
