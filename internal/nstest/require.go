//go:build linux

package nstest

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// facilities are what a test may need from the machine, each with the probe
// that says why it is missing.
var facilities = map[string]func() error{
	"netns":      probeNetns,
	"ipvs":       probeIPVS,
	"keepalived": command("keepalived"),
	"nftables":   probeNFTables,
	"snmp":       commands("snmpd", "snmpwalk", "snmpset", "snmptrapd", "smilint"),
	"dpkg":       command("dpkg-deb"),
	"dbus":       command("dbus-daemon"),
	"systemd":    command("systemd-analyze"),
}

// Require skips the test when the machine lacks one of the facilities, with
// the reason. It fails instead when the environment variable REQUIRE (a comma
// separated list) names the facility, so that a test machine that should have
// it cannot pass by skipping.
func Require(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		probe, ok := facilities[name]
		if !ok {
			t.Fatalf("nstest: unknown facility %q", name)
		}
		err := probe()
		if err == nil {
			continue
		}
		Missing(t, name, err)
	}
}

// Missing skips the test for a facility that it found missing by itself, or
// fails it when REQUIRE names the facility.
func Missing(t testing.TB, name string, reason error) {
	t.Helper()
	if required(os.Getenv("REQUIRE"), name) {
		t.Fatalf("needs %s, which REQUIRE demands: %v", name, reason)
	}
	t.Skipf("needs %s: %v", name, reason)
}

// withNamespaces are facilities that a machine with namespaces and the packages
// of scripts/install-deps has: REQUIRE=netns demands them as well.
var withNamespaces = []string{"root", "coreutils", "util-linux", "keepalived", "dpkg", "overlay", "dbus", "systemd", "nginx", "nsd", "aiosmtpd", "smtpd", "openssl", "pcre2test"}

func required(list, name string) bool {
	for _, word := range strings.Split(list, ",") {
		switch strings.TrimSpace(word) {
		case name:
			return true
		case "netns":
			if slices.Contains(withNamespaces, name) {
				return true
			}
		}
	}
	return false
}

func probeNetns() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("not root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := netns.Get()
	if err != nil {
		return err
	}
	defer home.Close()
	fresh, err := netns.New()
	if err != nil {
		return fmt.Errorf("create a network namespace: %w", err)
	}
	defer fresh.Close()
	if err := netns.Set(home); err != nil {
		// The thread cannot be used any more, nor can the test binary.
		panic(fmt.Sprintf("nstest: return from a namespace: %v", err))
	}
	return nil
}

func probeIPVS() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("not root")
	}
	if _, err := netlink.GenlFamilyGet("IPVS"); err != nil {
		return fmt.Errorf("kernel without IPVS: %w", err)
	}
	return nil
}

// command is the probe for a program.
func command(name string) func() error {
	return func() error {
		_, err := exec.LookPath(name)
		return err
	}
}

// commands is the probe for several programs.
func commands(names ...string) func() error {
	return func() error {
		for _, name := range names {
			if err := command(name)(); err != nil {
				return err
			}
		}
		return nil
	}
}

func probeNFTables() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("not root")
	}
	// In a network of its own; a kernel may have nftables without families.
	out, err := exec.Command("unshare", "-n", "nft", "add table ip t; add table ip6 t; add table inet t").CombinedOutput()
	if err != nil {
		return fmt.Errorf("nft add table: %w: %s", err, out)
	}
	return nil
}
