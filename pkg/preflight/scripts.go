package preflight

import (
	"fmt"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// effectNotRun is what becomes of most commands that cannot be used.
const effectNotRun = "the command is not run"

// violation collects what one process has to say about script security.
type violation struct {
	// any command exists at all, insecure is one that others can change.
	any, insecure bool
	at            diag.Range
}

// resolve judges s, reports what is found about it at at, and returns the
// verdict. Unknown users are left to the caller, whose words differ.
func (c *check) resolve(s *config.Script, at diag.Range, viol *violation) script.Verdict {
	_, v := c.resolver.Resolve(s)
	c.ownUser(s, at)
	if v.Found && s.ReadFile == "" {
		if !viol.any {
			viol.at = at
		}
		viol.any = true
		viol.insecure = viol.insecure || v.Insecure
	}
	for _, f := range v.Findings {
		if f.Kind != script.UnknownUser {
			c.finding(f, at, v.Disabled)
		}
	}
	return v
}

// ownUser says once that commands run as our own user because there is no
// other.
func (c *check) ownUser(s *config.Script, at diag.Range) {
	if c.noDefault || s.User != nil || s.DefaultUser != nil || c.cfg.Global.EnableScriptSecurity || c.resolver.HasDefaultUser() {
		return
	}
	c.noDefault = true
	c.add(at, diag.Diagnostic{
		Code: CodeDefaultUser, Severity: diag.Note, Class: diag.ClassLog, Unplaced: true, Summary: fmt.Sprintf(logtext.ScriptNoUser, script.DefaultUser),
		Effect: "commands without a user of their own run as the user that the daemon runs as",
		Hint:   "create the account, or set script_user",
	})
}

// finding reports one thing that was noticed about a script.
func (c *check) finding(f script.Finding, at diag.Range, disabled bool) {
	d := diag.Diagnostic{Severity: diag.Error, Class: diag.ClassLog, Unplaced: true, Summary: f.Line, Hint: f.Hint}
	var effects []string
	if f.Detail != "" {
		effects = append(effects, f.Detail)
	}
	if disabled {
		effects = append(effects, effectNotRun)
	}
	switch f.Kind {
	case script.NotFound:
		d.Code = CodeScriptMissing
	case script.NotExecutable:
		d.Code = CodeNotExecutable
	case script.WrongType:
		d.Code = CodeWrongType
	case script.Unsafe:
		d.Code = CodeUnsafe
		if !disabled {
			effects = append(effects, "it runs all the same, with root's rights")
		}
	case script.ResolvedByPath:
		d.Code, d.Severity = CodeBareName, diag.Warning
	case script.NoInterpreterLine:
		d.Code, d.Severity = CodeNoShebang, diag.Warning
		effects = append(effects, "it is run by /bin/sh")
	case script.MissingInterpreter:
		d.Code, d.Class = CodeInterpreter, diag.ClassOwn
		effects = append(effects, "every run fails")
	case script.UnknownUser:
		d.Code = CodeScriptUser
	}
	d.Effect = strings.Join(effects, "; ")
	c.add(at, d)
}

// unknownUser returns the finding about the user of a script, if it has none
// that exists.
func unknownUser(v script.Verdict) (script.Finding, bool) {
	for _, f := range v.Findings {
		if f.Kind == script.UnknownUser {
			return f, true
		}
	}
	return script.Finding{}, false
}

// report says that commands run without script security.
func (c *check) report(viol violation, who string) {
	if !viol.any || c.cfg.Global.EnableScriptSecurity {
		return
	}
	d := diag.Diagnostic{
		Code: CodeSecurityOff, Severity: diag.Warning, Class: diag.ClassSecurity, Unplaced: true,
		Summary: fmt.Sprintf(logtext.SecurityViolation, who),
		Effect:  "-t exits 6; the commands run",
		Hint:    "add enable_script_security to global_defs, and script_user with an ordinary user where that will do",
	}
	if viol.insecure {
		d.Summary += logtext.EndInsecureScripts
		d.Severity = diag.Error
	}
	c.add(viol.at, d)
}

// defaultUser checks script_user itself.
func (c *check) defaultUser() {
	g := &c.cfg.Global
	if g.ScriptUser == nil {
		return
	}
	if _, bad := c.resolver.Credentials(g.ScriptUser); bad != nil {
		c.add(g.At("script_user"), diag.Diagnostic{
			Code: CodeDefaultUser, Severity: diag.Error, Class: diag.ClassConfig,
			Summary: logtext.ScriptGlobalUser,
			Effect:  bad.Line + "; commands without a user of their own are not run",
			Hint:    "create the account, or name another one",
		})
	}
}

// noUser reports a command whose user does not exist: own is keepalived's line
// when the user is written with it, byDefault when it is the default one.
func (c *check) noUser(f script.Finding, s *config.Script, at diag.Range, class diag.Class, own, byDefault, effect string) {
	d := diag.Diagnostic{
		Code: CodeScriptUser, Severity: diag.Error, Class: class, Unplaced: class == diag.ClassLog,
		Summary: own, Effect: f.Line + "; " + effect, Hint: "create the account, or name another one",
	}
	if s.User == nil {
		d.Code, d.Summary, d.Hint = CodeDefaultUser, byDefault, f.Hint
		if s.DefaultUser == nil && !c.noDefault {
			c.noDefault = true
			c.add(at, diag.Diagnostic{
				Code: CodeDefaultUser, Severity: diag.Error, Class: diag.ClassConfig,
				Summary: f.Line, Effect: f.Detail, Hint: f.Hint,
			})
		}
	}
	c.add(at, d)
}

// command checks the script in field, if there is one, and takes it out if it
// cannot be used. what is its kind in messages.
func (c *check) command(field **config.Script, at diag.Range, what string, viol *violation) {
	s := *field
	if s == nil {
		return
	}
	v := c.resolve(s, at, viol)
	if f, bad := unknownUser(v); bad {
		name := s.Text
		if len(s.Args) > 0 {
			name = s.Args[0]
		}
		c.noUser(f, s, at, diag.ClassLog,
			fmt.Sprintf(logtext.ScriptCommandUser, what, name),
			fmt.Sprintf(logtext.ScriptCommandDefault, what, name), effectNotRun)
	}
	if v.Disabled {
		*field = nil
	}
}

// parentScripts checks the start-up and shutdown scripts.
func (c *check) parentScripts() {
	g := &c.cfg.Global
	var viol violation
	for _, s := range []struct {
		field         **config.Script
		keyword, what string
	}{
		{&g.StartupScript, "startup_script", "startup"},
		{&g.ShutdownScript, "shutdown_script", "shutdown"},
	} {
		if *s.field == nil {
			continue
		}
		v := c.resolve(*s.field, g.At(s.keyword), &viol)
		if f, bad := unknownUser(v); bad {
			line := fmt.Sprintf(logtext.ScriptParentInvalid, s.what)
			c.noUser(f, *s.field, g.At(s.keyword), diag.ClassConfig, line, line, effectNotRun)
		}
		if v.Disabled {
			*s.field = nil
		}
	}
	c.report(viol, "start/shutdown ")
}

// vrrpScripts checks the scripts that the VRRP process runs.
func (c *check) vrrpScripts() {
	var viol violation
	g := &c.cfg.Global
	if !c.cfg.WantsCheckers() {
		c.fifo(&g.NotifyFIFO, "", "notify_fifo", &viol)
	} else if g.NotifyFIFO.Script != nil {
		// The checkers run it and report about it; it counts here too.
		_, v := c.resolver.Resolve(g.NotifyFIFO.Script)
		viol.any, viol.insecure = v.Found, v.Insecure
		viol.at = g.At("notify_fifo_script")
	}
	c.fifo(&g.VRRPNotifyFIFO, "vrrp_", "vrrp_notify_fifo", &viol)
	if len(c.instances()) > 0 {
		for _, s := range c.cfg.Scripts {
			c.trackScript(s, &viol)
		}
	}
	for _, v := range c.instances() {
		c.notify(&v.Notify, &v.Block, &viol)
	}
	for _, s := range c.cfg.SyncGroups {
		c.notify(&s.Notify, &s.Block, &viol)
	}
	if len(c.instances()) > 0 {
		c.report(viol, "")
	}
}

func (c *check) notify(n *config.NotifyScripts, b *config.Block, viol *violation) {
	for _, s := range []struct {
		field   **config.Script
		keyword string
	}{
		{&n.Backup, "notify_backup"}, {&n.Master, "notify_master"}, {&n.Fault, "notify_fault"},
		{&n.Stop, "notify_stop"}, {&n.Any, "notify"}, {&n.MasterRxLower, "notify_master_rx_lower_pri"},
		{&n.Deleted, "notify_deleted"},
	} {
		c.command(s.field, b.At(s.keyword), "notify", viol)
	}
}

// trackScript checks a vrrp_script. One that cannot be used is dropped, and
// whoever names it runs without it.
func (c *check) trackScript(s *config.TrackScript, viol *violation) {
	const effect = "who tracks it runs as if it did not"
	v := c.resolve(&s.Script, s.At("script"), viol)
	if !v.Disabled {
		return
	}
	c.dropped[s.Name] = true
	if f, bad := unknownUser(v); bad {
		at := s.At("user")
		if s.Script.User == nil {
			at = closing(&s.Block)
		}
		c.noUser(f, &s.Script, at, diag.ClassConfig,
			fmt.Sprintf(logtext.ScriptTrackUser, quoted(s.Script.Args)),
			fmt.Sprintf(logtext.ScriptTrackDefault, s.Name), effect)
		for _, i := range c.instances() {
			c.trackedUnknown(i.Name, i.TrackScripts, s.Name)
		}
		for _, g := range c.cfg.SyncGroups {
			c.trackedUnknown(g.Name, g.TrackScripts, s.Name)
		}
		return
	}
	why := logtext.EndNotFound
	if v.Found && v.Insecure || hasKind(v, script.WrongType) {
		why = logtext.EndDueToInsecure
	}
	c.add(s.At("script"), diag.Diagnostic{
		Code: CodeTrackScript, Severity: diag.Error, Class: diag.ClassConfig, Unplaced: true,
		Summary: fmt.Sprintf(logtext.ScriptTrackDisabled, s.Name, why), Effect: effect,
	})
}

// idleScripts checks the users of scripts that no instance could track, the
// one thing that keepalived looks at then.
func (c *check) idleScripts() {
	for _, s := range c.cfg.Scripts {
		if s.Script.User == nil {
			continue
		}
		if _, bad := c.resolver.Credentials(s.Script.User); bad != nil {
			c.add(s.At("user"), diag.Diagnostic{
				Code: CodeScriptUser, Severity: diag.Error, Class: diag.ClassConfig,
				Summary: fmt.Sprintf(logtext.ScriptTrackUser, quoted(s.Script.Args)), Effect: bad.Line, Hint: "create the account, or name another one",
			})
		}
	}
}

// closing is the end of a block, where keepalived judges it as a whole.
func closing(b *config.Block) diag.Range {
	return diag.Range{File: b.Range.File, Start: b.Range.End, End: b.Range.End}
}

func hasKind(v script.Verdict, kind script.Kind) bool {
	for _, f := range v.Findings {
		if f.Kind == kind {
			return true
		}
	}
	return false
}

func (c *check) trackedUnknown(owner string, list []config.Track, name string) {
	for _, t := range list {
		if t.Name == name {
			c.add(t.Head, diag.Diagnostic{
				Code: CodeTrackUnknown, Severity: diag.Error, Class: diag.ClassConfig,
				Summary: fmt.Sprintf(logtext.ScriptTrackUnknown, owner, name),
			})
		}
	}
}

// quoted is a command in messages: each word in single quotes.
func quoted(args []string) string {
	return "'" + strings.Join(args, "' '") + "'"
}

// checkerScripts checks the scripts that the checker process runs.
func (c *check) checkerScripts() {
	var viol violation
	g := &c.cfg.Global
	c.fifo(&g.NotifyFIFO, "", "notify_fifo", &viol)
	c.fifo(&g.LVSNotifyFIFO, "lvs_", "lvs_notify_fifo", &viol)
	for _, vs := range c.cfg.VirtualServers {
		c.command(&vs.QuorumUp, vs.At("quorum_up"), "quorum", &viol)
		c.command(&vs.QuorumDown, vs.At("quorum_down"), "quorum", &viol)
		for _, rs := range vs.RealServers {
			c.command(&rs.NotifyUp, rs.At("notify_up"), "notify", &viol)
			c.command(&rs.NotifyDown, rs.At("notify_down"), "notify", &viol)
			for _, k := range rs.Checkers {
				if k.Kind == config.CheckMISC && k.Misc != nil {
					c.misc(k, &viol)
				}
			}
		}
	}
	if len(c.cfg.VirtualServers) > 0 {
		c.report(viol, "check ")
	}
}

func (c *check) misc(k *config.Checker, viol *violation) {
	const effect = "the checker is removed; without another one the real server counts as up"
	s := &k.Misc.Script
	at := k.At("misc_path")
	v := c.resolve(s, at, viol)
	if !v.Disabled {
		return
	}
	c.removed[k] = true
	if f, bad := unknownUser(v); bad {
		if s.User != nil {
			at = k.At("user")
		}
		c.noUser(f, s, at, diag.ClassConfig,
			fmt.Sprintf(logtext.ScriptMiscUser, quoted(s.Args)),
			fmt.Sprintf(logtext.ScriptMiscDefault, quoted(s.Args)), effect)
		return
	}
	why := logtext.EndNotFound
	if v.Found && v.Insecure || hasKind(v, script.WrongType) {
		why = logtext.EndDueToInsecure
	}
	c.add(at, diag.Diagnostic{
		Code: CodeMiscScript, Severity: diag.Error, Class: diag.ClassLog, Unplaced: true,
		Summary: fmt.Sprintf(logtext.ScriptMiscDisabled, quoted(s.Args), why), Effect: effect,
	})
}
