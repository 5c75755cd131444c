package daemon

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestBundle(t *testing.T) {
	r := newTrial(t, "include part.conf\n"+vrrpBlock)
	r.write("part.conf", globals("router_id ${_ENV GKDMN_NAME}"))
	t.Setenv("GKDMN_NAME", "first")
	o := ReadOptions([]string{"keepalived", "-f", "keepalived.conf", "-u", "022", "-s", "ns"}, io.Discard, io.Discard).Options
	c := readConfiguration(&o, r.dir, false)
	if len(c.diags) > 1 { // the VIP line may be found fault with
		t.Logf("%v", c.diags)
	}
	f, err := c.bundle()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	// What changes afterwards is not seen.
	t.Setenv("GKDMN_NAME", "second")
	r.configure("")
	for range 2 { // the offset does not matter
		again, err := openBundle(f, &o)
		if err != nil {
			t.Fatal(err)
		}
		g := &again.Global
		if g.RouterID != "first" || len(again.Instances) != 1 || g.Umask != 0o22 || g.NetNamespace != "ns" || !g.UsePIDDir {
			t.Errorf("router_id %s, %d instances, umask %o, namespace %s", g.RouterID, len(again.Instances), g.Umask, g.NetNamespace)
		}
	}
	if _, err := f.WriteAt([]byte("x"), 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("writing to the bundle: %v", err)
	}
	other, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.WriteString("no bundle"); err != nil {
		t.Fatal(err)
	}
	if _, err := openBundle(other, &o); err == nil {
		t.Error("any file is taken for a bundle")
	}
}

func TestControl(t *testing.T) {
	a, file, err := controlPair()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Dup(int(file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	b, err := openControl(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	attached, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer attached.Close()
	if _, err := attached.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if err := a.send(message{Op: opReload, Seq: 7, Error: strings.Repeat("<", 100000)}, attached); err != nil {
		t.Fatal(err)
	}
	if err := a.send(message{Op: opSignal, Signal: 10}, nil); err != nil {
		t.Fatal(err)
	}
	m, got, err := b.receive()
	if err != nil || m.Op != opReload || m.Seq != 7 || len(m.Error) != maxMessage/8 || got == nil {
		t.Fatalf("%+v %v %v", m, got, err)
	}
	defer got.Close()
	text := make([]byte, 4)
	if _, err := got.ReadAt(text, 0); err != nil || string(text) != "text" {
		t.Errorf("the file has %q, %v", text, err)
	}
	if flags, _ := unix.FcntlInt(got.Fd(), unix.F_GETFD, 0); flags&unix.FD_CLOEXEC == 0 {
		t.Error("scripts would inherit the file")
	}
	m, got, err = b.receive()
	if err != nil || m.Op != opSignal || m.Signal != 10 || got != nil {
		t.Errorf("%+v %v %v", m, got, err)
	}
	a.close()
	if _, _, err := b.receive(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
}

func TestHandoffFromOutside(t *testing.T) {
	for text, want := range map[string]string{
		"x":                              "GOKEEPALIVED_HANDOFF: invalid character",
		`{"role":"vrrp","control":1}`:    "GOKEEPALIVED_HANDOFF: descriptor 1",
		`{"role":"vrrp","bundle":1000}`:  "open the socket to the parent",
		`{"role":"vrrp","control":1000}`: "open the socket to the parent",
	} {
		r := newTrial(t, "")
		r.env = []string{handoffVariable + "=" + text}
		cmd := r.command(r.args("-n", "-l"))
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != ExitFatal || !strings.Contains(r.text(), want) {
			t.Errorf("%s: exit status %d\n%s", text, got, r.text())
		}
	}
}

func TestPIDFileOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.pid")
	p, err := lockPIDFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.write(123456); err != nil {
		t.Fatal(err)
	}
	if err := p.write(7); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "7\n" {
		t.Errorf("the file has %q", text)
	}
	if _, err := lockPIDFile(path); !errors.Is(err, errLocked) {
		t.Errorf("a second lock: %v", err)
	}
	// Somebody moved it away and made another.
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	q, err := lockPIDFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p.remove()
	if _, err := os.Stat(path); err != nil {
		t.Error("the pid file of another daemon was removed")
	}
	q.remove()
	if _, err := os.Stat(path); err == nil {
		t.Error("our own was not removed")
	}
}

func TestExitStatus(t *testing.T) {
	for err, want := range map[error]int{
		nil: 0, errRefused: ExitConfig, errors.New("x"): ExitFatal, syscall.EPERM: ExitNoPermission,
		&os.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}: ExitNoPermission,
	} {
		if got := exitStatus(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}
