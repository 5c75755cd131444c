//go:build linux

package packages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

const repository = "../.."

// built is where the packages are that all tests look at.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gkpackages")
	if err != nil {
		panic(err)
	}
	built = dir
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// Values that a build from a repository would take from its commit.
const (
	testVersion = "v1.2.3"
	testEpoch   = "1700000000"
)

func buildPackages(from, to string, more ...string) error {
	cmd := exec.Command("scripts/package")
	cmd.Dir = from
	cmd.Env = append(os.Environ(), "VERSION="+testVersion, "SOURCE_DATE_EPOCH="+testEpoch, "OUT="+to, "ARCHS="+runtime.GOARCH)
	cmd.Env = append(cmd.Env, more...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("scripts/package: %w\n%s", err, out)
	}
	return nil
}

var buildOnce = sync.OnceValue(func() error { return buildPackages(repository, built) })

// packageFile is the package of this machine's architecture whose name ends so.
func packageFile(t *testing.T, suffix string) string {
	t.Helper()
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	found, _ := filepath.Glob(filepath.Join(built, "*"+suffix))
	if len(found) != 1 {
		t.Fatalf("packages *%s: %v", suffix, found)
	}
	return found[0]
}

// copySources copies what a release would hold, to a place with another name
// and without a repository.
func copySources(t *testing.T, to string) {
	t.Helper()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = repository
	names, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	pack := exec.Command("tar", "-c", "--null", "--files-from=-", "--ignore-failed-read")
	pack.Dir, pack.Stdin = repository, bytes.NewReader(names)
	unpack := exec.Command("tar", "-x", "-C", to)
	if unpack.Stdin, err = pack.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := unpack.Start(); err != nil {
		t.Fatal(err)
	}
	if err := pack.Run(); err != nil {
		t.Fatal(err)
	}
	if err := unpack.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestReproducible builds a second time, elsewhere, later, by another user's
// settings, and without a repository. The long form has both architectures and
// compiles everything anew.
func TestReproducible(t *testing.T) {
	t.Parallel()
	first, second := built, t.TempDir()
	sources := filepath.Join(t.TempDir(), "other name")
	if err := os.Mkdir(sources, 0o700); err != nil {
		t.Fatal(err)
	}
	copySources(t, sources)
	other := []string{"TZ=Asia/Tokyo", "LC_ALL=C.UTF-8", "USER=builder", "TMPDIR=" + t.TempDir()}
	if os.Getenv("GK_LONG") != "" {
		first = t.TempDir()
		other = append(other, "ARCHS=amd64 arm64")
		if err := buildPackages(repository, first, "ARCHS=amd64 arm64"); err != nil {
			t.Fatal(err)
		}
		other = append(other, "GOCACHE="+t.TempDir())
	} else if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	if err := buildPackages(sources, second, other...); err != nil {
		t.Fatal(err)
	}
	names := func(dir string) (out []string) {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			out = append(out, f.Name())
		}
		return out
	}
	want := names(first)
	if got := names(second); !slices.Equal(got, want) || len(want)%3 != 0 || len(want) == 0 {
		t.Fatalf("built %v, then %v", want, got)
	}
	for _, name := range want {
		a, errA := os.ReadFile(filepath.Join(first, name))
		b, errB := os.ReadFile(filepath.Join(second, name))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs between two builds", name)
		}
	}
}

// TestModuleList: every module that the binary is made of is in the list, and
// its licence goes along.
func TestModuleList(t *testing.T) {
	text, err := os.ReadFile(packageFile(t, ".cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Format     string `json:"bomFormat"`
		Components []struct{ Name, Version string }
		Metadata   struct {
			Component struct{ Name, Version string }
		}
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if c := list.Metadata.Component; list.Format != "CycloneDX" || c.Name != "github.com/gokeepalived/gokeepalived" || c.Version != "1.2.3" {
		t.Errorf("%s of %s %s", list.Format, c.Name, c.Version)
	}
	listed := map[string]bool{}
	for _, c := range list.Components {
		listed[c.Name+" "+c.Version] = true
	}
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./cmd/gokeepalived")
	cmd.Dir = repository
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	licences := inDeb(t, "usr/share/doc/gokeepalived/third-party-licenses.gz")
	for _, module := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if !listed[module] {
			t.Errorf("%s is not listed", module)
		}
		_, rest, ok := strings.Cut(licences, "==== "+module+"\n")
		text, _, _ := strings.Cut(rest, "==== ")
		if !ok || !strings.Contains(strings.ToLower(text), "copyright") {
			t.Errorf("the licence of %s is missing", module)
		}
	}
	if !strings.Contains(licences, "==== Go standard library\n\nCopyright") {
		t.Error("the licence of Go is missing")
	}
}

// inDeb is the text of a file in the package for Debian, unpacked if its name
// ends in .gz.
func inDeb(t *testing.T, name string) string {
	t.Helper()
	nstest.Require(t, "dpkg")
	script := `dpkg-deb --fsys-tarfile "$1" | tar -xO "./$2"`
	if strings.HasSuffix(name, ".gz") {
		script += " | gunzip"
	}
	out, err := exec.Command("sh", "-c", script, "sh", packageFile(t, ".deb"), name).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}
