//go:build linux

package nstest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Bus is a message bus of its own: a real dbus-daemon that plays the system
// bus, with its socket in a folder of the test.
type Bus struct {
	t      testing.TB
	dir    string
	policy string
	cmd    *exec.Cmd
}

// OpenPolicy lets everybody do everything.
const OpenPolicy = `<policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
</policy>`

// SystemPolicy is what a distribution allows on its system bus: signals and
// replies, talking to the bus itself, and nothing else.
const SystemPolicy = `<policy context="default">
<allow user="*"/><deny own="*"/><deny send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
</policy>`

// NewBus starts a bus with this policy (elements of a busconfig). It ends with
// the test.
func NewBus(t testing.TB, policy string) *Bus {
	t.Helper()
	Require(t, "dbus")
	// Not the test's own folder: other users must be able to get in.
	dir, err := os.MkdirTemp("", "gkbus")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b := &Bus{t: t, dir: dir, policy: policy}
	t.Cleanup(func() {
		b.Stop()
		_ = os.RemoveAll(dir)
	})
	b.Start()
	return b
}

func (b *Bus) socket() string { return filepath.Join(b.dir, "socket") }

// Address is what DBUS_SYSTEM_BUS_ADDRESS is to be.
func (b *Bus) Address() string { return "unix:path=" + b.socket() }

// Start starts the bus, again after Stop, and returns when it can be used.
func (b *Bus) Start() {
	b.t.Helper()
	config := filepath.Join(b.dir, "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><auth>EXTERNAL</auth><listen>` + b.Address() + "</listen>\n" + b.policy + "\n</busconfig>\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(b.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		b.t.Fatal(err)
	}
	defer log.Close()
	b.cmd = exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--nosyslog", "--nopidfile")
	b.cmd.Stdout, b.cmd.Stderr = log, log
	if err := b.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	Eventually(b.t, 10*time.Second, "a bus", func() (bool, string) {
		conn, err := net.Dial("unix", b.socket())
		if err == nil {
			_ = conn.Close()
		}
		text, _ := os.ReadFile(log.Name())
		return err == nil, fmt.Sprintf("%v; it says %s", err, text)
	})
}

// Stop ends the bus; its connections break.
func (b *Bus) Stop() {
	if b.cmd == nil {
		return
	}
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
	b.cmd = nil
	_ = os.Remove(b.socket())
}

// Freeze keeps the bus from reading and answering, or lets it again.
func (b *Bus) Freeze(on bool) {
	sig := syscall.SIGCONT
	if on {
		sig = syscall.SIGSTOP
	}
	if err := b.cmd.Process.Signal(sig); err != nil {
		b.t.Fatal(err)
	}
}
