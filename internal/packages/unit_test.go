package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

const unitFile = "../../packaging/gokeepalived.service"

// directives are the lines of the unit by name.
func directives(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			all[name] = append(all[name], value)
		}
	}
	return all
}

// TestUnitLetsScriptsWork: what notify scripts do must not be taken from them
// by hardening.
func TestUnitLetsScriptsWork(t *testing.T) {
	unit := directives(t)
	for _, c := range []struct {
		why   string
		names []string
	}{
		{"gives the service a mount namespace: what notify_master mounts is seen by nobody else", []string{
			"PrivateTmp", "PrivateDevices", "PrivateMounts", "ProtectSystem", "ProtectHome", "ProtectKernelTunables", "ProtectKernelModules",
			"ProtectKernelLogs", "ProtectControlGroups", "ProtectProc", "ProcSubset", "ReadOnlyPaths", "ReadWritePaths", "InaccessiblePaths",
			"BindPaths", "TemporaryFileSystem", "RootDirectory", "RootImage", "MountAPIVFS", "DynamicUser",
		}},
		{"scripts become other users", []string{"NoNewPrivileges", "PrivateUsers", "User"}},
		{"scripts and net_namespace use namespaces", []string{"RestrictNamespaces", "PrivateNetwork", "ProtectHostname"}},
		{"scripts talk to anything", []string{"RestrictAddressFamilies", "IPAddressDeny", "DeviceAllow", "ProtectClock"}},
		{"real-time priorities are a keyword", []string{"RestrictRealtime"}},
		{"interpreters make code", []string{"MemoryDenyWriteExecute"}},
	} {
		for _, name := range c.names {
			if unit[name] != nil {
				t.Errorf("%s=%s: %s", name, unit[name], c.why)
			}
		}
	}
	if set := unit["CapabilityBoundingSet"]; len(set) != 1 || !strings.HasPrefix(set[0], "~") {
		t.Errorf("CapabilityBoundingSet=%s: scripts need whatever they need", set)
	}
	for _, needed := range []string{"CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_SYS_NICE", "CAP_KILL", "CAP_SETUID", "CAP_CHOWN", "CAP_DAC_OVERRIDE"} {
		if strings.Contains(unit["CapabilityBoundingSet"][0], needed) {
			t.Errorf("%s is taken away", needed)
		}
	}
}

// TestUnitVariables: the options files of both families of distributions
// count.
func TestUnitVariables(t *testing.T) {
	unit := directives(t)
	if want := []string{"-/etc/default/keepalived", "-/etc/sysconfig/keepalived"}; !slices.Equal(unit["EnvironmentFile"], want) {
		t.Errorf("EnvironmentFile=%s, want %s", unit["EnvironmentFile"], want)
	}
	if got, want := unit["ExecStart"], "/usr/sbin/gokeepalived --dont-fork $KEEPALIVED_OPTIONS $DAEMON_ARGS"; len(got) != 1 || got[0] != want {
		t.Errorf("ExecStart=%s, want %s", got, want)
	}
}

// TestUnitVerified asks systemd itself.
func TestUnitVerified(t *testing.T) {
	nstest.Require(t, "systemd")
	text, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	// The program is not installed here.
	unit := filepath.Join(t.TempDir(), "gokeepalived.service")
	if err := os.WriteFile(unit, []byte(strings.Replace(string(text), "/usr/sbin/gokeepalived", "/bin/true", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", "--man=false", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "gokeepalived.service") {
		t.Errorf("systemd-analyze verify: %v: %s", err, out)
	}
	// Exposure in tenths; keepalived's own unit has 96.
	if out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=94", unit).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v: %s", err, out[max(0, len(out)-200):])
	}
}
