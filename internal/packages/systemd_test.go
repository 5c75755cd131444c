//go:build linux

package packages

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// bootSystemd starts systemd as the first process of a private machine: own
// processes, network, host name and control groups. Only the target of the
// test is started.
const bootSystemd = `mount -t proc proc /proc
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
ip link add eth0 type veth peer name eth1
ip addr add 10.9.0.1/24 dev eth0
ip link set eth0 up
ip link set eth1 up
exec /lib/systemd/systemd --system --unit=test.target --log-target=console --show-status=no`

const patience = 30 * time.Second

// system is a machine that systemd runs.
type system struct {
	*nstest.Root
	t *testing.T
	// first is the number that its first process has here.
	first string
}

func boot(t *testing.T, r *nstest.Root) *system {
	t.Helper()
	nstest.Require(t, "systemd")
	// What belongs to a real start of a machine is left out.
	r.Write("/etc/systemd/system/test.target", "[Unit]\nDefaultDependencies=no\nWants=keepalived.service\n", 0o644)
	r.Write("/etc/systemd/system/keepalived.service.d/alone.conf", "[Unit]\nDefaultDependencies=no\n", 0o644)
	cmd := r.Command("unshare", "--pid", "--fork", "--kill-child", "--mount", "--net", "--uts", "--ipc", "--cgroup", "sh", "-ec", bootSystemd)
	cmd.Env = append(os.Environ(), "container=other")
	console, err := os.Create(filepath.Join(t.TempDir(), "console"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = console, console
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(console.Name())
			t.Logf("systemd said:\n%s", text)
		}
		console.Close()
	})
	s := &system{Root: r, t: t}
	pid := cmd.Process.Pid
	nstest.Eventually(t, patience, "systemd", func() (bool, string) {
		children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		s.first = strings.TrimSpace(string(children))
		out, err := s.Try("test -S /run/systemd/private")
		text, _ := os.ReadFile(console.Name())
		return err == nil && s.first != "", out + string(text)
	})
	return s
}

// systemctl runs the command of this name.
func (s *system) systemctl(args string) string {
	all := append([]string{"--target", s.first, "--mount", "--pid", "--net", "--root", "--wd", "systemctl"}, strings.Fields(args)...)
	out, err := exec.Command("nsenter", all...).CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return text + ": " + err.Error()
	}
	return text
}

// await waits until a property of the service is so.
func (s *system) await(property, want string) {
	s.t.Helper()
	nstest.Eventually(s.t, patience, property+" "+want, func() (bool, string) {
		got := s.systemctl("show keepalived --value -p " + property)
		log, _ := s.Try("cat /run/k.log")
		return strings.Contains(got, want), got + "\n" + log
	})
}

// outside is the number that a process of the machine has here.
func (s *system) outside(pidFile string) int {
	s.t.Helper()
	text := strings.TrimSpace(s.Shell("cat " + pidFile))
	files, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, f := range files {
		status, _ := os.ReadFile(f)
		_, rest, _ := strings.Cut(string(status), "\nNSpid:")
		line, _, _ := strings.Cut(rest, "\n")
		numbers := strings.Fields(line)
		if len(numbers) < 2 || numbers[len(numbers)-1] != text {
			continue
		}
		root, _ := os.Readlink(filepath.Join(filepath.Dir(f), "root"))
		if strings.HasPrefix(root, filepath.Dir(s.Dir())) {
			pid, _ := strconv.Atoi(numbers[0])
			return pid
		}
	}
	s.t.Fatalf("process %s of %s is not to be found", text, pidFile)
	return 0
}

// scriptWork is what notify scripts do in the field, and needs no privilege
// that the unit takes away.
const scriptWork = `#!/bin/sh
exec 2>>/run/script.err
set -e
[ "$(readlink /proc/self/ns/mnt)" = "$(readlink /proc/1/ns/mnt)" ]
mkdir -p /mnt/shared
mount -t tmpfs tmpfs /mnt/shared
for d in /root /home /etc /usr/local/bin /var/lib /tmp /opt; do echo x >$d/from-script; done
echo 1 >/proc/sys/net/ipv4/ip_forward
ip route add 198.51.100.0/24 dev eth1
setpriv --reuid nobody --clear-groups id -un >/run/script.user
chown nobody /tmp/from-script
chmod 4755 /usr/local/bin/from-script || echo "no set-uid files" >>/run/script.err
touch /run/script.done
`

// TestServiceUnderSystemd installs the package on a machine that a real systemd
// runs, and uses the service as an operator does.
func TestServiceUnderSystemd(t *testing.T) {
	r := debian(t)
	installByDpkg(t, r)
	r.Write("/usr/local/bin/master.sh", scriptWork, 0o755)
	configuration := `global_defs {
	script_user root
	umask 022
}
vrrp_instance VI_1 {
	version 3
	interface eth0
	virtual_router_id 51
	advert_int 0.1
	virtual_ipaddress {
		10.9.0.100/24
	}
	notify_master /usr/local/bin/master.sh
}
`
	r.Write("/etc/keepalived/keepalived.conf", configuration, 0o644)
	r.Write("/etc/default/keepalived", "DAEMON_ARGS=\"-D\"\n", 0o644)
	r.Write("/etc/sysconfig/keepalived", "KEEPALIVED_OPTIONS=\"-g/run/k.log -G\"\n", 0o644)
	r.Write("/etc/systemd/system/keepalived.service.d/fast.conf", "[Service]\nWatchdogSec=2\n", 0o644)
	s := boot(t, r)

	s.await("ActiveState", "active")
	s.await("StatusText", "1 instance: 1 master")
	if log := s.Shell("cat /run/k.log"); !strings.Contains(log, " '-g/run/k.log' '-G' '-D'\n") {
		t.Errorf("the options of both files are not there:\n%s", log)
	}
	nstest.Eventually(t, patience, "the end of the script", func() (bool, string) {
		out, err := s.Try("cat /run/script.err; test -e /run/script.done")
		return err == nil, out
	})
	if got := s.Shell("cat /run/script.user"); got != "nobody\n" {
		t.Errorf("the script became %q", got)
	}

	if out := s.systemctl("reload keepalived"); out != "" {
		t.Errorf("reload: %s", out)
	}
	s.await("ActiveState", "active")
	s.Write("/etc/keepalived/keepalived.conf", strings.Replace(configuration, "eth0", "eth9", 1), 0o644)
	s.systemctl("reload keepalived")
	s.await("StatusText", "1 instance: 1 master; configuration refused: ")
	s.Write("/etc/keepalived/keepalived.conf", configuration, 0o644)
	s.systemctl("reload keepalived")
	nstest.Eventually(t, patience, "an accepted reload", func() (bool, string) {
		got := s.systemctl("show keepalived --value -p StatusText")
		return got == "1 instance: 1 master", got
	})

	// A process hangs: the watchdog ends the daemon and starts it anew.
	parent, vrrp := s.outside("/run/keepalived.pid"), s.outside("/run/vrrp.pid")
	if err := syscall.Kill(vrrp, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	nstest.Eventually(t, patience, "the end of the daemon", func() (bool, string) {
		return syscall.Kill(parent, 0) != nil, fmt.Sprint(parent, " lives")
	})
	if err := syscall.Kill(vrrp, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.await("NRestarts", "1")
	s.await("ActiveState", "active")
	s.await("StatusText", "1 instance: 1 master")
	if log := s.Shell("cat /run/k.log"); !strings.Contains(log, "has not answered for") {
		t.Errorf("the log does not say why:\n%s", log)
	}

	if out := s.systemctl("stop keepalived"); out != "" {
		t.Errorf("stop: %s", out)
	}
	s.await("ActiveState", "inactive")
	if left, _ := s.Try("ls /run/*.pid /run/keepalived.sock"); strings.Contains(left, "keepalived.pid") || strings.Contains(left, "/run/keepalived.sock\n") {
		t.Errorf("left behind: %s", left)
	}

	// Why a start failed is to be seen.
	s.Write("/etc/keepalived/keepalived.conf", strings.Replace(configuration, "eth0", "eth9", 1), 0o644)
	if out := s.systemctl("start keepalived"); !strings.Contains(out, "exit status") {
		t.Errorf("a start that cannot be: %s", out)
	}
	s.await("StatusText", "The configuration cannot be run on this machine")
	s.await("Result", "exit-code")
}
