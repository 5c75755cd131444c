package checkers

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// Probe makes one check of t. It returns as soon as it knows, at the latest
// when the times of the configuration are over or ctx is cancelled; what it
// returns in the second case is not used. Probes of one Target are never made
// at the same time.
type Probe func(ctx context.Context, t *Target) health.Outcome

// Target is what one checker asks. It lives as long as the checker and keeps
// what one probe leaves for the next.
type Target struct {
	Checker *config.Checker
	// URL is the index of the url block to ask for, set before each probe.
	URL int
	// Certificate is the client certificate of the SSL block, nil for none.
	Certificate *tls.Certificate
	// Scripts runs the script of MISC_CHECK, which has been found to be
	// Command. NotRunnable says why it cannot be run, "" if it can.
	Scripts     *script.Runner
	Command     script.Command
	NotRunnable string
	// Stuck is told of a script that outlived SIGKILL; nil for nobody.
	Stuck func(pid int)

	ping  pingSocket
	regex []*compiledRegex
}

// probes has the function of each kind that has one.
var probes = [...]Probe{
	config.CheckTCP:  probeTCP,
	config.CheckHTTP: probeHTTP,
	config.CheckSSL:  probeHTTP,
	config.CheckSMTP: probeSMTP,
	config.CheckDNS:  probeDNS,
	config.CheckMISC: probeMisc,
	config.CheckPING: probePing,
	config.CheckUDP:  probeUDP,
	config.CheckFILE: nil,
	config.CheckBFD:  nil,
}

// Of returns the probe of a kind, nil for kinds whose state comes as an event.
func Of(kind config.CheckerKind) Probe {
	if int(kind) < len(probes) {
		return probes[kind]
	}
	return nil
}

// Run makes one check and measures it.
func (t *Target) Run(ctx context.Context) health.Outcome {
	begin := time.Now()
	o := Of(t.Checker.Kind)(ctx, t)
	o.Duration = time.Since(begin)
	return o
}

// Close frees what the target keeps between probes.
func (t *Target) Close() { t.ping.close() }

func good() health.Outcome { return health.Outcome{Verdict: health.Good} }

func bad(format string, args ...any) health.Outcome {
	return health.Outcome{Verdict: health.Bad, Text: fmt.Sprintf(format, args...)}
}

func timedOut(text string) health.Outcome {
	return health.Outcome{Verdict: health.Bad, Text: text, TimedOut: true}
}

func localTrouble(text, cause string) health.Outcome {
	return health.Outcome{Verdict: health.LocalTrouble, Text: text, Cause: cause}
}
