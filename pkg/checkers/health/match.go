package health

import (
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// adopt hands the state of old's checkers to those checkers of rs that do the
// same thing. What has no counterpart starts as new, but failed if old was
// down.
func adopt(rs, old *realServer) {
	free := slices.Clone(old.checkers)
	for _, ck := range rs.checkers {
		i := slices.IndexFunc(free, func(o *checker) bool { return sameCheck(ck.cfg, o.cfg) })
		if i >= 0 {
			ck.adopt(free[i])
			free = slices.Delete(free, i, i+1)
			continue
		}
		ck.up = old.alive
		ck.recovering = !ck.up
	}
}

// adopt takes over the state of the same checker before a reload. With fewer
// retries than it has failed already, its next failure decides.
func (ck *checker) adopt(old *checker) {
	ck.up, ck.hasRun = old.up, old.hasRun
	ck.failures = min(old.failures, ck.cfg.Retry)
	ck.url, ck.recovering, ck.lengthOff = old.url, old.recovering, old.lengthOff
	ck.runCount, ck.badCount = old.runCount, old.badCount
	ck.lastRun, ck.lastDuration, ck.lastText = old.lastRun, old.lastDuration, old.lastText
	ck.lastExit, ck.goodExit = old.lastExit, old.goodExit
	if m := ck.cfg.Misc; m != nil && m.Dynamic && ck.up {
		ck.contribution = dynamicContribution(ck)
	}
}

// sameCheck reports whether two checkers ask the same question. How often and
// how patiently they ask is not part of it, nor is what UDP_CHECK sends.
func sameCheck(a, b *config.Checker) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case config.CheckTCP, config.CheckUDP, config.CheckPING:
		return sameConnection(a, b)
	case config.CheckHTTP, config.CheckSSL:
		return sameConnection(a, b) && a.HTTP.SNIName == b.HTTP.SNIName &&
			slices.EqualFunc(a.HTTP.URLs, b.HTTP.URLs, sameURL)
	case config.CheckSMTP:
		return sameConnection(a, b) && a.SMTP.HELOName == b.SMTP.HELOName
	case config.CheckDNS:
		return sameConnection(a, b) && *a.DNS == *b.DNS
	case config.CheckMISC:
		return a.Misc.Dynamic == b.Misc.Dynamic && slices.Equal(a.Misc.Script.Args, b.Misc.Script.Args)
	case config.CheckBFD:
		return a.BFD == b.BFD
	case config.CheckFILE:
		// Its state is in the file.
		return false
	}
	return false
}

func sameConnection(a, b *config.Checker) bool {
	return a.Destination == b.Destination && a.BindAddr == b.BindAddr && a.BindIf == b.BindIf &&
		a.ConnectTimeout == b.ConnectTimeout && a.Fwmark == b.Fwmark
}

func sameURL(a, b *config.HTTPURL) bool {
	return a.Path == b.Path && a.VirtualHost == b.VirtualHost && slices.Equal(a.Digest, b.Digest) &&
		slices.Equal(a.StatusCodes, b.StatusCodes) && sameRegex(a.Regex, b.Regex)
}

func sameRegex(a, b *config.HTTPRegex) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Pattern == b.Pattern && slices.Equal(a.Options, b.Options) && a.NoMatch == b.NoMatch &&
		a.MinOffset == b.MinOffset && a.MaxOffset == b.MaxOffset
}
