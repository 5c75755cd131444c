package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// greetEnv makes the test binary a TCP server: NAME=ADDRESS.
const greetEnv = "GK_E2E_GREET"

// StartGreeter runs a TCP server inside the host that tells its host's name
// and closes, and returns what to kill.
func StartGreeter(t testing.TB, h *Host, addr string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := h.Start("greeter.log", "env", greetEnv+"="+h.Name+"="+addr, self)
	_, port, _ := strings.Cut(addr, ":")
	waitFor(t, "the server on "+h.Name, func() bool {
		out, err := h.Try("ss", "-ltn")
		return err == nil && strings.Contains(out, ":"+port+" ")
	})
	return cmd
}

// StopGreeters ends the servers of the host that listen on port.
func StopGreeters(h *Host, port string) {
	h.Try("sh", "-c", "kill -9 $(ss -ltnpH 'sport = :"+port+"' | sed 's/.*pid=\\([0-9]*\\).*/\\1/')")
}

// runGreeter is the server process.
func runGreeter(spec string) {
	name, addr, _ := strings.Cut(spec, "=")
	l, err := net.Listen("tcp", addr)
	for err == nil {
		var c net.Conn
		if c, err = l.Accept(); err == nil {
			fmt.Fprintln(c, name)
			c.Close()
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
