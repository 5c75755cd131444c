package daemon

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Emulates is the keepalived release whose behaviour this program has. Tools
// compare it with the release that brought a feature, so it is what -v and the
// log show first.
const Emulates = "2.4.3"

// Version and Date of gokeepalived, set by the linker. Date is MM/DD,YYYY.
var (
	Version = "devel"
	Date    = ""
)

// versionText is how the program names itself: "Keepalived v2.4.3 (11/20,2026)".
func versionText() string {
	return fmt.Sprintf("Keepalived v%s (%s)", Emulates, buildDate())
}

func buildDate() string {
	if Date != "" {
		return Date
	}
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, s := range info.Settings {
			// 2026-11-20T...
			if s.Key == "vcs.time" && len(s.Value) >= 10 {
				return s.Value[5:7] + "/" + s.Value[8:10] + "," + s.Value[:4]
			}
		}
	}
	return "devel"
}

// configureOptions is what programs that parse -v look for: the features a
// keepalived would have been configured with.
var configureOptions = []string{
	"--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var", "--runstatedir=/run",
	"--enable-snmp", "--enable-snmp-rfcv2", "--enable-snmp-rfcv3", "--enable-dbus", "--enable-json", "--enable-bfd", "--enable-regex", "--enable-log-file", "--with-init=systemd",
}

// configOptions and systemOptions are the other two lists of -v.
var (
	configOptions = []string{"NFTABLES", "LVS", "REGEX", "VRRP", "VRRP_AUTH", "VRRP_VMAC", "JSON", "BFD", "OLD_CHKSUM_COMPAT", "SNMP_V3_FOR_V2", "SNMP_VRRP", "SNMP_CHECKER", "SNMP_RFCV2", "SNMP_RFCV3", "DBUS", "LOG_FILE", "INIT=systemd", "SYSTEMD_NOTIFY"}
	systemOptions = []string{"MEMFD_CREATE", "IPVS_DEST_ATTR_ADDR_FAMILY", "IPVS_SYNCD_ATTRIBUTES", "IPVS_64BIT_STATS", "IPVS_TUN_TYPE", "VRRP_IPVLAN", "SO_MARK"}
)

// builtForKernel is the oldest kernel the program is meant for: that of the
// oldest supported distribution.
const builtForKernel = "4.18.0"

// printVersion prints the blocks of -v.
func printVersion(w io.Writer) {
	fmt.Fprintf(w, "%s, gokeepalived %s\n\n", versionText(), Version)
	fmt.Fprintf(w, "gokeepalived is free software under the Apache License 2.0\n\n")
	fmt.Fprintf(w, "Built with %s for Linux %s\n", runtime.Version(), builtForKernel)
	fmt.Fprintf(w, "Running on %s\n", runningOn())
	if distro := distribution("/etc/os-release"); distro != "" {
		fmt.Fprintf(w, "Distro: %s\n", distro)
	}
	fmt.Fprintf(w, "\nconfigure options: %s\n", strings.Join(configureOptions, " "))
	fmt.Fprintf(w, "\nConfig options:  %s\n", strings.Join(configOptions, " "))
	fmt.Fprintf(w, "\nSystem options:  %s\n", strings.Join(systemOptions, " "))
}

// kernelText is the line about the kernel: a warning if it is older than what
// the program is meant for.
func kernelText(running, release string) string {
	if olderKernel(release, builtForKernel) {
		return fmt.Sprintf(logtext.NewerKernel, builtForKernel, running)
	}
	return fmt.Sprintf(logtext.RunningOn, running, builtForKernel)
}

// olderKernel compares two releases by their first two numbers.
func olderKernel(a, b string) bool {
	var aMajor, aMinor, bMajor, bMinor int
	if n, _ := fmt.Sscanf(a, "%d.%d", &aMajor, &aMinor); n != 2 {
		return false
	}
	_, _ = fmt.Sscanf(b, "%d.%d", &bMajor, &bMinor)
	return aMajor < bMajor || aMajor == bMajor && aMinor < bMinor
}

// kernelRelease is that of uname(2).
func kernelRelease() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}

// runningOn is system, release and version of uname(2).
func runningOn() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "Linux"
	}
	return strings.Join([]string{
		unix.ByteSliceToString(u.Sysname[:]), unix.ByteSliceToString(u.Release[:]), unix.ByteSliceToString(u.Version[:]),
	}, " ")
}

// distribution is PRETTY_NAME of an os-release file, "" if there is none.
func distribution(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, ok := strings.CutPrefix(s.Text(), "PRETTY_NAME="); ok {
			return strings.Trim(name, `"'`)
		}
	}
	return ""
}

// printUsage prints the text of -h.
func printUsage(w io.Writer, argv0 string) {
	fmt.Fprintf(w, "Usage: %s [OPTION...]\n", argv0)
	for _, f := range flagTable() {
		if !f.hidden {
			fmt.Fprintln(w, usageLine(&f))
		}
	}
}
