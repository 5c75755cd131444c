package script

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// DefaultUser runs scripts without a user of their own when it exists and
// script_user is not set.
const DefaultUser = "keepalived_script"

// Resolver judges scripts by the settings of one configuration.
type Resolver struct {
	global  *config.Global
	machine Machine

	// known are the users that were asked for already: a name service can be
	// slow, and a file can have thousands of scripts.
	mu    sync.Mutex
	known map[config.ScriptUser]identity
}

type identity struct {
	creds Credentials
	bad   *Finding
}

// NewResolver returns a resolver for the scripts of a configuration whose
// global settings are g.
func NewResolver(g *config.Global, m Machine) *Resolver {
	return &Resolver{global: g, machine: m, known: map[config.ScriptUser]identity{}}
}

// Resolve finds the file and the user of s and checks both. The command may be
// run unless the verdict says Disabled.
func (r *Resolver) Resolve(s *config.Script) (Command, Verdict) {
	c := Command{Text: s.Text, ReadFile: s.ReadFile}
	var v Verdict
	if !r.user(s, &c, &v) || s.ReadFile != "" {
		return c, v
	}
	if len(s.Args) == 0 || s.Args[0] == "" {
		v.disable(Finding{Kind: NotFound, Line: fmt.Sprintf(logtext.ScriptNotAccessible, s.Text, "No such file or directory")})
		return c, v
	}
	c.Args = append([]string(nil), s.Args...)
	if !strings.Contains(s.Args[0], "/") && !r.search(&c, &v) {
		return c, v
	}
	r.file(&c, &v)
	return c, v
}

func (v *Verdict) note(f Finding) { v.Findings = append(v.Findings, f) }

func (v *Verdict) disable(f Finding) {
	v.note(f)
	v.Disabled = true
}

// user fills in the credentials of c.
func (r *Resolver) user(s *config.Script, c *Command, v *Verdict) bool {
	creds, bad := r.Credentials(s.RunsAs())
	if bad != nil {
		v.disable(*bad)
		return false
	}
	c.Credentials = creds
	return true
}

// Credentials are the numbers of u; nil is the default user of scripts. An
// unknown user or group is returned as a finding.
func (r *Resolver) Credentials(u *config.ScriptUser) (Credentials, *Finding) {
	var key config.ScriptUser
	if u != nil {
		key = *u
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id, found := r.known[key]
	if !found {
		id.creds, id.bad = r.lookup(u)
		r.known[key] = id
	}
	return id.creds, id.bad
}

// HasDefaultUser reports whether the machine has the user DefaultUser.
func (r *Resolver) HasDefaultUser() bool {
	_, err := r.machine.User(DefaultUser)
	return err == nil
}

func (r *Resolver) lookup(u *config.ScriptUser) (Credentials, *Finding) {
	if u == nil {
		account, err := r.machine.User(DefaultUser)
		if err == nil {
			return r.member(account, account.GID, r.global.SetSupplementaryGroups), nil
		}
		if r.global.EnableScriptSecurity {
			return Credentials{}, &Finding{
				Kind:   UnknownUser,
				Line:   logtext.ScriptNoDefaultUser,
				Detail: "enable_script_security is set, there is no script_user and no user " + DefaultUser,
				Hint:   "create the user " + DefaultUser + " or set script_user",
			}
		}
		self := r.machine.Self()
		return Credentials{UID: self.UID, GID: self.GID}, nil
	}
	account, err := r.machine.User(u.User)
	if err != nil {
		return Credentials{}, &Finding{Kind: UnknownUser, Line: fmt.Sprintf(logtext.ScriptNoUser, u.User)}
	}
	gid := account.GID
	if u.Group != "" {
		if gid, err = r.machine.Group(u.Group); err != nil {
			return Credentials{}, &Finding{Kind: UnknownUser, Line: fmt.Sprintf(logtext.ScriptNoGroup, u.Group)}
		}
	}
	return r.member(account, gid, u.Supplementary), nil
}

func (r *Resolver) member(a Account, gid uint32, supplementary bool) Credentials {
	c := Credentials{UID: a.UID, GID: gid}
	if supplementary {
		// A group list that cannot be read leaves the script with less, not
		// with more than it should have.
		c.Groups, _ = r.machine.Groups(a)
	}
	return c
}

// search looks a bare name up in PATH. keepalived cannot do so for another
// user than its own, and a script that it drops must not start to run here.
func (r *Resolver) search(c *Command, v *Verdict) bool {
	name := c.Args[0]
	if c.Credentials.UID != r.machine.Self().UID {
		v.disable(Finding{
			Kind: NotFound, Line: fmt.Sprintf(logtext.ScriptPathPermission, name),
			Detail: "a name without a folder is only looked up for scripts that run as the daemon's own user",
			Hint:   "write the full path of " + name,
		})
		return false
	}
	for _, dir := range r.machine.SearchPath() {
		full := path.Join(dir, name)
		if !path.IsAbs(full) || !r.executableFile(full, c.Credentials) {
			continue
		}
		c.Args[0] = full
		v.note(Finding{
			Kind: ResolvedByPath, Line: fmt.Sprintf(logtext.ScriptResolvedByPath, name, full),
			Hint: "write " + full,
		})
		v.Found = true
		return true
	}
	v.disable(Finding{Kind: NotFound, Line: fmt.Sprintf(logtext.ScriptNotInPath, name), Hint: "write the full path of " + name})
	return false
}

func (r *Resolver) executableFile(name string, c Credentials) bool {
	_, passed, err := walk(r.machine, name)
	if err != nil {
		return false
	}
	info := passed[len(passed)-1].info
	return info.Mode.IsRegular() && r.executable(name, info, c)
}

// executable reports whether c may execute the file. Mode bits are enough: a
// file system mounted noexec makes the script fail when it is run, where
// keepalived does not drop it either. So is the kernel's word, which knows
// access control lists.
func (r *Resolver) executable(name string, info FileInfo, c Credentials) bool {
	return c.allows(info, 1) || r.machine.Access(name, c, Execute) == nil
}

// file checks the file of c and fills in Path.
func (r *Resolver) file(c *Command, v *Verdict) {
	written := c.Args[0]
	full := written
	if !path.IsAbs(full) {
		full = path.Join(r.machine.WorkDir(), full)
	}
	if err := r.machine.Access(full, c.Credentials, Reach); err != nil {
		v.disable(r.notAccessible(written, full, c.Credentials, err))
		return
	}
	c.Args[0] = path.Clean(written)
	real, passed, err := walk(r.machine, full)
	if err != nil {
		if c.Credentials.UID == 0 || c.Credentials.GID == 0 {
			v.disable(r.notAccessible(written, full, c.Credentials, err))
			return
		}
		// The script's user can reach what we cannot (root on NFS). There is
		// nothing to protect either: it runs without privilege.
		v.Found = true
		c.Path = full
		return
	}
	v.Found = true
	c.Path = real
	if r.global.UseSymlinkPaths {
		c.Path = path.Clean(full)
	}
	info := passed[len(passed)-1].info
	if !info.Mode.IsRegular() {
		v.disable(Finding{Kind: WrongType, Line: fmt.Sprintf(logtext.ScriptWrongType, written), Component: real})
		return
	}
	if !r.executable(full, info, c.Credentials) {
		v.disable(Finding{
			Kind: NotExecutable, Component: real,
			Line: fmt.Sprintf(logtext.ScriptNotExecutable, written, c.Credentials.UID, c.Credentials.GID),
			Hint: "chmod +x " + real,
		})
		return
	}
	r.security(c, v, info, passed)
	if !v.Disabled {
		r.interpreter(c, v, real)
	}
}

// security judges who could change what is executed with privilege.
func (r *Resolver) security(c *Command, v *Verdict, info FileInfo, passed []component) {
	privileged := c.Credentials.UID == 0 || c.Credentials.GID == 0 ||
		info.Mode&fs.ModeSetuid != 0 && info.UID == 0 ||
		info.Mode&fs.ModeSetgid != 0 && info.GID == 0
	if !privileged {
		return
	}
	for _, step := range passed {
		why := step.unsafe()
		if why == "" {
			continue
		}
		v.Insecure = true
		line := logtext.ScriptUnsafe
		if r.global.EnableScriptSecurity {
			line = logtext.ScriptUnsafeDisabled
			v.Disabled = true
		}
		v.note(Finding{
			Kind: Unsafe, Line: fmt.Sprintf(line, c.Args[0]), Component: step.path, Detail: why,
			Hint: "make root the owner of " + step.path + " and let nobody else write to it, or run the script as another user",
		})
		return
	}
}

// interpreter notes scripts that only a shell can run, and those whose "#!"
// line leads nowhere.
func (r *Resolver) interpreter(c *Command, v *Verdict, real string) {
	head, err := r.machine.Head(real, headSize)
	if err != nil {
		return // executable and not readable is a legal state
	}
	if needsShell(head) {
		v.note(Finding{Kind: NoInterpreterLine, Line: fmt.Sprintf(logtext.ScriptNoShebang, c.Args[0])})
		return
	}
	name := Interpreter(head)
	if !path.IsAbs(name) {
		return
	}
	if _, _, err := walk(r.machine, name); err != nil {
		v.note(Finding{
			Kind: MissingInterpreter, Component: name,
			// Ours: keepalived runs such a script and takes the failure for
			// success.
			Line: fmt.Sprintf("Script %s cannot be executed - its interpreter %s does not exist", c.Args[0], name),
			Hint: "install " + name + " or mend the first line of " + real,
		})
	}
}

// notAccessible explains why a script cannot be reached: the first component
// that is missing, or that its user may not enter.
func (r *Resolver) notAccessible(written, full string, c Credentials, err error) Finding {
	f := Finding{Kind: NotFound, Line: fmt.Sprintf(logtext.ScriptNotAccessible, written, Reason(err))}
	real, passed, walkErr := walk(r.machine, full)
	for _, step := range passed {
		if step.info.Mode.IsDir() && step.path != real && !c.allows(step.info, 1) {
			f.Component = step.path
			f.Detail = fmt.Sprintf("uid:gid %d:%d may not enter %s (mode %04o)", c.UID, c.GID, step.path, step.info.Mode.Perm())
			return f
		}
	}
	if walkErr != nil && len(passed) > 0 {
		f.Detail = "the path exists up to " + passed[len(passed)-1].path
	}
	return f
}
