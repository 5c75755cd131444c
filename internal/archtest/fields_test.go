package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

const module = "github.com/gokeepalived/gokeepalived"

// source is one package of the module, type-checked.
type source struct {
	path  string
	files []*ast.File
	info  *types.Info
	pkg   *types.Package
}

// sources type-checks the packages that are not tests.
func sources(t *testing.T, patterns ...string) []*source {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export,Standard"}, patterns...)...)
	cmd.Dir = root(t)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := map[string]string{}
	var list []*source
	fset := token.NewFileSet()
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p struct {
			ImportPath, Dir, Export string
			GoFiles                 []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.ImportPath != module && !strings.HasPrefix(p.ImportPath, module+"/") {
			continue
		}
		s := &source{path: strings.TrimPrefix(p.ImportPath, module+"/")}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			s.files = append(s.files, f)
		}
		list = append(list, s)
	}
	imp := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	checked := map[string]*types.Package{}
	for _, s := range list {
		s.info = &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
		conf := types.Config{Importer: importFunc(func(path string) (*types.Package, error) {
			if p := checked[path]; p != nil {
				return p, nil
			}
			return imp.Import(path)
		})}
		if s.pkg, err = conf.Check(module+"/"+s.path, fset, s.files, s.info); err != nil {
			t.Fatal(err)
		}
		checked[module+"/"+s.path] = s.pkg
	}
	return list
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// configFields are the exported fields of the settings, by "Struct.Field",
// without what every block remembers of its place in the file.
func configFields(cfg *types.Package) map[string]*types.Var {
	fields := map[string]*types.Var{}
	for _, name := range cfg.Scope().Names() {
		st, ok := cfg.Scope().Lookup(name).Type().Underlying().(*types.Struct)
		if !ok || name == "Block" || name == "Setting" {
			continue
		}
		for i := range st.NumFields() {
			if f := st.Field(i); f.Exported() && !f.Embedded() {
				fields[name+"."+f.Name()] = f
			}
		}
	}
	return fields
}

// uses says how the packages use fields: by whom they are read, and whether
// the keyword tables write them.
type uses struct {
	readers map[*types.Var]map[string]bool
	written map[*types.Var]bool
	// keywords are those whose table entry, or the function it names, has to
	// do with a field.
	keywords map[*types.Var]map[string]bool
}

// field is the config field that an expression selects, nil if it is none.
func (s *source) field(n ast.Node) *types.Var {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	v, ok := s.info.Uses[sel.Sel].(*types.Var)
	if !ok || !v.IsField() || v.Pkg() == nil || v.Pkg().Path() != module+"/pkg/config" {
		return nil
	}
	return v
}

func usesOfFields(list []*source) uses {
	u := uses{map[*types.Var]map[string]bool{}, map[*types.Var]bool{}, map[*types.Var]map[string]bool{}}
	for _, s := range list {
		for _, f := range s.files {
			u.addFile(s, f)
		}
		if s.path == "pkg/confparse" {
			u.addKeywords(s)
		}
	}
	return u
}

// addFile notes reads and writes. To assign to a field of a field only writes
// the inner one; to take the address of a field is what a table entry does to
// write it.
func (u uses) addFile(s *source, f *ast.File) {
	writes := map[ast.Node]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				u.assigned(s, l, writes)
				// x = append(x, ...) reads nothing.
				if call, ok := n.Rhs[min(i, len(n.Rhs)-1)].(*ast.CallExpr); ok && len(call.Args) > 0 && s.field(l) != nil && s.field(call.Args[0]) == s.field(l) {
					writes[call.Args[0]] = true
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				u.assigned(s, n.X, writes)
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				if v, ok := s.info.Uses[key].(*types.Var); ok && v.IsField() {
					u.written[v] = true
				}
			}
		}
		v := s.field(n)
		switch {
		case v == nil:
		case writes[n]:
			u.written[v] = true
			// The address of a whole block is handed on to who reads it.
			if s.path != "pkg/confparse" {
				note(u.readers, v, s.path)
			}
		default:
			note(u.readers, v, s.path)
		}
		return true
	})
}

// assigned notes what an assignment writes: x.F itself, or the F of x.F[i].G.
func (u uses) assigned(s *source, l ast.Expr, writes map[ast.Node]bool) {
	writes[l] = true
	ast.Inspect(l, func(n ast.Node) bool {
		if v := s.field(n); v != nil {
			u.written[v] = true
		}
		return true
	})
}

func note(m map[*types.Var]map[string]bool, v *types.Var, what string) {
	if m[v] == nil {
		m[v] = map[string]bool{}
	}
	m[v][what] = true
}

// addKeywords ties fields to keywords: a table entry is a call whose first
// argument is the keyword.
func (u uses) addKeywords(s *source) {
	bodies := map[types.Object]ast.Node{}
	for _, f := range s.files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				bodies[s.info.Defs[fn.Name]] = fn.Body
			}
		}
	}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			keyword, ok := call.Args[0].(*ast.BasicLit)
			if !ok || keyword.Kind != token.STRING {
				return true
			}
			name := strings.Trim(keyword.Value, `"`)
			for _, arg := range call.Args[1:] {
				u.tie(s, arg, name, bodies)
			}
			return true
		})
	}
}

// tie notes the fields in n, and in the bodies of functions that n names.
func (u uses) tie(s *source, n ast.Node, keyword string, bodies map[types.Object]ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if v := s.field(n); v != nil {
			note(u.keywords, v, keyword)
		}
		// A word of the line has its own status.
		if c, ok := n.(*ast.CaseClause); ok && len(c.List) == 1 {
			of := c.List[0]
			if eq, ok := of.(*ast.BinaryExpr); ok && eq.Op == token.EQL {
				of = eq.Y
			}
			if word, ok := of.(*ast.BasicLit); ok && word.Kind == token.STRING {
				for _, stmt := range c.Body {
					u.tie(s, stmt, strings.Trim(word.Value, `"`), nil)
				}
				return false
			}
		}
		if id, ok := n.(*ast.Ident); ok && bodies != nil {
			if body := bodies[s.info.Uses[id]]; body != nil {
				u.tie(s, body, keyword, nil)
			}
		}
		return true
	})
}

// reporters only print or compare settings.
var reporters = []string{"pkg/status", "pkg/peercheck", "pkg/preflight", "pkg/checkcmd"}

// unread are the fields that nothing acts on although no keyword says so, and
// why that is right.
var unread = map[string]string{
	"Config.Unusable":           "preflight looks at what cannot run",
	"VRRPGlobal.AllowIfChanges": "the finding about the word says so",
}

// TestEverySettingIsSetAndActedOn walks all packages: a field of the
// configuration is written by the reader of configurations, and read by
// somebody who acts on it, unless every keyword that writes it says that
// nothing does.
func TestEverySettingIsSetAndActedOn(t *testing.T) {
	list := sources(t, "./cmd/...", "./pkg/...")
	u := usesOfFields(list)
	status := map[string][]confparse.Status{}
	for _, k := range confparse.Keywords() {
		status[k.Keyword] = append(status[k.Keyword], k.Status)
	}
	i := slices.IndexFunc(list, func(s *source) bool { return s.path == "pkg/config" })
	fields := configFields(list[i].pkg)
	if len(fields) < 300 {
		t.Errorf("only %d fields", len(fields))
	}
	for name, v := range fields {
		if !u.written[v] {
			t.Errorf("%s: no keyword sets it", name)
		}
		acted := false
		for who := range u.readers[v] {
			acted = acted || !slices.Contains(reporters, who)
		}
		switch {
		case acted || unread[name] != "":
		case len(u.keywords[v]) == 0:
			t.Errorf("%s: nothing reads it, and no keyword is known that sets it", name)
		default:
			for keyword := range u.keywords[v] {
				if slices.Contains(status[keyword], confparse.StatusActed) {
					t.Errorf("%s: nothing acts on it, but the status of %s says so", name, keyword)
				}
			}
		}
	}
}
