package preflight_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
)

// The same file, on this machine, through the installed keepalived's -t: the
// same exit status and the same lines.
func TestAgainstKeepalived(t *testing.T) {
	nstest.Require(t, "keepalived")
	if os.Getuid() != 0 {
		nstest.Missing(t, "root", errors.New("scripts of several owners are judged"))
	}
	dir, err := os.MkdirTemp("", "gkpreflight")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	put := func(name string, mode os.FileMode, owner int) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte("#!/bin/sh\n"), mode), os.Chmod(path, mode), os.Chown(path, owner, owner)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	good, world, other := put("good", 0o755, 0), put("world", 0o757, 0), put("other", 0o755, 1)
	const base = "vrrp_instance V1 {\n interface IFACE\n virtual_router_id 1\n virtual_ipaddress {\n 203.0.113.9/24\n }\n"
	iface := existingInterface(t)
	withTrack := func(head, command, user string) string {
		return head + "vrrp_script s {\n script \"" + command + "\"\n" + user + "}\n" + base + " track_script {\n s\n }\n}\n"
	}
	withNotify := func(head, command string) string { return head + base + " notify \"" + command + "\"\n}\n" }
	misc := func(command, user string) string {
		return "virtual_server 203.0.113.9 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n real_server 203.0.113.3 80 {\n  MISC_CHECK {\n   misc_path \"" +
			command + "\"\n" + user + "  }\n }\n}\n"
	}
	confs := map[string]string{
		"missing interface":            strings.ReplaceAll(base, "IFACE", "nosuch9") + "}\n",
		"missing interface hides":      noScript + "vrrp_script s {\n script \"" + good + "\"\n}\n" + strings.ReplaceAll(base, "IFACE", "nosuch9") + " track_script {\n s\n }\n}\n",
		"missing interfaces":           base + " track_interface {\n nosuch1\n }\n virtual_ipaddress_excluded {\n 203.0.113.10 dev nosuch2\n }\n virtual_routes {\n 198.51.100.0/24 via 203.0.113.1 dev nosuch3\n }\n virtual_rules {\n from 198.51.100.0/24 iif nosuch4 table 100 preference 7\n }\n}\n",
		"interface settings":           "linkbeat_interfaces {\n nosuch1\n}\ninterface_up_down_delays {\n nosuch2 1 2\n}\n" + base + "}\n",
		"static without interface":     "global_defs {\n default_interface nosuch1\n}\nstatic_ipaddress {\n 203.0.113.7/24\n}\n",
		"loopback":                     strings.ReplaceAll(base, "IFACE", "lo") + "}\n",
		"VMAC name taken":              base + " use_vmac lo\n}\n",
		"dynamic":                      "global_defs {\n dynamic_interfaces\n}\n" + strings.ReplaceAll(base, "IFACE", "nosuch9") + "}\n",
		"track script missing":         withTrack(security, "/no/such a", ""),
		"track script good":            withTrack(security, good, ""),
		"track script, bare name":      withTrack(security, "true", ""),
		"track script, no such name":   withTrack(security, "nosuchprogram", ""),
		"track script of /bin":         withTrack(security, "/bin/true", ""),
		"track script, a folder":       withTrack(security, "/usr/bin", ""),
		"track script, writable":       withTrack(security, world, ""),
		"track script, of another":     withTrack(security, other, ""),
		"track script without":         withTrack(noScript, good, ""),
		"track script writable, w/o":   withTrack(noScript, world, ""),
		"track script, unknown user":   withTrack(security, good, " user nosuchuser\n"),
		"track script, unknown group":  withTrack(security, good, " user root nosuchgroup\n"),
		"track script, no user at all": withTrack("global_defs {\n enable_script_security\n}\n", good, ""),
		"track script, file test":      withTrack(noScript, "</no/such", ""),
		"notify good":                  withNotify(security, good),
		"notify missing":               withNotify(noScript, "/no/such"),
		"notify without":               withNotify(noScript, good),
		"notify writable":              withNotify(security, world),
		"unknown script_user":          withNotify("global_defs {\n enable_script_security\n script_user nosuchuser\n}\n", "/no/such"),
		"startup":                      "global_defs {\n startup_script " + good + "\n}\n" + base + "}\n",
		"misc missing":                 security + misc("/no/such", ""),
		"misc without":                 noScript + misc(good, ""),
		"misc, unknown user":           security + misc(good+" m", "   user nosuchuser\n"),
		"route names": "static_routes {\n" + routeLines("table", "scope", "realms", "tos", "dsfield", "protocol") +
			" 198.51.100.0/24 dev IFACE table main scope link protocol static no_track\n}\n",
		"rule names":                          "static_rules {\n table foo preference 1\n table 5 preference 2 tos foo\n table 5 preference 3 realms foo\n table 5 preference 4 sup_group foo\n table main preference 5 sup_group default\n}\n",
		"routes and rules with a master":      base + " virtual_routes {\n" + routeLines("table") + " }\n virtual_rules {\n lookup foo preference 1\n }\n}\n",
		"VRF of routes":                       "static_routes {\n 198.51.100.0/24 dev IFACE vrf IFACE\n 198.51.100.0/24 dev IFACE vrf nosuch9\n}\n",
		"user of a script that nobody tracks": noScript + "vrrp_script s {\n script " + good + "\n user nosuchuser\n}\n",
		"config_save_dir":                     "global_defs {\n config_save_dir " + filepath.Join(dir, "no", "such") + "\n}\n",
	}
	place := regexp.MustCompile(`^\((?:.*: )?Line (\d+)\) `)
	for name, conf := range confs {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keepalived.conf")
			if err := os.WriteFile(path, []byte(strings.ReplaceAll(conf, "IFACE", iface)), 0o644); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("keepalived", "-t", "-f", path).CombinedOutput()
			exit := 0
			var failed *exec.ExitError
			if errors.As(err, &failed) {
				exit = failed.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(out)) {
				want = append(want, place.ReplaceAllString(strings.TrimSpace(line), "$1: "))
			}
			cfg, _, list := confparse.Load(confparse.OSFiles(), path, confparse.Env{HostName: "n", WorkDir: "/", Now: time.Now(), Test: true})
			list = append(list, preflight.Check(cfg, preflight.Host{})...)
			var got []string
			for _, d := range list {
				if d.Class != diag.ClassOwn && d.Class != diag.ClassLog {
					got = append(got, place.ReplaceAllString(diag.LogLine(d, "", nil), "$1: "))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("lines (-keepalived +ours):\n%s", diff)
			}
			if list.ExitCode() != exit {
				t.Errorf("exit status %d, keepalived has %d", list.ExitCode(), exit)
			}
		})
	}
}

// routeLines are routes that name something that is not there.
func routeLines(options ...string) string {
	text := ""
	for _, o := range options {
		text += " 198.51.100.0/24 dev IFACE no_track " + o + " foo\n"
	}
	return text
}

// existingInterface is any interface that VRRP could run on.
func existingInterface(t *testing.T) string {
	t.Helper()
	list, err := preflight.Host{}.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if !i.Loopback && i.Multicast {
			return i.Name
		}
	}
	t.Skip("needs an interface with multicast")
	return ""
}
