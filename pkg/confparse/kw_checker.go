package confparse

import (
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// checkerDraft is a checker block while it is read.
type checkerDraft struct {
	config.Checker
	// ip and port are connect_ip and connect_port.
	ip   netip.Addr
	port uint16
	// alpha and logAll are 1 for yes, 0 for no, -1 when not written.
	alpha, logAll int8
	virtualhost   string
	// sni is enable_sni, or a sni_name.
	sni           bool
	urls          []*urlDraft
	hosts         []*checkerDraft
	fileWeightSet bool
	bfdBad        bool
	// refused is the word that the checker is dropped for, if one is.
	refused diag.Range
}

func newChecker(kind config.CheckerKind) *checkerDraft {
	c := &checkerDraft{alpha: -1, logAll: -1}
	c.Kind = kind
	c.ConnectTimeout, c.DelayLoop, c.Warmup, c.Retry, c.DelayBeforeRetry = -1, -1, -1, -1, -1
	return c
}

// checkerBlock is the keyword of one kind of checker. make fills in what the
// kind needs; closed, if any, looks at the finished block and says whether
// the checker is used.
func checkerBlock(kind config.CheckerKind, tab *table[checkerDraft], doc, bad string, fill func(*checkerDraft), closed func(*decoder, *realDraft, *checkerDraft) bool) Keyword[realDraft] {
	return Block(kind.String(), "", tab, Meta{
		Process: ProcChecker, Repeat: RepeatList, OnBad: "the checker is dropped", Doc: doc, Range: bad,
	}, func(c *checkerDraft) *config.Block { return &c.Block },
		func(*decoder, *realDraft, *Line) (*checkerDraft, string) {
			c := newChecker(kind)
			if fill != nil {
				fill(c)
			}
			return c, ""
		}, func(d *decoder, r *realDraft, c *checkerDraft) {
			if closed == nil || closed(d, r, c) {
				r.checkers = append(r.checkers, c)
			} else if len(c.hosts) == 0 {
				r.lostChecker = true
			}
		})
}

var checkerBlocks = []Keyword[realDraft]{
	checkerBlock(config.CheckMISC, miscCheck, "Run a script.", "", func(c *checkerDraft) { c.Misc = &config.MiscCheck{Timeout: -1} }, closeMisc),
	checkerBlock(config.CheckSMTP, smtpCheck, "SMTP dialogue.", "", func(c *checkerDraft) { c.SMTP = &config.SMTPCheck{} }, closeSMTPCheck),
	checkerBlock(config.CheckTCP, tcpCheck, "TCP connect.", "", nil, nil),
	checkerBlock(config.CheckPING, pingCheck, "ICMP echo.", "", nil, nil),
	checkerBlock(config.CheckUDP, udpCheck, "UDP datagram.", "", func(c *checkerDraft) { c.UDP = config.NewUDPCheck() }, closeUDP),
	checkerBlock(config.CheckHTTP, httpGet, "HTTP request.", "", func(c *checkerDraft) { c.HTTP = &config.HTTPCheck{} }, closeHTTP),
	checkerBlock(config.CheckSSL, sslGet, "HTTPS request.", "", func(c *checkerDraft) { c.HTTP = &config.HTTPCheck{} }, closeHTTP),
	checkerBlock(config.CheckDNS, dnsCheck, "DNS query over UDP.", "", func(c *checkerDraft) { c.DNS = config.NewDNSCheck() }, nil),
	checkerBlock(config.CheckFILE, fileCheck, "Weight from a track_file.", "", func(c *checkerDraft) { c.File = &config.FileCheck{} }, closeFile),
	checkerBlock(config.CheckBFD, bfdCheck, "State of a BFD session.", "", nil, closeBFDCheck),
}

var (
	tcpCheck  = newTable(connectKeywords, retryKeywords("1", "1"))
	pingCheck = newTable(connectKeywords, retryKeywords("1", "1"))
	udpCheck  = newTable(connectKeywords, retryKeywords("1", "1"), udpKeywords)
)

// connectKeywords are those of the checkers that open a connection.
var connectKeywords = []Keyword[checkerDraft]{
	Custom("connect_ip", "<IP>", Meta{
		Process: ProcChecker, Default: "real server address", Bad: "Invalid connect_ip address %v - ignoring", OnBad: "the address of the real server is used", Doc: "Destination address.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		a, ok := d.host(w)
		if !ok {
			c.ip = netip.Addr{}
			return d.refuse(w, "Invalid connect_ip address "+w.Text+" - ignoring", "")
		}
		if c.BindAddr.IsValid() && c.BindAddr.Is4() != a.Is4() {
			c.ip = netip.Addr{}
			return d.refuse(w, "connect_ip address "+w.Text+" does not match address family of bindto - skipping", "")
		}
		c.ip = a
		return true
	}),
	Number("connect_port", func(c *checkerDraft) *uint16 { return &c.port }, within(1, 65535).tolerant(), Meta{
		Process: ProcChecker, Args: "<PORT>", Default: "real server port", Bad: "Invalid checker connect_port '%v'", Doc: "Destination port.",
	}),
	Custom("bindto", "<IP>", Meta{
		Process: ProcChecker, Range: "family of the destination", Default: "any", Doc: "Source address.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		a, ok := d.host(w)
		if !ok {
			return d.refuse(w, "Invalid bindto address "+w.Text+" - ignoring", "")
		}
		if c.ip.IsValid() && c.ip.Is4() != a.Is4() {
			return d.refuse(w, "bindto address "+w.Text+" does not match address family of connect_ip - skipping", "")
		}
		c.BindAddr = a
		return true
	}),
	Number("bind_port", func(c *checkerDraft) *uint16 { return &c.BindPort }, within(1, 65535).tolerant(), Meta{
		Process: ProcChecker, Args: "<PORT>", Default: "any", Bad: "Invalid checker bind_port '%v'", Doc: "Source port.",
	}),
	Interface("bind_if", func(c *checkerDraft) *string { return &c.BindIf }, "Interface name %v is too long - ignoring", Meta{
		Process: ProcChecker, Default: "none", Doc: "Source interface.",
	}),
	Timer("connect_timeout", func(c *checkerDraft) *time.Duration { return &c.ConnectTimeout }, connectTime, Meta{
		Process: ProcChecker, Default: "RS value, else VS value (5)", Bad: "connect_timeout %v invalid - ignoring", Doc: "How long a check may take.",
	}),
	Number("fwmark", func(c *checkerDraft) *uint32 { return &c.Fwmark }, within(0, maxUint32).tolerant(), Meta{
		Process: ProcChecker, Default: "0 (none)", Bad: "Invalid fwmark connection value '%v'", Doc: "Firewall mark of the packets.",
	}),
}

// retryKeywords are those of every checker that runs by the clock.
func retryKeywords(retry, delay string) []Keyword[checkerDraft] {
	return []Keyword[checkerDraft]{
		Number("retry", func(c *checkerDraft) *int { return &c.Retry }, within(0, maxUint32).tolerant(), Meta{
			Process: ProcChecker, Default: "RS value, else " + retry, Bad: "Invalid retry connection value '%v'", Doc: "Failures that are tolerated.",
		}),
		Timer("delay_before_retry", func(c *checkerDraft) *time.Duration { return &c.DelayBeforeRetry }, zeroOrMore, Meta{
			Process: ProcChecker, Range: "0 or more s, microseconds", Default: "RS value, else " + delay, Bad: "Invalid delay_before_retry connection value '%v'", Doc: "Wait before a retry.",
		}),
		Timer("warmup", func(c *checkerDraft) *time.Duration { return &c.Warmup }, zeroOrMore, Meta{
			Process: ProcChecker, Range: "0 or more s, microseconds", Default: "RS value, else delay_loop", Bad: "Invalid warmup connection value '%v'", Doc: "Longest random delay of the first check.",
		}),
		Timer("delay_loop", func(c *checkerDraft) *time.Duration { return &c.DelayLoop }, oneOrMore, Meta{
			Process: ProcChecker, Default: "RS value, else VS value (60)", Bad: "delay_loop '%v' is invalid - ignoring", Doc: "Time between checks.",
		}),
		alphaKeyword,
		triState("log_all_failures", func(c *checkerDraft) *int8 { return &c.logAll }, Meta{
			Default: "checker_log_all_failures", Bad: "Invalid log_all_failures parameter %v", Doc: "Log every failure.",
		}),
	}
}

var alphaKeyword = triState("alpha", func(c *checkerDraft) *int8 { return &c.alpha }, Meta{
	Default: "RS setting", Bad: "Invalid alpha parameter %v", Doc: "The checker counts as failed until its first success.",
})

var miscCheck = newTable(retryKeywords("0", "1"), []Keyword[checkerDraft]{
	Command("misc_path", func(c *checkerDraft, script *config.Script) {
		user := c.Misc.Script.User
		c.Misc.Script = *script
		c.Misc.Script.User = user
	}, Meta{
		Process: ProcChecker, Required: true, OnBad: "the checker is dropped", Doc: "Command line; one quoted string is split into words.",
	}),
	Span("misc_timeout", func(c *checkerDraft) *time.Duration { return &c.Misc.Timeout }, within(0, 4294).tolerant(), time.Second, Meta{
		Process: ProcChecker, Default: "delay_loop of the virtual server", Bad: "Invalid misc_timeout value '%v'", Doc: "The script is killed after this time, and counts as failed.",
	}),
	Flag("misc_dynamic", func(c *checkerDraft) *bool { return &c.Misc.Dynamic }, true, Meta{
		Process: ProcChecker, Doc: "Exit codes from 2 to 255 set the weight.",
	}),
	Custom("user", "<USER> [[:]<GROUP>]", Meta{
		Process: ProcChecker, Range: "existing", Default: "script_user", Missing: "No user specified for misc checker script", Doc: "User that runs the script.",
	}, func(d *decoder, c *checkerDraft, s *Line) bool {
		if _, ok := d.arg(s, 1); !ok {
			return false
		}
		c.Misc.Script.User = d.scriptUser(wordTexts(s.Words[1:]))
		return true
	}),
})

func closeMisc(d *decoder, _ *realDraft, c *checkerDraft) bool {
	if len(c.Misc.Script.Args) == 0 {
		d.drop(&c.Block, codeIncomplete, "No script path has been specified for MISC_CHECKER - skipping", "write misc_path")
		return false
	}
	return true
}

var heloName = ReplacedText("helo_name", "<STRING>", func(c *checkerDraft) *string { return &c.SMTP.HELOName }, "SMTP_CHECK helo name already specified - replacing", Meta{
	Process: ProcChecker, Default: "smtpchecker.keepalived.org", Missing: "SMTP_CHECK helo name missing", Doc: "Name in HELO.",
})

var smtpCheck = newTable(connectKeywords, retryKeywords("1", "1"), []Keyword[checkerDraft]{
	heloName,
	Block("host", "", smtpHost, Meta{
		Process: ProcChecker, Repeat: RepeatList, Default: "one check of the real server", OnBad: "the host is dropped", LogOnly: true,
		Deprecated: "SMTP_CHECK host is deprecated. Please use additional SMTP_CHECKs",
		Doc:        "A further destination; it becomes a checker of its own.",
	}, func(c *checkerDraft) *config.Block { return &c.Block }, openSMTPHost, func(_ *decoder, c, host *checkerDraft) {
		c.hosts = append(c.hosts, host)
	}),
})

// smtpHost is the block host. Its settings are its own, where those of
// keepalived end up in the SMTP_CHECK around it.
var smtpHost = newTable(connectKeywords, retryKeywords("1", "1"))

func openSMTPHost(_ *decoder, c *checkerDraft, _ *Line) (*checkerDraft, string) {
	h := newChecker(config.CheckSMTP)
	h.SMTP = c.SMTP
	return h, ""
}

// closeSMTPCheck turns hosts into checkers; without any the SMTP_CHECK is one.
func closeSMTPCheck(_ *decoder, r *realDraft, c *checkerDraft) bool {
	if c.SMTP.HELOName == "" {
		c.SMTP.HELOName = "smtpchecker.keepalived.org"
	}
	for _, h := range c.hosts {
		h.inherit(c)
		r.checkers = append(r.checkers, h)
	}
	return len(c.hosts) == 0
}

// inherit takes from c what h does not set itself.
func (h *checkerDraft) inherit(c *checkerDraft) {
	if h.ConnectTimeout < 0 {
		h.ConnectTimeout = c.ConnectTimeout
	}
	if h.Retry < 0 {
		h.Retry = c.Retry
	}
	if h.DelayBeforeRetry < 0 {
		h.DelayBeforeRetry = c.DelayBeforeRetry
	}
	if h.Warmup < 0 {
		h.Warmup = c.Warmup
	}
	if h.DelayLoop < 0 {
		h.DelayLoop = c.DelayLoop
	}
	if h.alpha < 0 {
		h.alpha = c.alpha
	}
	if h.logAll < 0 {
		h.logAll = c.logAll
	}
	if !h.BindAddr.IsValid() && (!h.ip.IsValid() || h.ip.Is4() == c.BindAddr.Is4()) {
		h.BindAddr = c.BindAddr
	}
	if h.BindPort == 0 {
		h.BindPort = c.BindPort
	}
	if h.BindIf == "" {
		h.BindIf = c.BindIf
	}
	if h.Fwmark == 0 {
		h.Fwmark = c.Fwmark
	}
}
