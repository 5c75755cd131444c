package statuscmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// usual are the places where sockets of daemons with default pid files are:
// plain, with use_pid_dir or an instance name, in a network namespace.
var usual = []string{"/run/keepalived.sock", "/run/keepalived/keepalived*.sock", "/run/keepalived/*/keepalived*.sock"}

// find is the socket of the daemon with that pid file, or of the only one that
// there is.
func find(pidFile string) (string, error) { return findIn(usual, pidFile) }

func findIn(places []string, pidFile string) (string, error) {
	if pidFile != "" {
		return status.SocketFor(pidFile), nil
	}
	var found []string
	for _, pattern := range places {
		list, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		found = append(found, list...)
	}
	switch len(found) {
	case 0:
		return "", errors.New("no daemon runs here, or its pid file is somewhere else: name that with --pid")
	case 1:
		return found[0], nil
	}
	var pids []string
	for _, f := range found {
		pids = append(pids, "--pid "+strings.TrimSuffix(f, ".sock")+".pid")
	}
	return "", fmt.Errorf("several daemons run here: choose one of %s", strings.Join(pids, ", "))
}

// patience is how long the answer may take: the daemon gives its processes 2 s.
const patience = 10 * time.Second

// ask gets the report from a socket.
func ask(socket string) (*status.Report, error) {
	conn, err := net.DialTimeout("unix", socket, patience)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("no daemon answers at %s: is it running?", socket)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: only root may ask", socket)
	case err != nil:
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	r := &status.Report{}
	if err := json.NewDecoder(conn).Decode(r); err != nil {
		return nil, fmt.Errorf("the daemon at %s does not answer: %w", socket, err)
	}
	if r.Version != status.ReportVersion {
		return nil, fmt.Errorf("the daemon is of another version: its answer has form %d, this program reads %d", r.Version, status.ReportVersion)
	}
	return r, nil
}
