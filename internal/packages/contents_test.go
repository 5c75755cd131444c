//go:build linux

package packages

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// wanted are files that the package for Debian must hold, with what a link
// leads to.
var wanted = map[string]string{
	"/usr/sbin/gokeepalived":                                         "",
	"/usr/sbin/keepalived":                                           "gokeepalived",
	"/usr/bin/genhash":                                               "../sbin/gokeepalived",
	"/lib/systemd/system/keepalived.service":                         "",
	"/lib/systemd/system/gokeepalived.service":                       "keepalived.service",
	"/usr/share/man/man8/keepalived.8.gz":                            "gokeepalived.8.gz",
	"/usr/share/man/man8/gokeepalived.8.gz":                          "",
	"/usr/share/man/man5/keepalived.conf.5.gz":                       "gokeepalived.conf.5.gz",
	"/usr/share/man/man5/gokeepalived.conf.5.gz":                     "",
	"/usr/share/man/man1/genhash.1.gz":                               "",
	"/usr/share/bash-completion/completions/gokeepalived":            "",
	"/usr/share/bash-completion/completions/keepalived":              "gokeepalived",
	"/usr/share/zsh/vendor-completions/_gokeepalived":                "",
	"/usr/share/fish/vendor_completions.d/gokeepalived.fish":         "",
	"/usr/share/fish/vendor_completions.d/keepalived.fish":           "gokeepalived.fish",
	"/usr/share/doc/gokeepalived/copyright":                          "",
	"/usr/share/doc/gokeepalived/changelog.gz":                       "",
	"/usr/share/doc/gokeepalived/changelog.Debian.gz":                "",
	"/usr/share/dbus-1/system.d/org.keepalived.Vrrp1.conf":           "",
	"/usr/share/dbus-1/interfaces/org.keepalived.Vrrp1.Vrrp.xml":     "",
	"/usr/share/dbus-1/interfaces/org.keepalived.Vrrp1.Instance.xml": "",
	"/etc/keepalived":                                                "",
}

// listDeb is what the package for Debian holds, with what links lead to.
func listDeb(t *testing.T) map[string]string {
	t.Helper()
	nstest.Require(t, "dpkg")
	out, err := exec.Command("dpkg-deb", "-c", packageFile(t, ".deb")).Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		name, link, _ := strings.Cut(strings.SplitN(l, " ./", 2)[1], " -> ")
		files["/"+strings.TrimSuffix(name, "/")] = link
		owner := strings.Fields(l)[1]
		if owner != "root/root" && owner != "0/0" {
			t.Errorf("owner of %s: %s", name, owner)
		}
		if strings.HasPrefix(l, "-rw") && !strings.HasPrefix(l, "-rw-r--r--") && !strings.HasPrefix(l, "-rwxr-xr-x") {
			t.Errorf("mode: %s", l)
		}
	}
	return files
}

func TestContents(t *testing.T) {
	files := listDeb(t)
	for name, link := range wanted {
		if got, ok := files[name]; !ok || got != link {
			t.Errorf("%s: in the package %v, leads to %q, want %q", name, ok, got, link)
		}
	}
	// A file of the administrator must not be among them.
	for name := range files {
		if strings.HasPrefix(name, "/etc/") && name != "/etc/keepalived" {
			t.Errorf("%s is in the package", name)
		}
	}
	names := slices.Collect(maps.Keys(files))
	for _, dir := range []string{"docs/man", "packaging/samples", "packaging/mibs", "packaging/dbus"} {
		entries, err := os.ReadDir(filepath.Join(repository, dir))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !slices.ContainsFunc(names, func(name string) bool {
				return strings.TrimSuffix(filepath.Base(name), ".gz") == e.Name()
			}) {
				t.Errorf("%s/%s is not in the package", dir, e.Name())
			}
		}
	}
}

// TestUnit: keepalived's service starts keepalived by that name, and has no
// quarrel with itself.
func TestUnit(t *testing.T) {
	unit := inDeb(t, "lib/systemd/system/keepalived.service")
	if !strings.Contains(unit, "\nExecStart=/usr/sbin/keepalived --dont-fork") || strings.Contains(unit, "Conflicts=keepalived.service") {
		t.Errorf("the unit is\n%s", unit)
	}
	if saved := inDeb(t, "usr/share/gokeepalived/keepalived.service"); saved != unit {
		t.Error("the copy that the maintainer script falls back on differs")
	}
}

// TestSamples: no finding, not even a note, in the configurations we show.
func TestSamples(t *testing.T) {
	samples, err := filepath.Glob(filepath.Join(repository, "packaging/samples/*.conf"))
	if err != nil || len(samples) < 5 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, path := range samples {
		cfg, _, found := confparse.Load(confparse.OSFiles(), path, confparse.Env{
			HostName: "node1", Getenv: os.LookupEnv, Now: time.Unix(0, 0), IncludeCheckAll: true,
		})
		for i := range found {
			t.Errorf("%s: %s: %s", filepath.Base(path), found[i].Code, found[i].Summary)
		}
		if !cfg.WantsVRRP() && !cfg.WantsCheckers() {
			t.Errorf("%s configures nothing", filepath.Base(path))
		}
	}
}

// TestLinters: Debian's and the rpm world's checkers have nothing to say that
// is not answered in an override. They run in a private root, because rpmlint
// unpacks with cpio, which takes the absolute paths in the rpm by their word.
func TestLinters(t *testing.T) {
	if os.Getenv("GK_LONG") == "" {
		t.Skip("GK_LONG is not set")
	}
	r := nstest.NewRoot(t)
	deb, rpm := packageFile(t, ".deb"), packageFile(t, ".rpm")
	for _, f := range []string{deb, rpm, filepath.Join(repository, "packaging/rpm/rpmlint.toml")} {
		r.CopyIn(f, filepath.Join("/tmp", filepath.Base(f)), 0o644)
	}
	for _, command := range []string{
		"lintian --fail-on error,warning /tmp/" + filepath.Base(deb),
		"rpmlint --strict -c /tmp/rpmlint.toml /tmp/" + filepath.Base(rpm),
	} {
		program, _, _ := strings.Cut(command, " ")
		if _, err := exec.LookPath(program); err != nil {
			nstest.Missing(t, program, err)
		}
		if out, err := r.Try(command); err != nil {
			t.Errorf("%s: %v\n%s", program, err, out)
		}
	}
}
