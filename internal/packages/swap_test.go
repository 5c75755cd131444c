//go:build linux

package packages

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

const administrators = `# written by the administrator
virtual_server 192.0.2.80 80 {
	protocol TCP
	lb_algo rr
	lb_kind NAT
	real_server 10.0.0.21 80 {
		TCP_CHECK {
		}
	}
}
`

const dropIn = "[Service]\nLimitMEMLOCK=infinity\n"

// debian is a machine with Debian's keepalived, configured and enabled.
func debian(t *testing.T) *nstest.Root {
	t.Helper()
	nstest.Require(t, "dpkg", "keepalived")
	if out, err := exec.Command("dpkg-query", "-f", "${Status}", "-W", "keepalived").Output(); err != nil || string(out) != "install ok installed" {
		t.Fatalf("keepalived is not installed from its package: %q, %v", out, err)
	}
	packageFile(t, ".deb")
	r := nstest.NewRoot(t)
	r.Write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
	r.Write("/etc/keepalived/keepalived.conf", administrators, 0o640)
	r.Write("/etc/default/keepalived", "DAEMON_ARGS=\"-D\"\n", 0o644)
	r.Write("/etc/systemd/system/keepalived.service.d/limit.conf", dropIn, 0o644)
	// Only saves time: nobody reads the manual's index here.
	r.Shell("rm -f /var/lib/man-db/auto-update")
	r.Shell("DPKG_MAINTSCRIPT_PACKAGE=keepalived deb-systemd-helper enable keepalived.service")
	return r
}

// install copies our package inside and installs it as the README says.
func install(t *testing.T, r *nstest.Root) {
	t.Helper()
	r.CopyIn(packageFile(t, ".deb"), "/tmp/gokeepalived.deb", 0o644)
	r.Shell(apt + " install -y --no-install-recommends /tmp/gokeepalived.deb")
}

// installByDpkg is the quicker way.
func installByDpkg(t *testing.T, r *nstest.Root) {
	t.Helper()
	r.CopyIn(packageFile(t, ".deb"), "/tmp/gokeepalived.deb", 0o644)
	r.Shell("dpkg -i /tmp/gokeepalived.deb")
}

const apt = "DEBIAN_FRONTEND=noninteractive apt-get -qq -o APT::Sandbox::User=root"

// reinstall puts Debian's package back. The machine's lists may have been
// deleted to save space.
func reinstall(r *nstest.Root) {
	r.Shell("ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || " + apt + " update\n" + apt + " install -y --no-install-recommends keepalived")
}

// state is what must be the same before, between and after.
func state(r *nstest.Root) string {
	return r.Shell(`cat /etc/keepalived/keepalived.conf /etc/default/keepalived /etc/systemd/system/keepalived.service.d/limit.conf
stat -c '%a %U %n' /etc/keepalived /etc/keepalived/keepalived.conf
readlink /etc/systemd/system/multi-user.target.wants/keepalived.service || echo not enabled`)
}

func packageState(r *nstest.Root, name string) string {
	out, _ := r.Try("dpkg-query -f '${db:Status-Status}' -W " + name + " 2>/dev/null")
	return out
}

func expectPackages(t *testing.T, r *nstest.Root, ours, theirs string) {
	t.Helper()
	if got := packageState(r, "gokeepalived"); got != ours {
		t.Errorf("gokeepalived is %q, want %q", got, ours)
	}
	if got := packageState(r, "keepalived"); got != theirs {
		t.Errorf("keepalived is %q, want %q", got, theirs)
	}
	if audit := r.Shell("dpkg --audit"); audit != "" {
		t.Errorf("dpkg --audit: %s", audit)
	}
}

const (
	installed   = "installed"
	onlyConfig  = "config-files"
	enabledUnit = "/lib/systemd/system/keepalived.service"
)

// TestSwap goes from Debian's keepalived to us and back, as the README says.
func TestSwap(t *testing.T) {
	t.Parallel()
	r := debian(t)
	before := state(r)
	if !strings.Contains(before, enabledUnit) {
		t.Fatalf("the service is not enabled to begin with:\n%s", before)
	}

	install(t, r)
	expectPackages(t, r, installed, onlyConfig)
	if changed := r.Shell("dpkg -V gokeepalived"); changed != "" {
		t.Errorf("files differ from the package:\n%s", changed)
	}
	if now := state(r); now != before {
		t.Errorf("before\n%s\nnow\n%s", before, now)
	}
	if version := r.Shell("keepalived -v 2>&1"); !strings.Contains(version, "gokeepalived 1.2.3") {
		t.Errorf("keepalived is\n%s", version)
	}
	if out := r.Shell("keepalived -t 2>&1"); out != "" {
		t.Errorf("keepalived -t: %s", out)
	}
	if out := r.Shell("gokeepalived check --offline /etc/keepalived/keepalived.conf 2>&1"); !strings.Contains(out, "nothing found") {
		t.Errorf("check: %s", out)
	}
	if out, err := r.Try("genhash -h 2>&1"); err == nil || !strings.HasPrefix(out, "Usage: genhash") {
		t.Errorf("genhash: %v\n%s", err, out)
	}
	for _, unit := range []string{"keepalived", "gokeepalived"} {
		if text := r.Shell("cat /lib/systemd/system/" + unit + ".service"); !strings.Contains(text, "ExecStart=/usr/sbin/keepalived ") {
			t.Errorf("%s.service is\n%s", unit, text)
		}
	}

	if _, err := r.Try("command -v systemd-analyze"); err == nil {
		if out, err := r.Try("systemd-analyze --man=no verify keepalived.service 2>&1"); err != nil || strings.Contains(out, "keepalived") {
			t.Errorf("systemd-analyze verify: %v\n%s", err, out)
		}
		if out, err := r.Try("systemctl is-enabled keepalived.service"); err != nil || strings.TrimSpace(out) != "enabled" {
			t.Errorf("systemctl is-enabled: %v, %s", err, out)
		}
	}

	reinstall(r)
	expectPackages(t, r, onlyConfigOrGone(r), installed)
	if now := state(r); now != before {
		t.Errorf("before\n%s\nafter going back\n%s", before, now)
	}
	if version := r.Shell("keepalived -v 2>&1"); strings.Contains(version, "gokeepalived") {
		t.Errorf("after going back keepalived is\n%s", version)
	}
	if _, err := r.Try("keepalived -t"); err != nil {
		t.Errorf("after going back keepalived -t: %v", err)
	}
	if changed := r.Shell("dpkg -V keepalived | grep -v ' c ' || true"); changed != "" {
		t.Errorf("files differ from Debian's package:\n%s", changed)
	}
	for name := range listDeb(t) {
		if strings.Contains(name, "gokeepalived") {
			if out, err := r.Try("ls -d " + name); err == nil {
				t.Errorf("left behind: %s", out)
			}
		}
	}
	// The name of the service is no longer ours.
	r.Shell("dpkg --purge gokeepalived")
	if now := state(r); now != before {
		t.Errorf("before\n%s\nafter the purge\n%s", before, now)
	}
}

// onlyConfigOrGone: a package without configuration files is forgotten when it
// is removed, unless it has a script for the purge.
func onlyConfigOrGone(r *nstest.Root) string {
	if got := packageState(r, "gokeepalived"); got != "" {
		return onlyConfig
	}
	return ""
}

// TestSwapByDpkg: dpkg alone removes the other package after it has unpacked
// ours, and a keepalived whose package has the unit below /usr takes our unit
// with it when /lib is a link to /usr/lib.
func TestSwapByDpkg(t *testing.T) {
	t.Parallel()
	r := debian(t)
	r.Shell(`mkdir -p /tmp/other/DEBIAN /tmp/other/usr/lib/systemd/system /tmp/other/usr/sbin
printf 'Package: keepalived\nVersion: 1:2.3.4-1\nArchitecture: all\nMaintainer: x <x@example.net>\nDescription: x\n' >/tmp/other/DEBIAN/control
cp /lib/systemd/system/keepalived.service /tmp/other/usr/lib/systemd/system
cp /usr/sbin/keepalived /tmp/other/usr/sbin
dpkg-deb --build /tmp/other /tmp/other.deb
dpkg --remove keepalived
dpkg -i /tmp/other.deb`)
	before := state(r)
	installByDpkg(t, r)
	expectPackages(t, r, installed, onlyConfig)
	if now := state(r); now != before {
		t.Errorf("before\n%s\nnow\n%s", before, now)
	}
	if changed := r.Shell("dpkg -V gokeepalived"); changed != "" {
		t.Errorf("files differ from the package:\n%s", changed)
	}
}

// TestSwapKeepsDisabled: a service that the administrator has disabled stays so.
func TestSwapKeepsDisabled(t *testing.T) {
	t.Parallel()
	r := debian(t)
	r.Shell("rm /etc/systemd/system/multi-user.target.wants/keepalived.service")
	before := state(r)
	installByDpkg(t, r)
	if now := state(r); now != before || !strings.Contains(now, "not enabled") {
		t.Errorf("before\n%s\nnow\n%s", before, now)
	}
}

// TestRemove: without another keepalived the configuration stays, and the next
// one finds it.
func TestRemove(t *testing.T) {
	t.Parallel()
	r := debian(t)
	installByDpkg(t, r)
	r.Shell("dpkg --remove gokeepalived")
	if got := r.Shell("cat /etc/keepalived/keepalived.conf"); got != administrators {
		t.Errorf("the configuration is now\n%s", got)
	}
	if out, err := r.Try("ls /usr/sbin/keepalived /usr/sbin/gokeepalived /lib/systemd/system/*keepalived* 2>/dev/null"); err == nil || out != "" {
		t.Errorf("left behind: %s", out)
	}
	installByDpkg(t, r)
	if out := r.Shell("keepalived -t 2>&1"); out != "" {
		t.Errorf("keepalived -t: %s", out)
	}
	r.Shell("dpkg --purge gokeepalived")
	if got := state(r); !strings.Contains(got, "not enabled") || !strings.Contains(got, administrators) {
		t.Errorf("after the purge:\n%s", got)
	}
}
