package health

import (
	"fmt"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// kind is what a type of checker does its own way: the lines and mails, and
// how it counts failures. An empty line is not logged.
type kind struct {
	// good is the line when a checker comes up, and on its first success.
	good func(ck *checker) string
	// bad is the line when it fails for good; first is set when its very
	// first check decided.
	bad func(ck *checker, o *Outcome, first bool) string
	// each is the line of every failure with log_all_failures while it is
	// up; nth counts the failures so far, this one included.
	each func(ck *checker, o *Outcome, nth int) string
	// mailGood and mailBad are the bodies of alerts.
	mailGood func(ck *checker) string
	mailBad  func(ck *checker, o *Outcome) string

	// allAttempts makes the first run and every cycle of a failed checker
	// use the retries too (SMTP_CHECK).
	allAttempts bool
	// finalEach logs each also for the failure that decides.
	finalEach bool
	// fromStart counts delays from the start of a check (MISC_CHECK).
	fromStart bool
	// mailFirst mails the first success of a checker that was never down.
	mailFirst bool
	// silentAlpha does not announce the first failure of an alpha checker.
	silentAlpha bool
	// timed checkers run by the clock; the others follow events.
	timed bool
}

// kinds has the behaviour of each config.CheckerKind.
var kinds = [...]kind{
	config.CheckTCP: {
		good: func(ck *checker) string { return fmt.Sprintf(logtext.CheckTCPGood, ck.rs.cfg.Name) },
		bad: func(ck *checker, _ *Outcome, first bool) string {
			return fmt.Sprintf(logtext.CheckTCPBad, ck.rs.cfg.Name, afterRetries(ck, first))
		},
		each: func(ck *checker, o *Outcome, _ int) string {
			return fmt.Sprintf(logtext.CheckTCPEach, ck.rs.cfg.Name, o.Text)
		},
		mailGood:  func(*checker) string { return "=> TCP CHECK succeed on service <=" },
		mailBad:   func(*checker, *Outcome) string { return "=> TCP CHECK failed on service <=" },
		finalEach: true, timed: true,
	},
	config.CheckUDP: {
		good: func(ck *checker) string { return fmt.Sprintf(logtext.CheckUDPGood, ck.rs.cfg.Name) },
		bad: func(ck *checker, _ *Outcome, first bool) string {
			return fmt.Sprintf(logtext.CheckUDPBad, ck.rs.cfg.Name, afterRetries(ck, first))
		},
		each: func(ck *checker, o *Outcome, _ int) string {
			if o.Text == logtext.ReasonUDPReply {
				return fmt.Sprintf(logtext.CheckUDPReply, ck.rs.cfg.Name, o.Text)
			}
			return fmt.Sprintf(logtext.CheckUDPEach, ck.rs.cfg.Name)
		},
		mailGood:  func(*checker) string { return "=> UDP CHECK succeed on service <=" },
		mailBad:   func(*checker, *Outcome) string { return "=> UDP CHECK failed on service <=" },
		finalEach: true, timed: true,
	},
	config.CheckPING: {
		good: func(ck *checker) string { return fmt.Sprintf(logtext.CheckPINGGood, ck.rs.cfg.Name) },
		bad: func(ck *checker, _ *Outcome, first bool) string {
			if first {
				return fmt.Sprintf(logtext.CheckPINGFirst, ck.rs.cfg.Name)
			}
			return fmt.Sprintf(logtext.CheckPINGBad, ck.rs.cfg.Name, ck.rs.vs.cfg.Name, afterRetries(ck, false))
		},
		each: func(ck *checker, o *Outcome, _ int) string {
			if o.TimedOut {
				return fmt.Sprintf(logtext.CheckPINGTime, ck.rs.cfg.Name)
			}
			return fmt.Sprintf(logtext.CheckPINGEach, ck.rs.cfg.Name, ck.rs.vs.cfg.Name)
		},
		mailGood:  func(*checker) string { return "=> ICMP CHECK succeed on service <=" },
		mailBad:   func(*checker, *Outcome) string { return "=> ICMP CHECK failed on service <=" },
		finalEach: true, timed: true,
	},
	config.CheckHTTP: webKind("HTTP"),
	config.CheckSSL:  webKind("SSL"),
	config.CheckSMTP: {
		good: func(ck *checker) string {
			return fmt.Sprintf(logtext.CheckSMTPGood, ck.rs.cfg.Name)
		},
		bad:  func(_ *checker, o *Outcome, _ bool) string { return fmt.Sprintf(logtext.CheckSMTPBad, o.Text) },
		each: func(_ *checker, o *Outcome, _ int) string { return fmt.Sprintf(logtext.CheckSMTPBad, o.Text) },
		mailGood: func(*checker) string {
			return "=> CHECK succeed on service <="
		},
		mailBad: func(_ *checker, o *Outcome) string {
			return "=> CHECK failed on service : " + o.Text + " <="
		},
		allAttempts: true, timed: true,
	},
	config.CheckDNS: {
		good: func(*checker) string { return "" },
		bad: func(ck *checker, o *Outcome, first bool) string {
			line := fmt.Sprintf(logtext.CheckDNSBad, ck.rs.cfg.Name, o.Text)
			if !first && ck.cfg.Retry > 0 {
				line += fmt.Sprintf(logtext.EndRetries, ck.cfg.Retry)
			}
			return line
		},
		each: func(ck *checker, o *Outcome, _ int) string {
			return fmt.Sprintf(logtext.CheckDNSBad, ck.rs.cfg.Name, o.Text)
		},
		mailGood: func(*checker) string { return "=> DNS_CHECK: succeed on service <=" },
		mailBad:  func(*checker, *Outcome) string { return "=> DNS_CHECK: failed on service <=" },
		timed:    true,
	},
	config.CheckMISC: {
		good: func(ck *checker) string { return miscLine(ck, "succeeded") },
		// The number of retries is named even when the first check decided.
		bad: func(ck *checker, o *Outcome, _ bool) string {
			how := fmt.Sprintf(logtext.EndAfter, retries(ck.cfg.Retry))
			if ck.cfg.Retry == 0 {
				how = logtext.EndNoRetry
			}
			return miscLine(ck, miscEnd(o)+how+miscStatus(o))
		},
		each: func(ck *checker, o *Outcome, nth int) string {
			how := fmt.Sprintf(logtext.EndWillRetry, retries(ck.cfg.Retry))
			if nth > 1 {
				how = fmt.Sprintf(logtext.EndOnRetry, nth-1, ck.cfg.Retry)
			}
			return miscLine(ck, miscEnd(o)+how+miscStatus(o))
		},
		mailGood: func(*checker) string { return "=> MISC CHECK succeeded on service <=" },
		mailBad: func(_ *checker, o *Outcome) string {
			return "=> MISC CHECK " + miscEnd(o) + " on service <="
		},
		fromStart: true, mailFirst: true, timed: true,
	},
	config.CheckFILE: {silentAlpha: true},
	config.CheckBFD: {
		silentAlpha: true,
		mailGood:    func(ck *checker) string { return "=> BFD CHECK " + ck.cfg.BFD + " succeeded on service <=" },
		mailBad: func(ck *checker, _ *Outcome) string {
			return "=> BFD CHECK " + ck.cfg.BFD + " failed on service <="
		},
	},
}

// webKind is HTTP_GET and SSL_GET, which differ in one word.
func webKind(word string) kind {
	return kind{
		good: func(ck *checker) string {
			return fmt.Sprintf(logtext.CheckWebGood, ck.rs.cfg.Name)
		},
		// The number of retries is named even when the first check decided.
		bad: func(ck *checker, _ *Outcome, _ bool) string {
			return fmt.Sprintf(logtext.CheckWebBad, word, ck.rs.cfg.Name, afterRetries(ck, false))
		},
		each: func(ck *checker, o *Outcome, _ int) string {
			return fmt.Sprintf(logtext.CheckWebEach, o.Text, ck.rs.cfg.Name)
		},
		mailGood: func(*checker) string { return "=> CHECK succeed on service <=" },
		mailBad: func(*checker, *Outcome) string {
			return "=> CHECK failed on service : " + word + " request failed <="
		},
		finalEach: true, silentAlpha: true, timed: true,
	}
}

// afterRetries ends a failure line.
func afterRetries(ck *checker, first bool) string {
	if first || ck.cfg.Retry == 0 {
		return logtext.EndFailed
	}
	return logtext.EndFailed + fmt.Sprintf(logtext.EndRetries, ck.cfg.Retry)
}

func miscLine(ck *checker, result string) string {
	return fmt.Sprintf(logtext.CheckMISC, ck.rs.cfg.Name, ck.rs.vs.cfg.Name, program(ck.cfg), result)
}

func program(cfg *config.Checker) string {
	if args := cfg.Misc.Script.Args; len(args) > 0 {
		return args[0]
	}
	return cfg.Misc.Script.Text
}

func miscEnd(o *Outcome) string {
	if o.TimedOut {
		return "timed out"
	}
	return "failed"
}

func miscStatus(o *Outcome) string {
	switch {
	case o.TimedOut:
		return ""
	case o.Signal != 0:
		return fmt.Sprintf(logtext.EndSignal, o.Signal)
	case o.Text != "":
		return " (" + o.Text + ")"
	}
	return fmt.Sprintf(logtext.EndStatus, o.Exit)
}

func retries(n int) string {
	if n == 1 {
		return "1 retry"
	}
	return strconv.Itoa(n) + " retries"
}
