package script

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"time"
)

// lookupTimeout bounds a question to the name service.
const lookupTimeout = 5 * time.Second

// User implements Machine. Accounts that are not in /etc/passwd (LDAP, SSSD,
// systemd) are asked for with getent, because a static program has no name
// service switch of its own.
func (Host) User(name string) (Account, error) {
	if u, err := user.Lookup(name); err == nil {
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return Account{Name: name, UID: uint32(uid), GID: uint32(gid)}, nil
		}
	}
	fields := getent("passwd", name)
	if len(fields) < 4 || fields[0] != name {
		return Account{}, fmt.Errorf("user %s: %w", name, ErrNoAccount)
	}
	uid, uidErr := strconv.ParseUint(fields[2], 10, 32)
	gid, gidErr := strconv.ParseUint(fields[3], 10, 32)
	if uidErr != nil || gidErr != nil {
		return Account{}, fmt.Errorf("user %s: %w", name, ErrNoAccount)
	}
	return Account{Name: name, UID: uint32(uid), GID: uint32(gid)}, nil
}

// Group implements Machine.
func (Host) Group(name string) (uint32, error) {
	text := ""
	if g, err := user.LookupGroup(name); err == nil {
		text = g.Gid
	} else if fields := getent("group", name); len(fields) >= 3 && fields[0] == name {
		text = fields[2]
	}
	gid, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("group %s: %w", name, ErrNoAccount)
	}
	return uint32(gid), nil
}

// Groups implements Machine.
func (Host) Groups(a Account) ([]uint32, error) {
	var words []string
	if line := getentLine("initgroups", a.Name); line != "" {
		words = strings.Fields(line)[1:]
	} else {
		u, err := user.Lookup(a.Name)
		if err != nil {
			return nil, err
		}
		if words, err = u.GroupIds(); err != nil {
			return nil, err
		}
	}
	groups := make([]uint32, 0, len(words)+1)
	groups = append(groups, a.GID)
	for _, w := range words {
		gid, err := strconv.ParseUint(w, 10, 32)
		if err == nil && uint32(gid) != a.GID {
			groups = append(groups, uint32(gid))
		}
	}
	return groups, nil
}

// getent asks the name service for an entry of a database with colons.
func getent(database, key string) []string {
	line := getentLine(database, key)
	if line == "" {
		return nil
	}
	return strings.Split(line, ":")
}

// getentLine returns the first line of the answer, "" without one. Words that
// getent would take for options or numbers are never names of accounts.
func getentLine(database, key string) string {
	if key == "" || key[0] == '-' || key[0] >= '0' && key[0] <= '9' {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "getent", database, key)
	cmd.Env = Environment(os.Environ())
	// What it printed counts, not how it ended: a process that reaps every
	// child may have taken the status. Without an entry it prints nothing.
	out, _ := cmd.Output()
	line, _, _ := strings.Cut(string(out), "\n")
	return line
}
