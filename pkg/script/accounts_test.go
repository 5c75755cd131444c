package script

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestHostAccounts(t *testing.T) {
	var h Host
	root, err := h.User("root")
	if err != nil || root.UID != 0 || root.GID != 0 {
		t.Errorf("root is %+v, %v", root, err)
	}
	for _, name := range []string{"no-such-user-77", "0", "-s", ""} {
		if a, err := h.User(name); !errors.Is(err, ErrNoAccount) {
			t.Errorf("user %q is %+v, %v", name, a, err)
		}
		if gid, err := h.Group(name); !errors.Is(err, ErrNoAccount) {
			t.Errorf("group %q is %d, %v", name, gid, err)
		}
	}
	if gid, err := h.Group("root"); err != nil || gid != 0 {
		t.Errorf("group root is %d, %v", gid, err)
	}
	if groups, err := h.Groups(root); err != nil || len(groups) == 0 || groups[0] != 0 {
		t.Errorf("groups of root: %v, %v", groups, err)
	}
}

// An account that only the name service knows is found by getent.
func TestNameService(t *testing.T) {
	dir := t.TempDir()
	file(t, dir, "getent", `#!/bin/sh
case "$*" in
"passwd ldapuser") echo "ldapuser:*:70001:70002:L:/home/l:/bin/sh";;
"group ldapgroup") echo "ldapgroup:*:70003:";;
"initgroups ldapuser") echo "ldapuser              70002 70003";;
*) exit 2;;
esac
`)
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	var h Host
	a, err := h.User("ldapuser")
	if want := (Account{Name: "ldapuser", UID: 70001, GID: 70002}); err != nil || a != want {
		t.Errorf("got %+v, %v, want %+v", a, err, want)
	}
	if gid, err := h.Group("ldapgroup"); err != nil || gid != 70003 {
		t.Errorf("group %d, %v", gid, err)
	}
	if groups, err := h.Groups(a); err != nil || !slices.Equal(groups, []uint32{70002, 70003}) {
		t.Errorf("groups %v, %v", groups, err)
	}
}

// Access asks the kernel as the script's user, and our own identity is
// untouched by that.
func TestHostAccess(t *testing.T) {
	needRoot(t)
	var h Host
	dir := openFolder(t)
	nobody := Credentials{UID: 65534, GID: 65534}
	group := Credentials{UID: 65534, GID: 65534, Groups: []uint32{4}}
	tests := []struct {
		name    string
		mode    os.FileMode
		gid     int
		creds   Credentials
		ask     AccessMode
		allowed bool
	}{
		{"public", 0o755, 0, nobody, Execute, true},
		{"private", 0o700, 0, nobody, Execute, false},
		{"private-root", 0o700, 0, Credentials{}, Execute, true},
		{"nobody-may", 0o644, 0, Credentials{}, Execute, false},
		{"group-no", 0o750, 4, nobody, Execute, false},
		{"group-yes", 0o750, 4, group, Execute, true},
		{"reach", 0o000, 0, nobody, Reach, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := file(t, dir, test.name, "#!/bin/sh\n")
			if err := os.Chown(path, 0, test.gid); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			err := h.Access(path, test.creds, test.ask)
			if (err == nil) != test.allowed {
				t.Errorf("the kernel says %v", err)
			}
			if byMode := AccessByMode(h, path, test.creds, test.ask); (byMode == nil) != (err == nil) {
				t.Errorf("by mode bits %v, by the kernel %v", byMode, err)
			}
		})
	}
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	inside := file(t, closed, "x", "#!/bin/sh\n")
	if err := h.Access(inside, nobody, Reach); !errors.Is(err, os.ErrPermission) {
		t.Errorf("nobody reaches into a closed folder: %v", err)
	}
	if err := AccessByMode(h, inside, nobody, Reach); !errors.Is(err, os.ErrPermission) {
		t.Errorf("by mode bits: %v", err)
	}
	if me := h.Self(); me.UID != 0 || me.GID != 0 {
		t.Errorf("we have become %+v", me)
	}
	if _, err := os.ReadFile("/etc/shadow"); err != nil {
		t.Errorf("a thread of ours has lost its rights: %v", err)
	}
}
