package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// changes tells how often something changed, when it did last and why.
func (p *printer) changes(indent string, n uint64, since time.Time, reason string) {
	p.line("%stransitions = %d", indent, n)
	if !since.IsZero() {
		p.line("%slast transition = %s: %s", indent, epoch(since), reason)
	}
}

func (p *printer) healthCheckers(c *Checkers) {
	p.section("Health checkers")
	for i := range c.VirtualServers {
		v := &c.VirtualServers[i]
		for j := range v.RealServers {
			r := &v.RealServers[j]
			for k := range r.Checkers {
				p.line(" %s -> %s", v.Config.Name, r.Config.Name)
				p.checker(v, &r.Checkers[k])
			}
		}
	}
}

func (p *printer) checker(v *VirtualServer, k *Checker) {
	c := k.Config
	p.line("   Enabled = %s", yesNo(!v.Suspended))
	p.line("   Up = %s", yesNo(k.Up))
	p.line("   Has run = %s", yesNo(k.HasRun))
	p.line("   Current weight = %d", k.Contribution)
	if timed := c.Kind != config.CheckFILE && c.Kind != config.CheckBFD; timed {
		p.line("   Alpha = %s", yesNo(c.Alpha))
		p.line("   Delay loop = %d us", c.DelayLoop.Microseconds())
		p.line("   Warmup = %d us", c.Warmup.Microseconds())
		p.line("   Retries = %d", c.Retry)
		if c.Retry > 0 {
			p.line("   Delay before retry = %d us", c.DelayBeforeRetry.Microseconds())
			p.line("   Retries iterations = %d", k.Failures)
		}
	}
	p.line("   Log all failures = %s", yesNo(c.LogAllFailures))
	if c.Destination.IsValid() && c.Kind != config.CheckMISC && c.Kind != config.CheckFILE && c.Kind != config.CheckBFD {
		p.connection(c)
	}
	p.method(k)
	p.line("   Runs = %d, failed = %d", k.Runs, k.Bad)
	if !k.LastRun.IsZero() {
		p.line("   Last run = %s, took %s: %s", epoch(k.LastRun), k.LastDuration, k.LastText)
	}
	if !k.Next.IsZero() {
		p.line("   Next run = %s", epoch(k.Next))
	}
}

func (p *printer) connection(c *config.Checker) {
	p.line("   Connection")
	p.line("     Dest = [%s]:%d", c.Destination.Addr(), c.Destination.Port())
	if c.BindAddr.IsValid() {
		p.line("     Bind to = [%s]:%d", c.BindAddr, c.BindPort)
	}
	if c.BindIf != "" {
		p.line("     Bind i/f = %s", c.BindIf)
	}
	if c.Fwmark != 0 {
		p.line("     Mark = %d", c.Fwmark)
	}
	p.line("     Timeout = %.6f", c.ConnectTimeout.Seconds())
}

// method is what a kind of checker has of its own.
func (p *printer) method(k *Checker) {
	c := k.Config
	if c.HTTP == nil {
		p.line("   Keepalive method = %s", c.Kind)
	}
	switch {
	case c.HTTP != nil:
		p.httpCheck(c)
	case c.Misc != nil:
		p.line("   script = %s", scriptText(&c.Misc.Script))
		p.line("   timeout = %d", wholeSeconds(c.Misc.Timeout))
		p.line("   dynamic = %s", choose(c.Misc.Dynamic, "YES", "NO"))
		if owner := p.runsAs(c.Misc.Script.RunsAs()); owner != "" {
			p.line("   uid:gid = %s", strings.TrimPrefix(owner, ", uid:gid "))
		}
		p.line("   Last status = %d", k.LastExit)
	case c.UDP != nil:
		p.line("   Payload len = %d", len(c.UDP.Payload))
		p.line("   Require reply = %s", yesNo(c.UDP.RequireReply))
		p.line("     Min reply length = %d", c.UDP.MinReply)
		p.line("     Max reply length = %d", c.UDP.MaxReply)
		p.line("     Reply data len = %d", len(c.UDP.Reply))
	case c.DNS != nil:
		p.line("   Type = %s", c.DNS.Type)
		p.line("   Name = %s", c.DNS.Name)
	case c.SMTP != nil:
		p.line("   helo = %s", c.SMTP.HELOName)
	case c.File != nil:
		p.line("     Tracked file = %s", c.File.TrackFile)
	case c.BFD != "":
		p.line("   Name = %s", c.BFD)
		p.line("   Alpha is %s", onOff(c.Alpha))
	}
}

func (p *printer) httpCheck(c *config.Checker) {
	protocol := map[config.HTTPProtocol]string{config.HTTP10: "1.0", config.HTTP10Close: "1.0C", config.HTTP11: "1.1"}
	p.line("   Keepalive method = %s, http protocol %s", c.Kind, protocol[c.HTTP.Protocol])
	sni := slices.ContainsFunc(c.HTTP.URLs, func(u *config.HTTPURL) bool { return u.SNIName != "" })
	p.line("   Enable SNI %s", choose(sni, "set", "unset"))
	p.line("   Fast recovery %s", choose(c.HTTP.FastRecovery, "set", "unset"))
	for _, u := range c.HTTP.URLs {
		p.line("   Checked url = %s", u.Path)
		if u.Digest != nil {
			p.line("     digest = %x", u.Digest)
		}
		p.line("     HTTP Status Code(s)")
		for _, s := range u.StatusCodes {
			if s.First == s.Last {
				p.line("       %d", s.First)
			} else {
				p.line("       %d-%d", s.First, s.Last)
			}
		}
		if u.VirtualHost != "" {
			p.line("     Virtual host = %s", u.VirtualHost)
		}
		if r := u.Regex; r != nil {
			p.line("     Regex = %q%s", r.Pattern, choose(r.NoMatch, " (no match)", ""))
			p.line("     Regex options:%s", strings.Join(append([]string{""}, r.Options...), " "))
		}
	}
}

// checkerTrackers are the files and sessions that checkers watch.
func (p *printer) checkerTrackers(c *Checkers) {
	if len(c.Files) > 0 {
		p.section("Checker track files")
		for _, f := range c.Files {
			p.line(" Track file = %s", f.Name)
			if c.Config != nil {
				for _, t := range c.Config.Files {
					if t.Name == f.Name {
						p.line("   File = %s", t.Path)
					}
				}
			}
			p.line("   Status = %d", f.Value)
			p.watchers("Tracking instances ", c, func(k *config.Checker) (string, bool) {
				if k.File == nil || k.File.TrackFile != f.Name {
					return "", false
				}
				return fmt.Sprintf(", weight %d%s", k.File.Weight, choose(k.File.Reverse, " reverse", "")), true
			})
		}
	}
	if len(c.BFD) > 0 {
		p.section("Checker track BFDs")
		for _, b := range c.BFD {
			p.line(" Checker Track BFD = %s", b.Name)
			p.line("   State = %s", choose(!b.Known, "unknown", choose(b.Up, "up", "down")))
			p.watchers("Tracking RS ", c, func(k *config.Checker) (string, bool) { return "", k.BFD == b.Name })
		}
	}
}

// watchers lists the real servers with a checker for which does is true.
func (p *printer) watchers(title string, c *Checkers, does func(*config.Checker) (string, bool)) {
	var list []string
	for i := range c.VirtualServers {
		v := &c.VirtualServers[i]
		for j := range v.RealServers {
			for _, k := range v.RealServers[j].Config.Checkers {
				if more, ok := does(k); ok {
					list = append(list, v.Config.Name+" -> "+v.RealServers[j].Config.Name+more)
				}
			}
		}
	}
	p.list(title, list)
}
