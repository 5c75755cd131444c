//go:build linux

package packages

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// inside runs a shell script as one that logged in to the machine would.
func (s *system) inside(script string) string {
	s.t.Helper()
	out, err := exec.Command("nsenter", "--target", s.first, "--mount", "--pid", "--net", "--root", "--wd", "sh", "-ec", script).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// runs waits until the service runs a program and has its address.
func (s *system) runs(program string) {
	s.t.Helper()
	nstest.Eventually(s.t, patience, program+" as master", func() (bool, string) {
		out := s.inside(`pid=$(systemctl show keepalived --value -p MainPID)
readlink /proc/$pid/exe || true
tr '\0' ' ' </proc/$pid/cmdline || true
systemctl is-active keepalived || true
ip -o addr show dev eth0`)
		return strings.HasPrefix(out, program+"\n/usr/sbin/keepalived --dont-fork -D active\n") && strings.Contains(out, " 10.9.0.100/24 "), out
	})
}

// TestSwapUnderSystemd: the service goes over with the package, and back, and
// its name works all the time.
func TestSwapUnderSystemd(t *testing.T) {
	t.Parallel()
	r := debian(t)
	r.Write("/etc/keepalived/keepalived.conf", `vrrp_instance VI_1 {
	interface eth0
	virtual_router_id 51
	priority 150
	version 3
	advert_int 0.1
	virtual_ipaddress {
		10.9.0.100/24
	}
}
`, 0o644)
	r.CopyIn(packageFile(t, ".deb"), "/tmp/gokeepalived.deb", 0o644)
	r.Shell("ls /var/lib/apt/lists/*Packages* >/dev/null 2>&1 || " + apt + " update\ncd /tmp; " + apt + " download keepalived 2>/dev/null; rm /usr/sbin/policy-rc.d")
	s := boot(t, r)
	s.runs("/usr/sbin/keepalived")

	s.inside("dpkg -i /tmp/gokeepalived.deb")
	s.runs("/usr/sbin/gokeepalived")
	if got := s.systemctl("is-active gokeepalived"); got != "active" {
		t.Errorf("by its second name the service is %s", got)
	}
	if got := s.systemctl("is-enabled keepalived"); got != "enabled" {
		t.Errorf("the service is %s", got)
	}
	s.inside("systemctl restart keepalived; systemctl reload keepalived")
	s.runs("/usr/sbin/gokeepalived")
	// An upgrade starts the new program.
	before := s.systemctl("show keepalived --value -p MainPID")
	s.inside("dpkg -i /tmp/gokeepalived.deb")
	s.runs("/usr/sbin/gokeepalived")
	if now := s.systemctl("show keepalived --value -p MainPID"); now == before {
		t.Error("after an upgrade the old program runs")
	}

	s.inside("dpkg --remove gokeepalived")
	if out := s.inside("ip -o addr show dev eth0; ls /run/*.pid 2>/dev/null || true"); strings.Contains(out, "10.9.0.100") || strings.Contains(out, "keepalived.pid") {
		t.Errorf("after the removal: %s", out)
	}
	s.inside("dpkg -i /tmp/keepalived_*.deb")
	s.runs("/usr/sbin/keepalived")
	s.systemctl("stop keepalived")
}
