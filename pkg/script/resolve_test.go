package script_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"github.com/gokeepalived/gokeepalived/pkg/script/scripttest"
)

// host is a merged-/usr machine with scripts in all states.
func host() *scripttest.Machine {
	m := scripttest.New()
	exe := scripttest.File{Mode: 0o755, Head: "#!/bin/sh\n"}
	m.Add("/bin", scripttest.File{Target: "usr/bin"})
	m.Add("/usr/bin/sh", scripttest.File{Target: "dash"})
	m.Add("/usr/bin/dash", scripttest.File{Mode: 0o755, Head: "\x7fELF"})
	m.Add("/usr/bin/true", scripttest.File{Mode: 0o755, Head: "\x7fELF"})
	m.Add("/tmp", scripttest.File{Mode: fs.ModeDir | fs.ModeSticky | 0o777})
	m.Add("/etc/ka/ok.sh", exe)
	m.Add("/etc/ka/plain.txt", scripttest.File{Mode: 0o644})
	m.Add("/etc/ka/nobang", scripttest.File{Mode: 0o755, Head: "exit 3\n"})
	m.Add("/etc/ka/badbang", scripttest.File{Mode: 0o755, Head: "#! /no/such -x\n"})
	m.Add("/etc/ka/world.sh", scripttest.File{Mode: 0o757, Head: "#!/bin/sh\n"})
	m.Add("/etc/ka/rootgroup.sh", scripttest.File{Mode: 0o775, Head: "#!/bin/sh\n"})
	m.Add("/etc/ka/group.sh", scripttest.File{Mode: 0o775, GID: 4, Head: "#!/bin/sh\n"})
	m.Add("/etc/ka/notroot.sh", scripttest.File{Mode: 0o755, UID: 7, Head: "#!/bin/sh\n"})
	m.Add("/etc/ka/onlyowner.sh", scripttest.File{Mode: 0o700, Head: "#!/bin/sh\n"})
	m.Add("/etc/ka/suid", scripttest.File{Mode: fs.ModeSetuid | 0o757, Head: "\x7fELF"})
	m.Add("/etc/ka/sgid", scripttest.File{Mode: fs.ModeSetgid | 0o757, Head: "\x7fELF"})
	m.Add("/etc/ka/link.sh", scripttest.File{Target: "/tmp/x/../ok.sh"})
	m.Add("/tmp/x", scripttest.File{Mode: fs.ModeDir | 0o755})
	m.Add("/tmp/ok.sh", exe)
	m.Add("/tmp/mine.sh", scripttest.File{Target: "/etc/ka/ok.sh", UID: 7})
	m.Add("/open/ok.sh", exe)
	m.Add("/open", scripttest.File{Mode: fs.ModeDir | 0o777})
	m.Add("/open/link.sh", scripttest.File{Target: "/etc/ka/ok.sh"})
	m.Add("/private", scripttest.File{Mode: fs.ModeDir | 0o700})
	m.Add("/private/ok.sh", exe)
	m.Add("/loop", scripttest.File{Target: "loop"})
	return m
}

func TestResolve(t *testing.T) {
	root := &config.ScriptUser{User: "root"}
	nobody := &config.ScriptUser{User: "nobody"}
	tests := map[string]struct {
		user     *config.ScriptUser
		args     string
		security bool
		symlinks bool
		// want: path, argv[0]; lines; the component at fault
		path, arg0 string
		lines      []string
		component  string
		disabled   bool
		insecure   bool
		missing    bool
	}{
		"good": {args: "/etc/ka/ok.sh a b", path: "/etc/ka/ok.sh", arg0: "/etc/ka/ok.sh"},
		"cleaned": {
			args: "/etc//ka/./x/../ok.sh a", path: "", arg0: "/etc//ka/./x/../ok.sh", disabled: true, missing: true,
			lines: []string{"Script /etc//ka/./x/../ok.sh cannot be accessed - No such file or directory"},
		},
		"dots":            {args: "/etc//ka/./../ka/ok.sh a", path: "/etc/ka/ok.sh", arg0: "/etc/ka/ok.sh"},
		"symlinked dir":   {args: "/bin/sh x", path: "/usr/bin/dash", arg0: "/bin/sh", security: true},
		"as written":      {args: "/bin/sh x", path: "/bin/sh", arg0: "/bin/sh", symlinks: true},
		"relative":        {args: "etc/ka/ok.sh", path: "/etc/ka/ok.sh", arg0: "etc/ka/ok.sh"},
		"link through ..": {args: "/etc/ka/link.sh", path: "/tmp/ok.sh", arg0: "/etc/ka/link.sh", security: true},
		"missing": {
			args: "/no/such", arg0: "/no/such", disabled: true, missing: true,
			lines: []string{"Script /no/such cannot be accessed - No such file or directory"},
		},
		"below a file": {
			args: "/etc/ka/ok.sh/x", arg0: "/etc/ka/ok.sh/x", disabled: true, missing: true,
			lines: []string{"Script /etc/ka/ok.sh/x cannot be accessed - Not a directory"},
		},
		"loop": {
			args: "/loop", arg0: "/loop", disabled: true, missing: true,
			lines: []string{"Script /loop cannot be accessed - Too many levels of symbolic links"},
		},
		"not reachable for its user": {
			user: nobody, args: "/private/ok.sh", arg0: "/private/ok.sh", disabled: true, missing: true,
			lines:     []string{"Script /private/ok.sh cannot be accessed - Permission denied"},
			component: "/private",
		},
		"not executable": {
			args: "/etc/ka/plain.txt", path: "/etc/ka/plain.txt", arg0: "/etc/ka/plain.txt", disabled: true,
			lines:     []string{"WARNING - script '/etc/ka/plain.txt' is not executable for uid:gid 0:0 - disabling."},
			component: "/etc/ka/plain.txt",
		},
		"not executable for its user": {
			user: nobody, args: "/etc/ka/onlyowner.sh", path: "/etc/ka/onlyowner.sh", arg0: "/etc/ka/onlyowner.sh", disabled: true,
			lines:     []string{"WARNING - script '/etc/ka/onlyowner.sh' is not executable for uid:gid 65534:65534 - disabling."},
			component: "/etc/ka/onlyowner.sh",
		},
		"a folder": {
			args: "/etc/ka", path: "/etc/ka", arg0: "/etc/ka", disabled: true,
			lines: []string{"Wrong file type found in script path '/etc/ka'."}, component: "/etc/ka",
		},
		"bare name": {
			args: "true x", path: "/usr/bin/true", arg0: "/usr/bin/true",
			lines: []string{"WARNING - script `true` resolved by path search to `/usr/bin/true`. Please specify full path."},
		},
		"bare name of nothing": {
			args: "nosuch x", arg0: "nosuch", disabled: true, missing: true,
			lines: []string{"Cannot find script nosuch in path - disabling"},
		},
		"bare name for another user": {
			user: nobody, args: "true x", arg0: "true", disabled: true, missing: true,
			lines: []string{"Permissions failure for script true in path - disabling"},
		},
		"unknown user": {
			user: &config.ScriptUser{User: "whoever"}, args: "/etc/ka/ok.sh", disabled: true, missing: true,
			lines: []string{"Script user 'whoever' does not exist"},
		},
		"unknown group": {
			user: &config.ScriptUser{User: "root", Group: "whoever"}, args: "/etc/ka/ok.sh", disabled: true, missing: true,
			lines: []string{"Script group 'whoever' does not exist"},
		},
		"world-writable": {
			args: "/etc/ka/world.sh", path: "/etc/ka/world.sh", arg0: "/etc/ka/world.sh", insecure: true,
			lines: []string{"Unsafe permissions found for script '/etc/ka/world.sh'."}, component: "/etc/ka/world.sh",
		},
		"world-writable, secure": {
			args: "/etc/ka/world.sh", path: "/etc/ka/world.sh", arg0: "/etc/ka/world.sh", security: true, insecure: true, disabled: true,
			lines: []string{"Unsafe permissions found for script '/etc/ka/world.sh' - disabling."}, component: "/etc/ka/world.sh",
		},
		"world-writable, without privilege": {
			user: nobody, args: "/etc/ka/world.sh", path: "/etc/ka/world.sh", arg0: "/etc/ka/world.sh", security: true,
		},
		"group 0 counts as privilege": {
			user: &config.ScriptUser{User: "nobody", Group: "root"},
			args: "/etc/ka/world.sh", path: "/etc/ka/world.sh", arg0: "/etc/ka/world.sh", insecure: true,
			lines: []string{"Unsafe permissions found for script '/etc/ka/world.sh'."}, component: "/etc/ka/world.sh",
		},
		"setuid root counts as privilege": {
			user: nobody, args: "/etc/ka/suid", path: "/etc/ka/suid", arg0: "/etc/ka/suid", insecure: true,
			lines: []string{"Unsafe permissions found for script '/etc/ka/suid'."}, component: "/etc/ka/suid",
		},
		"setgid root counts as privilege": {
			user: nobody, args: "/etc/ka/sgid", path: "/etc/ka/sgid", arg0: "/etc/ka/sgid", insecure: true,
			lines: []string{"Unsafe permissions found for script '/etc/ka/sgid'."}, component: "/etc/ka/sgid",
		},
		"group root may write": {args: "/etc/ka/rootgroup.sh", path: "/etc/ka/rootgroup.sh", arg0: "/etc/ka/rootgroup.sh", security: true},
		"another group may write": {
			args: "/etc/ka/group.sh", path: "/etc/ka/group.sh", arg0: "/etc/ka/group.sh", insecure: true,
			lines: []string{"Unsafe permissions found for script '/etc/ka/group.sh'."}, component: "/etc/ka/group.sh",
		},
		"not root's": {
			args: "/etc/ka/notroot.sh", path: "/etc/ka/notroot.sh", arg0: "/etc/ka/notroot.sh", insecure: true,
			lines: []string{"Unsafe permissions found for script '/etc/ka/notroot.sh'."}, component: "/etc/ka/notroot.sh",
		},
		"sticky folder":       {args: "/tmp/ok.sh", path: "/tmp/ok.sh", arg0: "/tmp/ok.sh", security: true},
		"writable folder":     {args: "/open/ok.sh", path: "/open/ok.sh", arg0: "/open/ok.sh", insecure: true, component: "/open", lines: []string{"Unsafe permissions found for script '/open/ok.sh'."}},
		"link in such a one":  {args: "/open/link.sh", path: "/etc/ka/ok.sh", arg0: "/open/link.sh", insecure: true, component: "/open", lines: []string{"Unsafe permissions found for script '/open/link.sh'."}},
		"somebody's link":     {args: "/tmp/mine.sh", path: "/etc/ka/ok.sh", arg0: "/tmp/mine.sh", insecure: true, component: "/tmp/mine.sh", lines: []string{"Unsafe permissions found for script '/tmp/mine.sh'."}},
		"no interpreter line": {args: "/etc/ka/nobang", path: "/etc/ka/nobang", arg0: "/etc/ka/nobang", lines: []string{"Please add a #! shebang to script /etc/ka/nobang"}},
		"interpreter missing": {
			args: "/etc/ka/badbang", path: "/etc/ka/badbang", arg0: "/etc/ka/badbang", component: "/no/such",
			lines: []string{"Script /etc/ka/badbang cannot be executed - its interpreter /no/such does not exist"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := config.NewGlobal()
			g.EnableScriptSecurity = test.security
			g.UseSymlinkPaths = test.symlinks
			words := strings.Fields(test.args)
			c, v := script.NewResolver(&g, host()).Resolve(&config.Script{Args: words, Text: test.args, User: test.user, DefaultUser: root})
			var lines []string
			component := ""
			for _, f := range v.Findings {
				lines = append(lines, f.Line)
				if f.Component != "" {
					component = f.Component
				}
			}
			arg0 := ""
			if len(c.Args) > 0 {
				arg0 = c.Args[0]
				if diff := cmp.Diff(words[1:], c.Args[1:]); diff != "" {
					t.Errorf("arguments (-want +got):\n%s", diff)
				}
			}
			type verdict struct {
				Path, Arg0, Component       string
				Lines                       []string
				Disabled, Insecure, Missing bool
			}
			want := verdict{test.path, test.arg0, test.component, test.lines, test.disabled, test.insecure, test.missing}
			got := verdict{c.Path, arg0, component, lines, v.Disabled, v.Insecure, !v.Found}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	supplementary := &config.ScriptUser{User: "nobody", Supplementary: true}
	withDefault := func(m *scripttest.Machine) {
		m.Users[script.DefaultUser] = script.Account{Name: script.DefaultUser, UID: 500, GID: 501}
		m.Member[script.DefaultUser] = []uint32{501, 4}
	}
	tests := map[string]struct {
		machine func(*scripttest.Machine)
		global  func(*config.Global)
		user    *config.ScriptUser
		want    script.Credentials
		line    string
	}{
		"ourselves without groups": {
			machine: func(m *scripttest.Machine) { m.Me = script.Credentials{UID: 3, GID: 4, Groups: []uint32{9}} },
			want:    script.Credentials{UID: 3, GID: 4},
		},
		"keepalived_script": {machine: withDefault, want: script.Credentials{UID: 500, GID: 501}},
		"keepalived_script with its groups": {
			machine: withDefault, global: func(g *config.Global) { g.SetSupplementaryGroups = true },
			want: script.Credentials{UID: 500, GID: 501, Groups: []uint32{501, 4}},
		},
		"nobody to run secure scripts": {
			global: func(g *config.Global) { g.EnableScriptSecurity = true },
			line:   "Unable to set default user keepalived_script for script",
		},
		"own user":          {user: &config.ScriptUser{User: "nobody"}, want: script.Credentials{UID: 65534, GID: 65534}},
		"own user's groups": {user: supplementary, want: script.Credentials{UID: 65534, GID: 65534, Groups: []uint32{65534, 77}}},
		"number is no name": {user: &config.ScriptUser{User: "65534"}, line: "Script user '65534' does not exist"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := scripttest.New()
			m.Member["nobody"] = []uint32{65534, 77}
			if test.machine != nil {
				test.machine(m)
			}
			g := config.NewGlobal()
			if test.global != nil {
				test.global(&g)
			}
			r := script.NewResolver(&g, m)
			got, bad := r.Credentials(test.user)
			line := ""
			if bad != nil {
				line = bad.Line
			}
			if diff := cmp.Diff(test.want, got); diff != "" || line != test.line {
				t.Errorf("credentials (-want +got):\n%s\nline %q, want %q", diff, line, test.line)
			}
			asked := m.Lookups
			r.Credentials(test.user)
			if m.Lookups != asked {
				t.Error("the account is looked up a second time")
			}
		})
	}
}

// TestDefaultUser: script_user counts for the scripts behind it only.
func TestDefaultUser(t *testing.T) {
	nobody, adm := &config.ScriptUser{User: "nobody"}, &config.ScriptUser{User: "nobody", Group: "adm"}
	g := config.NewGlobal()
	g.ScriptUser = adm
	r := script.NewResolver(&g, scripttest.New())
	for _, test := range []struct {
		script config.Script
		want   script.Credentials
	}{
		{config.Script{}, script.Credentials{}},
		{config.Script{DefaultUser: adm}, script.Credentials{UID: 65534, GID: 4}},
		{config.Script{DefaultUser: adm, User: nobody}, script.Credentials{UID: 65534, GID: 65534}},
	} {
		test.script.Args = []string{"/etc/ka/ok.sh"}
		c, _ := r.Resolve(&test.script)
		if diff := cmp.Diff(test.want, c.Credentials); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.script, diff)
		}
	}
}

func TestReadTest(t *testing.T) {
	g := config.NewGlobal()
	c, v := script.NewResolver(&g, host()).Resolve(&config.Script{ReadFile: "/no/such", Text: "</no/such"})
	if v.Disabled || c.ReadFile != "/no/such" || len(c.Args) != 0 {
		t.Errorf("got %+v, %+v: a file that is missing is a failing test, not a missing script", c, v)
	}
}
