package confparse

import (
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// realDraft is a real_server while it is read.
type realDraft struct {
	config.RealServer
	checks      checkDefaults
	virtualhost string
	methodSet   bool
	portSet     bool
	// alpha and inhibit are 1 for yes, 0 for no, -1 when not written.
	alpha, inhibit, alert int8
	checkers              []*checkerDraft
	// lostChecker is set if a checker was dropped.
	lostChecker bool
}

func openRealServer(d *decoder, v *serverDraft, s *Line) (*realDraft, string) {
	if _, ok := d.arg(s, 1); !ok {
		return nil, ""
	}
	a, port, ok := d.endpoint(s, "Invalid real server ip address/port ", "the block is skipped")
	if !ok {
		return nil, ""
	}
	r := &realDraft{checks: unsetChecks(), alpha: -1, inhibit: -1, alert: -1, portSet: port != 0}
	r.Address, r.Port, r.Weight = a, port, 1
	if v.Forwarding.Method != config.ForwardNone {
		r.Forwarding, r.methodSet = v.Forwarding, true
	}
	return r, a.String()
}

// closeRealServer takes the server unless its family does not fit. The family
// of a virtual server by firewall mark is that of its first server.
func closeRealServer(d *decoder, v *serverDraft, r *realDraft) {
	v.lostChecker = v.lostChecker || r.lostChecker || !d.cause.IsZero()
	tunnelled := r.Forwarding.Method == config.TUN
	family := config.FamilyOf(r.Address)
	if !tunnelled {
		if v.Family == config.FamilyNone && v.Group == "" {
			v.Family = family
		} else if v.Family != config.FamilyNone && v.Family != family {
			d.drop(&r.Block, codeConflict, "Address family of virtual server and real server "+r.Address.String()+" don't match - skipping real server.", "only tunnels may change the family")
			return
		}
	}
	v.real = append(v.real, r)
}

var realServer = newTable([]Keyword[realDraft]{
	Number("weight", func(r *realDraft) *int { return &r.Weight }, within(0, 1<<31-1).tolerant(), Meta{
		Process: ProcChecker, Default: "VS weight (1)", Bad: "Real server weight %v is outside range 0-2147483647", Doc: "IPVS weight.",
	}),
	withRows(Custom("lvs_method", "NAT|DR|TUN [options]", Meta{
		Process: ProcChecker, Range: "see rows", Default: "VS method at this point, else final VS method", Doc: "Forwarding method.",
	}, func(d *decoder, r *realDraft, s *Line) bool {
		if d.method(s, &r.Forwarding, "real server") {
			r.methodSet = true
			return true
		}
		return false
	}), methodRows),
	Number("uthreshold", func(r *realDraft) *uint32 { return &r.UpperThreshold }, within(0, maxUint32).tolerant(), Meta{
		Process: ProcChecker, Default: "0 (none)", Bad: "Invalid real_server uthreshold '%v' - ignoring", Doc: "Connections above which the server gets no new ones.",
	}),
	Number("lthreshold", func(r *realDraft) *uint32 { return &r.LowerThreshold }, within(0, maxUint32).tolerant(), Meta{
		Process: ProcChecker, Default: "0 (none)", Bad: "Invalid real_server lthreshold '%v' - ignoring", Doc: "Connections below which it gets new ones again.",
	}),
	triState("inhibit_on_failure", func(r *realDraft) *int8 { return &r.inhibit }, Meta{
		Default: "VS setting", Bad: "Invalid inhibit_on_failure parameter %v", Doc: "Keep the failed server in the table with weight 0.",
	}),
	Script("notify_up", func(r *realDraft) **config.Script { return &r.NotifyUp }, "(%n) notify_up script already specified - ignoring", Meta{
		Process: ProcChecker, Default: "none", OnBad: "the script is ignored", Doc: "Run when the server comes up.",
	}),
	Script("notify_down", func(r *realDraft) **config.Script { return &r.NotifyDown }, "(%n) notify_down script already specified - ignoring", Meta{
		Process: ProcChecker, Default: "none", OnBad: "the script is ignored", Doc: "Run when the server goes down.",
	}),
	triState("alpha", func(r *realDraft) *int8 { return &r.alpha }, Meta{
		Default: "VS setting", Bad: "Invalid alpha parameter %v", Doc: "The server is down until its first check succeeds.",
	}),
	Number("retry", func(r *realDraft) *int { return &r.checks.retry }, within(1, maxUint32), Meta{
		Process: ProcChecker, Default: "VS value", Bad: "retry value invalid - %v", Doc: "Default of retry in the checkers.",
	}),
	realTimer("delay_before_retry", "delay_before_retry '%v'", func(r *realDraft) *time.Duration { return &r.checks.delayBeforeRetry }, zeroOrMore, Meta{
		Range: "0 or more s, microseconds", Doc: "Default of delay_before_retry in the checkers.",
	}),
	realTimer("warmup", "warmup '%v'", func(r *realDraft) *time.Duration { return &r.checks.warmup }, zeroOrMore, Meta{
		Range: "0 or more s, microseconds", Doc: "Default of warmup in the checkers.",
	}),
	realTimer("connect_timeout", "connect_timeout %v", func(r *realDraft) *time.Duration { return &r.checks.connectTimeout }, connectTime, Meta{
		Doc: "Default of connect_timeout in the checkers.",
	}),
	realTimer("delay_loop", "delay_loop '%v'", func(r *realDraft) *time.Duration { return &r.checks.delayLoop }, oneOrMore, Meta{
		Doc: "Default of delay_loop in the checkers.",
	}),
	triState("smtp_alert", func(r *realDraft) *int8 { return &r.alert }, Meta{
		Default: "smtp_alert_checker, else smtp_alert, else yes", Bad: "Invalid real_server smtp_alert parameter %v", Doc: "Mail when the server changes.",
	}),
	ReplacedText("virtualhost", "<STRING>", func(r *realDraft) *string { return &r.virtualhost }, "real server virtualhost is already set - replacing it with %v", Meta{
		Process: ProcChecker, Default: "VS value", Missing: "real server virtualhost missing", Doc: "Default Host of HTTP and SSL checks.",
	}),
	snmpName("real server", func(r *realDraft) *string { return &r.SNMPName }),
}, checkerBlocks)

func realTimer(name, words string, field func(*realDraft) *time.Duration, l decimal, m Meta) Keyword[realDraft] {
	m.Process, m.Default = ProcChecker, "VS value"
	m.Bad = "real server " + words + " invalid - ignoring"
	return Timer(name, field, l, m)
}

// triState is a Bool whose field can tell "not written" from no.
func triState[T any](name string, field func(*T) *int8, m Meta) Keyword[T] {
	m.Process, m.Bare = ProcChecker, "yes"
	return newEntry(name, "[<BOOL>]", "", m, func(d *decoder, t *T, s *Line) bool {
		v, ok := d.boolean(s)
		if !ok {
			return false
		}
		*field(t) = 0
		if v {
			*field(t) = 1
		}
		return true
	})
}
