package status

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// printer writes lines and keeps the first error.
type printer struct {
	w       io.Writer
	machine Machine
	err     error
}

// Machine is what dumps tell of the machine; the zero value knows nothing.
type Machine struct {
	// HostName and UserName stand for what the configuration leaves open.
	HostName, UserName string
	// Owner finds the numbers of a user of the configuration, nil for the
	// default one; known is false if there is no such account.
	Owner func(*config.ScriptUser) (uid, gid uint32, known bool)
}

// runsAs is ", uid:gid U:G", in names as written if there is no such account.
func (p *printer) runsAs(u *config.ScriptUser) string {
	if p.machine.Owner != nil {
		if uid, gid, known := p.machine.Owner(u); known {
			return fmt.Sprintf(", uid:gid %d:%d", uid, gid)
		}
	}
	if u == nil {
		return ""
	}
	return fmt.Sprintf(", uid:gid %s:%s", u.User, u.Group)
}

// script is a command in quotes and who runs it.
func (p *printer) script(s *config.Script) string { return scriptText(s) + p.runsAs(s.RunsAs()) }

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// section is the title of a part of the data dump.
func (p *printer) section(title string) { p.line("------< %s >------", title) }

// Words for booleans.
func trueFalse(b bool) string { return choose(b, "true", "false") }
func yesNo(b bool) string     { return choose(b, "yes", "no") }

func choose(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// epoch is a moment as in dumps: seconds with six digits, then in words.
func epoch(t time.Time) string {
	return fmt.Sprintf("%s (%s)", unixSeconds(t), t.Local().Format("Mon Jan _2 15:04:05.000000 2006"))
}

// unixSeconds is a moment in seconds with six digits.
func unixSeconds(t time.Time) string {
	if t.IsZero() {
		return "0.000000"
	}
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// seconds is a duration as printf's %g shows it.
func seconds(d time.Duration) string { return fmt.Sprintf("%g", d.Seconds()) }

func wholeSeconds(d time.Duration) int64 { return int64(d / time.Second) }

// address is an address, or (none).
func address(a netip.Addr) string {
	if !a.IsValid() {
		return "(none)"
	}
	return a.String()
}
