package checkcmd

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// Machine is the Deps of this machine, without Preflight, Tool and Codes.
// Colours are for terminals, unless NO_COLOR is set or the terminal is dumb.
func Machine(stdout *os.File) (Deps, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Deps{}, err
	}
	host, err := os.Hostname()
	if err != nil {
		return Deps{}, err
	}
	return Deps{
		Files:       confparse.OSFiles(),
		Env:         confparse.Env{HostName: host, WorkDir: dir, Getenv: os.LookupEnv, Now: time.Now()},
		DefaultFile: "/etc/keepalived/keepalived.conf",
		Terminal:    isTerminal(stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}, nil
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
