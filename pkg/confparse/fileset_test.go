package confparse

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFileSet(t *testing.T) {
	files := mapFiles{
		"/etc/k/k.conf":     "include sub/*.conf\na $_RANDOM ${_ENV A}\ninclude gone\ninclude /opt/o.conf\n",
		"/etc/k/sub/x.conf": "include y\n", "/etc/k/sub/y": "b\n", "/etc/k/sub/z.conf!": "", "/opt/o.conf": "o\n",
	}
	env := Env{
		ConfigID: "id", HostName: "host", WorkDir: "/etc", Now: time.Unix(5, 7), IncludeCheckAll: false, Test: true, Reload: true,
		Getenv: func(name string) (string, bool) { return "value of " + name, true },
	}
	lines, set, _ := Read(files, "k/k.conf", env)
	if want := []string{"/opt/o.conf", "k/k.conf", "k/sub/x.conf", "k/sub/y"}; !slices.Equal(set.Names(), want) {
		t.Errorf("Names() = %v, want %v", set.Names(), want)
	}
	for file, want := range map[string]string{"k/sub/y": "y", "k/sub/x.conf": "sub/x.conf", "k/k.conf": "k/k.conf", "/opt/o.conf": "/opt/o.conf", "other": "other"} {
		if got := set.Shown(file); got != want {
			t.Errorf("Shown(%s) = %s, want %s", file, got, want)
		}
	}
	if text, ok := set.Text("k/sub/y"); text != "b\n" || !ok {
		t.Errorf("Text(k/sub/y) = %q, %v", text, ok)
	}
	if _, ok := set.Text("/etc/passwd"); ok {
		t.Error("a file that was not read has a text")
	}
	if !set.Usable() || set.Main() != "k/k.conf" {
		t.Errorf("usable %v, main %s", set.Usable(), set.Main())
	}

	var b strings.Builder
	if err := set.Encode(&b); err != nil {
		t.Fatal(err)
	}
	// The files may change or go: the set keeps what was read.
	clear(files)
	again, err := DecodeFileSet([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	env2 := again.Env()
	if env2.ConfigID != "id" || env2.HostName != "host" || env2.WorkDir != "/etc" || !env2.Now.Equal(env.Now) || !env2.Test || !env2.Reload || env2.IncludeCheckAll {
		t.Errorf("Env() = %+v, want %+v", env2, env)
	}
	lines2, _, diags := Read(again, again.Main(), env2)
	if a, b := printLines("", lines, true), printLines("", lines2, true); a != b || !strings.Contains(a, "value@") {
		t.Errorf("read again:\n%s\nfirst:\n%s", b, a)
	}
	found := false
	for _, d := range diags {
		found = found || strings.Contains(d.Summary, "(Permission denied)")
	}
	if !found {
		t.Errorf("the reason of the unreadable file is lost: %v", diags)
	}
	if _, err := again.ReadFile("/etc/k/sub/z.conf"); !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error of the unreadable file is %v", err)
	}
}

func TestDecodeFileSetRefuses(t *testing.T) {
	_, set, _ := Read(mapFiles{"/k": "include a*\n", "/a": "x"}, "k", Env{WorkDir: "/"})
	var b strings.Builder
	if err := set.Encode(&b); err != nil {
		t.Fatal(err)
	}
	whole := b.String()
	for n := range whole {
		if _, err := DecodeFileSet([]byte(whole[:n])); !errors.Is(err, ErrNotFileSet) {
			t.Errorf("the first %d of %d bytes: error %v", n, len(whole), err)
		}
	}
	if _, err := DecodeFileSet([]byte(whole + "x")); !errors.Is(err, ErrNotFileSet) {
		t.Errorf("a byte too many: error %v", err)
	}
}

func TestOSFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("k.conf", "include conf.d/*\ninclude link\n", 0o600)
	if err := os.Mkdir(filepath.Join(dir, "conf.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("conf.d/b", "b\n", 0o644)
	write("conf.d/a", "a\n", 0o644)
	write("conf.d/x", "x\n", 0o755)
	if err := os.Symlink("conf.d/a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	lines, _, diags := Read(OSFiles(), "k.conf", Env{WorkDir: dir})
	if got, want := printLines("", lines, false), "conf.d/a:1 a\nconf.d/b:1 b\nlink:1 a\n"; got != want {
		t.Errorf("read\n%s\nwant\n%s", got, want)
	}
	if len(diags) != 1 || !strings.Contains(diags[0].Summary, "'conf.d/x' is not a regular non-executable file") {
		t.Errorf("findings %v", diags)
	}
	for path, want := range map[string]FileKind{"k.conf": FileRegular, "conf.d": FileDirectory, "conf.d/x": FileExecutable, "link": FileRegular} {
		if kind, err := OSFiles().Stat(filepath.Join(dir, path)); kind != want || err != nil {
			t.Errorf("Stat(%s) = %v, %v; want %v", path, kind, err, want)
		}
	}
	if kind, err := OSFiles().Stat(os.DevNull); kind != FileOther || err != nil {
		t.Errorf("Stat(%s) = %v, %v", os.DevNull, kind, err)
	}
}

func TestConfigID(t *testing.T) {
	for _, tt := range []struct {
		env  Env
		want string
	}{
		{Env{ConfigID: "a.b", HostName: "node.x"}, "a.b"},
		{Env{HostName: "node.x.y"}, "node"},
		{Env{HostName: "node"}, "node"},
		{Env{}, ""},
	} {
		if got := tt.env.ID(); got != tt.want {
			t.Errorf("%+v: config id %q, want %q", tt.env, got, tt.want)
		}
	}
}
