package checkcmd

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
)

// Main is the command as the program calls it: args come after "check",
// version is that of the program. It returns the exit status.
func Main(args []string, version string) int {
	deps, err := Machine(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gokeepalived check:", err)
		return exitNotMade
	}
	deps.Tool.Version = version
	return Run(args, os.Stdin, os.Stdout, os.Stderr, deps)
}

// Machine is the Deps of this machine. Colours are for terminals, unless
// NO_COLOR is set or the terminal is dumb.
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
		Preflight: func(cfg *config.Config) diag.List {
			return preflight.Check(cfg, preflight.Host{})
		},
		Tool:     diag.Tool{Name: "gokeepalived", URI: repository, Pages: repository + "/blob/main/docs/diagnostics/"},
		Codes:    Codes(),
		Terminal: isTerminal(stdout) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}, nil
}

const repository = "https://github.com/gokeepalived/gokeepalived"

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}
