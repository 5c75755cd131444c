package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// forbiddenImports do I/O, read the clock behind our back, or share state. The
// reason is part of the message.
var forbiddenImports = map[string]string{
	"os":            "input and output belong to the driver",
	"io/ioutil":     "input and output belong to the driver",
	"os/exec":       "processes belong to the driver",
	"os/signal":     "signals belong to the daemon",
	"os/user":       "users are facts of the machine",
	"net":           "sockets belong to the driver, addresses are net/netip",
	"net/http":      "sockets belong to the driver",
	"syscall":       "system calls belong to the driver",
	"log":           "log lines are returned",
	"sync":          "a pure package is used by one goroutine",
	"sync/atomic":   "a pure package is used by one goroutine",
	"context":       "nothing in a pure package waits",
	"math/rand":     "a random source is passed in",
	"runtime":       "a pure package does not know where it runs",
	"runtime/debug": "a pure package does not know where it runs",
	"expvar":        "global state",
	"flag":          "global state",
}

// forbiddenPrefixes are whole families.
var forbiddenPrefixes = map[string]string{
	"golang.org/x/sys":               "system calls belong to the driver",
	"github.com/vishvananda/netlink": "the kernel belongs to the driver",
	"github.com/moby/ipvs":           "the kernel belongs to the driver",
	"github.com/mdlayher/":           "the network belongs to the driver",
	"github.com/google/nftables":     "the kernel belongs to the driver",
}

// allowedMembers are the only members of a package that may be used: types and
// constants.
var allowedMembers = map[string][]string{
	"log/slog":     {"Level", "LevelDebug", "LevelInfo", "LevelWarn", "LevelError"},
	"math/rand/v2": {"Rand", "New", "NewPCG", "Source", "PCG"},
}

// forbiddenMembers read the clock or wait for it.
var forbiddenMembers = map[string][]string{
	"time": {"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"},
}

// exceptions are files that stand in a pure package and are its edge to the
// world, each with the reason.
var exceptions = map[string]string{
	"pkg/confparse/osfiles.go": "the real file system behind the interface that Load gets",
}

// violation is one broken rule.
type violation struct {
	pos  token.Position
	text string
}

func (v violation) String() string { return fmt.Sprintf("%s: %s", v.pos, v.text) }

// check applies the rules to the files of one package.
func check(fset *token.FileSet, files []*ast.File) (list []violation) {
	report := func(at ast.Node, format string, args ...any) {
		list = append(list, violation{fset.Position(at.Pos()), fmt.Sprintf(format, args...)})
	}
	globals := packageVariables(files)
	for _, f := range files {
		names := checkImports(f, report)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				report(n, "go statement")
			case *ast.ChanType:
				report(n, "channel")
			case *ast.SelectStmt:
				report(n, "select statement")
			case *ast.SendStmt:
				report(n, "send on a channel")
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					report(n, "init function: registration is global state")
				}
			case *ast.SelectorExpr:
				checkMember(n, names, report)
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, x := range n.Lhs {
						checkGlobal(x, globals, report)
					}
				}
			case *ast.IncDecStmt:
				checkGlobal(n.X, globals, report)
			}
			return true
		})
	}
	return list
}

// checkImports returns the import path of each name in the file.
func checkImports(f *ast.File, report func(ast.Node, string, ...any)) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if why, bad := forbiddenImports[path]; bad {
			report(spec, "import of %s: %s", path, why)
		}
		for p, why := range forbiddenPrefixes {
			if strings.HasPrefix(path, p) {
				report(spec, "import of %s: %s", path, why)
			}
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if path == "math/rand/v2" {
			name = "rand"
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			report(spec, "dot import hides where names come from")
		}
		names[name] = path
	}
	return names
}

func checkMember(n *ast.SelectorExpr, names map[string]string, report func(ast.Node, string, ...any)) {
	x, ok := n.X.(*ast.Ident)
	if !ok || x.Obj != nil { // a local name hides the package
		return
	}
	path := names[x.Name]
	if allowed := allowedMembers[path]; allowed != nil && !slices.Contains(allowed, n.Sel.Name) {
		report(n, "%s.%s: only types and levels of %s may be used", x.Name, n.Sel.Name, path)
	}
	if slices.Contains(forbiddenMembers[path], n.Sel.Name) {
		report(n, "%s.%s: the time is an argument", x.Name, n.Sel.Name)
	}
}

// variables are those of a package: by name, and where they are declared.
type variables struct {
	names map[string]bool
	specs map[*ast.ValueSpec]bool
}

func packageVariables(files []*ast.File) variables {
	v := variables{map[string]bool{}, map[*ast.ValueSpec]bool{}}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, s := range g.Specs {
				spec := s.(*ast.ValueSpec)
				v.specs[spec] = true
				for _, name := range spec.Names {
					v.names[name.Name] = true
				}
			}
		}
	}
	delete(v.names, "_")
	return v
}

// has reports whether id means a variable of the package. The parser resolves
// names within a file; what it resolved to anything else hides the variable.
func (v variables) has(id *ast.Ident) bool {
	if !v.names[id.Name] {
		return false
	}
	if id.Obj == nil {
		return true // declared in another file
	}
	spec, ok := id.Obj.Decl.(*ast.ValueSpec)
	return ok && v.specs[spec]
}

// checkGlobal reports a change of a package's variable. Tables that are only
// read are no state.
func checkGlobal(x ast.Expr, globals variables, report func(ast.Node, string, ...any)) {
	for {
		switch y := x.(type) {
		case *ast.IndexExpr:
			x = y.X
		case *ast.SelectorExpr:
			x = y.X
		case *ast.StarExpr:
			x = y.X
		case *ast.ParenExpr:
			x = y.X
		case *ast.Ident:
			if globals.has(y) {
				report(y, "change of the package's variable %s", y.Name)
			}
			return
		default:
			return
		}
	}
}
