//go:build linux

package nstest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Root is a machine's root directory that a test may change as it likes: what
// this machine has, seen through an overlay in a mount namespace of its own,
// with an empty /run and /tmp. Nothing of it outlives the test.
type Root struct {
	t      testing.TB
	dir    string
	holder *exec.Cmd
}

// makeRoot mounts everything and then waits for its input to end.
const makeRoot = `set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --rbind /sys "$1/root/sys"
mount --rbind /dev "$1/root/dev"
mount -t tmpfs tmpfs "$1/root/run"
mount -t tmpfs -o mode=1777 tmpfs "$1/root/tmp"
mkdir "$1/root/run/lock"
cp /etc/resolv.conf "$1/tmp.resolv"
rm -f "$1/root/etc/resolv.conf"
cp "$1/tmp.resolv" "$1/root/etc/resolv.conf"
echo ready
exec cat`

// NewRoot makes one. It needs the facility "overlay".
func NewRoot(t testing.TB) *Root {
	t.Helper()
	r := &Root{t: t, dir: t.TempDir()}
	if err := r.open(); err != nil {
		Missing(t, "overlay", err)
	}
	return r
}

func (r *Root) open() error {
	if os.Geteuid() != 0 {
		return errors.New("not root")
	}
	r.holder = exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-c", makeRoot, "sh", r.dir)
	stdin, err := r.holder.StdinPipe()
	if err != nil {
		return err
	}
	out, err := r.holder.StdoutPipe()
	if err != nil {
		return err
	}
	var complaint strings.Builder
	r.holder.Stderr = &complaint
	if err := r.holder.Start(); err != nil {
		return err
	}
	r.t.Cleanup(func() {
		_ = stdin.Close()
		_ = r.holder.Wait()
	})
	line := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(out, line); err != nil {
		_ = stdin.Close()
		_ = r.holder.Wait()
		return fmt.Errorf("make a root of overlays: %s", strings.TrimSpace(complaint.String()))
	}
	return nil
}

// Dir is the root directory, as processes that have it show it.
func (r *Root) Dir() string { return filepath.Join(r.dir, "root") }

// Command is a program to be run inside.
func (r *Root) Command(args ...string) *exec.Cmd {
	pid := fmt.Sprint(r.holder.Process.Pid)
	inside := append([]string{"--target", pid, "--mount", "--root", "chroot", r.Dir()}, args...)
	return exec.Command("nsenter", inside...)
}

// Shell runs a shell script inside and returns its output; a script that fails
// fails the test.
func (r *Root) Shell(script string) string {
	r.t.Helper()
	out, err := r.Try(script)
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return out
}

// Try runs a shell script inside.
func (r *Root) Try(script string) (string, error) {
	out, err := r.Command("sh", "-ec", script).CombinedOutput()
	return string(out), err
}

// Path is where a file of the inside is seen by the programs that run outside,
// of those in the directories of the overlay, /run and /tmp.
func (r *Root) Path(name string) string {
	return fmt.Sprintf("/proc/%d/root%s", r.holder.Process.Pid, filepath.Join(r.dir, "root", name))
}

// Write makes a file inside, with its directories.
func (r *Root) Write(name, text string, mode os.FileMode) {
	r.t.Helper()
	path := r.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		r.t.Fatal(err)
	}
}

// CopyIn copies a file of this machine to the inside.
func (r *Root) CopyIn(from, to string, mode os.FileMode) {
	r.t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		r.t.Fatal(err)
	}
	r.Write(to, string(text), mode)
}
