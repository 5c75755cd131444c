//go:build linux

package packages

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// theirSpec is a package of keepalived as distributions with rpm make it: a
// configuration of its own, and a service that is stopped and disabled when the
// package goes.
const theirSpec = `Name: keepalived
Version: 2.2.8
Release: 1
Summary: x
License: x
BuildArch: noarch
%define _binary_payload w0.gzdio
%description
x
%install
mkdir -p %{buildroot}/usr/sbin %{buildroot}/etc/keepalived %{buildroot}/etc/sysconfig %{buildroot}/usr/lib/systemd/system
echo 'echo theirs' >%{buildroot}/usr/sbin/keepalived
echo '[Service]' >%{buildroot}/usr/lib/systemd/system/keepalived.service
echo '# example' >%{buildroot}/etc/keepalived/keepalived.conf
echo 'KEEPALIVED_OPTIONS="-D"' >%{buildroot}/etc/sysconfig/keepalived
%files
%attr(0755,root,root) /usr/sbin/keepalived
/usr/lib/systemd/system/keepalived.service
%config(noreplace) /etc/keepalived/keepalived.conf
%config(noreplace) /etc/sysconfig/keepalived
%preun
if [ $1 = 0 ]; then systemctl --no-reload disable --now keepalived.service; fi
`

// fakeSystemctl keeps the state of the only service in two files.
const fakeSystemctl = `#!/bin/sh
while [ "${1#--}" != "$1" ]; do shift; done
case $1 in
is-enabled) exec test -e /tmp/enabled ;;
is-active) exec test -e /tmp/active ;;
enable) touch /tmp/enabled ;;
disable) rm -f /tmp/enabled /tmp/active ;;
start) touch /tmp/active ;;
esac
`

// swapRPM does what dnf swap does: one transaction.
const swapRPM = `import os, rpm, sys
ts = rpm.TransactionSet()
ts.setVSFlags(rpm._RPMVSF_NOSIGNATURES | rpm._RPMVSF_NODIGESTS)
def callback(reason, amount, total, key, data):
    if reason == rpm.RPMCALLBACK_INST_OPEN_FILE:
        callback.fd = os.open(key, os.O_RDONLY)
        return callback.fd
    if reason == rpm.RPMCALLBACK_INST_CLOSE_FILE:
        os.close(callback.fd)
path, other = sys.argv[1:]
with open(path) as f:
    ts.addInstall(ts.hdrFromFdno(f.fileno()), path, 'i')
ts.addErase(other)
ts.order()
problems = ts.run(callback, '')
if problems: sys.exit(str(problems))
`

// TestSwapRPM swaps two packages in one transaction, and back: configuration
// and service stay as they were.
func TestSwapRPM(t *testing.T) {
	if os.Getenv("GK_LONG") == "" {
		t.Skip("GK_LONG is not set")
	}
	if err := exec.Command("/usr/bin/python3", "-c", "import rpm").Run(); err != nil {
		nstest.Missing(t, "rpm", err)
	}
	ours := packageFile(t, ".rpm")
	r := nstest.NewRoot(t)
	r.Write("/usr/bin/systemctl", fakeSystemctl, 0o755)
	r.Write("/tmp/theirs.spec", theirSpec, 0o644)
	r.Write("/tmp/swap.py", swapRPM, 0o644)
	r.CopyIn(ours, "/tmp/ours.rpm", 0o644)
	r.Shell(`dpkg --remove keepalived >/dev/null 2>&1
rpmbuild -bb --define '_topdir /tmp/build' --define '_rpmdir /tmp' /tmp/theirs.spec >/dev/null 2>&1
rpm -i --nodeps /tmp/noarch/keepalived-*.rpm
echo '# of the administrator' >/etc/keepalived/keepalived.conf
echo 'KEEPALIVED_OPTIONS="-DD"' >/etc/sysconfig/keepalived
touch /tmp/enabled /tmp/active`)
	state := func() string {
		out, err := r.Try(`cat /etc/keepalived/keepalived.conf /etc/sysconfig/keepalived; ls /tmp/enabled /tmp/active /etc/keepalived /etc/sysconfig/keepalived*`)
		if err != nil {
			t.Error(err)
		}
		return out
	}
	before := state()
	r.Shell("/usr/bin/python3 /tmp/swap.py /tmp/ours.rpm keepalived")
	if now := state(); now != before {
		t.Errorf("before\n%s\nnow\n%s", before, now)
	}
	if out := r.Shell("rpm -qa; rpm -V --nodeps gokeepalived"); !strings.HasPrefix(out, "gokeepalived-1.2.3-1") || strings.Count(out, "\n") != 1 {
		t.Errorf("rpm says %q", out)
	}
	if version := r.Shell("keepalived -v 2>&1"); !strings.Contains(version, "gokeepalived 1.2.3") {
		t.Errorf("keepalived is\n%s", version)
	}
	if out := r.Shell("ls -A /run"); strings.Contains(out, "gokeepalived") {
		t.Errorf("left in /run: %s", out)
	}

	r.Shell("/usr/bin/python3 /tmp/swap.py $(echo /tmp/noarch/*.rpm) gokeepalived")
	if out := r.Shell("keepalived; rpm -qa"); !strings.HasPrefix(out, "theirs\nkeepalived-2.2.8") || strings.Count(out, "\n") != 2 {
		t.Errorf("after going back: %q", out)
	}
	if got := r.Shell("cat /etc/keepalived/keepalived.conf /etc/sysconfig/keepalived"); got != "# of the administrator\nKEEPALIVED_OPTIONS=\"-DD\"\n" {
		t.Errorf("after going back the configuration is\n%s", got)
	}
}
