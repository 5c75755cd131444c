package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// purePackages are the pure ones, as folders from the root of the repository.
var purePackages = []string{
	"pkg/diag", "pkg/config", "pkg/event", "pkg/confparse", "pkg/pcre", "pkg/peercheck",
	"pkg/vrrp", "pkg/vrrp/wire", "pkg/checkers/health", "pkg/bfd", "pkg/bfd/wire",
	"pkg/snmp/agentx", "pkg/snmp/mib", "pkg/logtext",
}

// pureFiles are pure files of packages that are not.
var pureFiles = []string{"pkg/netif/plan.go", "pkg/ipvs/plan.go"}

func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

func parse(t *testing.T, fset *token.FileSet, path string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPurePackages(t *testing.T) {
	top := root(t)
	for _, dir := range purePackages {
		t.Run(dir, func(t *testing.T) {
			paths, err := filepath.Glob(filepath.Join(top, dir, "*.go"))
			if err != nil {
				t.Fatal(err)
			}
			fset := token.NewFileSet()
			var files []*ast.File
			for _, path := range paths {
				name, err := filepath.Rel(top, path)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasSuffix(path, "_test.go") || exceptions[filepath.ToSlash(name)] != "" {
					continue
				}
				files = append(files, parse(t, fset, path))
			}
			if len(files) == 0 {
				t.Skipf("no Go files in %s", dir)
			}
			for _, v := range check(fset, files) {
				t.Error(v)
			}
		})
	}
}

func TestPureFiles(t *testing.T) {
	top := root(t)
	for _, name := range pureFiles {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(top, name)
			if _, err := os.Stat(path); err != nil {
				t.Skipf("%s is not there", name)
			}
			fset := token.NewFileSet()
			for _, v := range check(fset, []*ast.File{parse(t, fset, path)}) {
				t.Error(v)
			}
		})
	}
}

// TestExceptionsExist keeps the list of exceptions from outliving the files.
func TestExceptionsExist(t *testing.T) {
	top := root(t)
	for name, why := range exceptions {
		if _, err := os.Stat(filepath.Join(top, name)); err != nil {
			t.Errorf("exception %s (%s): %v", name, why, err)
		}
	}
}

func TestRules(t *testing.T) {
	for _, tt := range []struct{ name, code, want string }{
		{"clean", `import "time"; var table = [...]int{1}; func f(now time.Time) time.Time { return now.Add(time.Second) }`, ""},
		{"os", `import "os"`, "import of os"},
		{"sys", `import "golang.org/x/sys/unix"`, "import of golang.org/x/sys/unix"},
		{"netip is allowed", `import "net/netip"`, ""},
		{"net", `import "net"`, "import of net:"},
		{"now", `import "time"; func f() { _ = time.Now() }`, "time.Now: the time is an argument"},
		{"renamed time", `import clock "time"; func f() { clock.Sleep(1) }`, "clock.Sleep"},
		{"method named Now", `type e struct{}; func (e) Now() {}; func f(time e) { time.Now() }`, ""},
		{"go", `func f() { go f() }`, "go statement"},
		{"channel", `var c chan int`, "channel"},
		{"select", `func f() { select {} }`, "select statement"},
		{"mutex", `import "sync"; var m sync.Mutex`, "import of sync"},
		{"level", `import "log/slog"; const l = slog.LevelInfo`, ""},
		{"logger", `import "log/slog"; func f(l *slog.Logger) {}`, "slog.Logger"},
		{"logging", `import "log/slog"; func f() { slog.Info("x") }`, "slog.Info"},
		{"random source", `import "math/rand/v2"; func f(r *rand.Rand) int { return r.IntN(3) }`, ""},
		{"global random", `import "math/rand/v2"; func f() int { return rand.IntN(3) }`, "rand.IntN"},
		{"init", `func init() {}`, "init function"},
		{"global counter", `var n int; func f() { n++ }`, "variable n"},
		{"global map", `var m = map[string]int{}; func f() { m["a"] = 1 }`, "variable m"},
		{"global field", `var s struct{ x []int }; func f() { s.x[1] = 2 }`, "variable s"},
		{"local of the same name", `var n int; func f() { var n int; n++; _ = n }`, ""},
		{"parameter of the same name", `var n int; func f(n int) { n = 3; _ = n }`, ""},
		{"short variable of the same name", `var n int; func f() { n := 1; n++; _ = n }`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, "x.go", "package x\n"+tt.code, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := check(fset, []*ast.File{f})
			switch {
			case tt.want == "" && len(got) > 0:
				t.Errorf("unexpected: %v", got)
			case tt.want != "" && (len(got) == 0 || !strings.Contains(got[0].text, tt.want)):
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}

// TestGlobalAcrossFiles changes in one file what another declares.
func TestGlobalAcrossFiles(t *testing.T) {
	fset := token.NewFileSet()
	var files []*ast.File
	for name, code := range map[string]string{"a.go": "package x; var n int", "b.go": "package x; func f() { n = 1 }"} {
		f, err := parser.ParseFile(fset, name, code, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if got := check(fset, files); len(got) != 1 {
		t.Errorf("got %v, want one violation", got)
	}
}
