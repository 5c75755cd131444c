package checkcmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

const good = `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress {
        10.0.0.1
    }
}
`

// testDeps has the files in a fresh folder as working directory, and a machine
// without eth7.
func testDeps(t *testing.T, files map[string]string) Deps {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Deps{
		Files:       confparse.OSFiles(),
		Env:         confparse.Env{HostName: "node1", WorkDir: dir},
		DefaultFile: filepath.Join(dir, "default.conf"),
		Preflight: func(cfg *config.Config) diag.List {
			var l diag.List
			for _, v := range cfg.Instances {
				if v.Interface == "eth7" {
					l.Add(diag.Diagnostic{Code: "KA0600", Severity: diag.Error, Class: diag.ClassFatal,
						Summary: "interface eth7 does not exist", Subject: v.At("interface"), Machine: true})
				}
			}
			return l
		},
		Tool:  diag.Tool{Name: "gokeepalived", Version: "test"},
		Codes: Codes(),
	}
}

func TestRun(t *testing.T) {
	files := map[string]string{
		"good.conf":       good,
		"bad.conf":        strings.Replace(good, "interface", "intreface", 1),
		"eth7.conf":       strings.Replace(good, "eth0", "eth7", 1),
		"quote.conf":      good + "include inc/q.conf\n",
		"inc/q.conf":      "global_defs {\n  router_id \"x\n}\n",
		"cond.conf":       good + "@two frobnicate\n@^two x {\n@^two }\n",
		"missing.conf":    good + "include nosuch.conf\n",
		"default.conf":    good,
		"we[1].conf":      good,
		"warn.conf":       good + "$A=x \\\n",
		"broken.conf":     "\xff\xfe\x00\n",
		"sub/nested.conf": good + "include ../inc/q.conf\n",
		"low.conf":        strings.Replace(good, "51\n", "51\n    priority 90\n", 1),
		"slow.conf":       strings.Replace(good, "51\n", "51\n    priority 90\n    advert_int 2\n", 1),
		"low7.conf":       strings.Replace(strings.Replace(good, "51\n", "51\n    priority 90\n", 1), "eth0", "eth7", 1),
		"shared.conf":     strings.Replace(good, "51\n", "51\n@lb1    priority 150\n@lb2    priority 90\n@lb3    advert_int 3\n", 1),
		"a=b.conf":        good,
		"block.conf":      "vrrp_scirpt chk {\n    script /bin/true\n    interval 2\n}\n" + good + "vrrp_instance {\n}\n",
		"template.conf":   strings.Replace(good, "10.0.0.1", "@VIP@", 1),
		"semicolon.conf":  strings.Replace(good, "51", "51;", 1),
		"late.conf":       strings.Replace(good, "    virtual_router", "    track_script {\n        chk\n        chck\n    }\n    virtual_router", 1) + "vrrp_script chk {\n    script /bin/true\n}\n",
		"name.conf":       "vrrp_script chk_nginx {\n    script /bin/true\n}\n" + strings.Replace(good, "    virtual_router", "    track_script {\n        chk_ngnix\n    }\n    virtual_router", 1),
	}
	tests := []struct {
		name string
		args string
		exit int
		// stdout and stderr have to contain these, but not those after "!".
		stdout, stderr []string
		stdin          string
	}{
		{name: "clean", args: "good.conf", stdout: []string{"good.conf: nothing found"}},
		{name: "default file", args: "", stdout: []string{"default.conf: nothing found"}},
		{name: "unknown keyword", args: "bad.conf", exit: 1,
			stdout: []string{"bad.conf:2:5: error: Unknown keyword 'intreface' [KA0201]", "   2 |     intreface eth0\n     |     ^^^^^^^^^\n", "did you mean interface?"}},
		{name: "what follows from a mistake is counted", args: "block.conf", exit: 1, stdout: []string{"Unknown keyword 'vrrp_scirpt'", "did you mean vrrp_script?",
			"4 more findings follow from it, up to line 4", "must have a name", "2 errors, and 4 that follow from them", "!Unexpected", "!interval"}},
		{name: "what follows from a mistake, GitHub", args: "--format github block.conf", exit: 1, stdout: []string{"vrrp_scirpt", "must have a name", "!Unexpected"}},
		{name: "what follows from a mistake, JSON", args: "--format json block.conf", exit: 1, stdout: []string{"Unexpected '{'", `"consequence": true`}},
		{name: "placeholder", args: "template.conf", stdout: []string{"Nothing stands behind the condition @VIP@", "fill in the placeholder"}},
		{name: "semicolon", args: "semicolon.conf", exit: 1, stdout: []string{"help: remove the ;: it is part of the value"}},
		{name: "script that comes later", args: "late.conf", exit: 1, stdout: []string{"track script chk not found", "it must stand before the block that tracks it", "!tracked by nothing"}},
		{name: "name of a script", args: "name.conf", exit: 1, stdout: []string{"track script chk_ngnix not found", "did you mean chk_nginx?"}},
		{name: "machine", args: "eth7.conf", exit: 1, stdout: []string{"On this machine:\n\neth7.conf:2:5: error: interface eth7 does not exist [KA0600]", "eth7.conf: 1 error"}},
		{name: "offline", args: "--offline eth7.conf", stdout: []string{"eth7.conf: nothing found", "!machine"}},
		{name: "included", args: "quote.conf", exit: 1, stdout: []string{"inc/q.conf:2:13: error: Unterminated quote", "included from quote.conf:8:1"}},
		{name: "included from a folder", args: "sub/nested.conf", exit: 1, stdout: []string{"inc/q.conf:2:13: error: Unterminated quote", "included from sub/nested.conf:8:1"}},
		{name: "included twice", args: "quote.conf quote.conf", exit: 1, stdout: []string{"quote.conf, quote.conf: 2 errors"}},
		{name: "config id", args: "-i two cond.conf", exit: 1, stdout: []string{"Unknown keyword 'frobnicate'"}},
		{name: "host name", args: "cond.conf", exit: 1, stdout: []string{"Unknown keyword 'x'", "!frobnicate"}},
		{name: "missing include", args: "missing.conf", stdout: []string{"warning: Config files missing 'nosuch.conf'.", "1 warning"}},
		{name: "missing include, all checks", args: "-e missing.conf", exit: 1, stdout: []string{"error: Config files missing 'nosuch.conf'."}},
		{name: "fail on warnings", args: "--fail-on warning missing.conf", exit: 1},
		{name: "fail on notes, warning there", args: "--fail-on=note warn.conf", exit: 1},
		{name: "warning does not fail", args: "warn.conf", stdout: []string{"warning: Definition of A is not finished"}},
		{name: "wildcards in the name of a file", args: "we[1].conf", stdout: []string{"we[1].conf: nothing found"}},
		{name: "several files", args: "good.conf bad.conf", exit: 1, stdout: []string{"good.conf, bad.conf: 1 error, and 1 that follows from them"}},
		{name: "no such file", args: "nosuch.conf", exit: 2, stdout: []string{"nosuch.conf: error: Config files missing 'nosuch.conf'. [KA0001]"}},
		{name: "no such file among others", args: "nosuch.conf bad.conf", exit: 2, stdout: []string{"intreface", "nosuch.conf"}},
		{name: "folder", args: "sub", exit: 2, stdout: []string{"is a directory"}},
		{name: "stdin", args: "-", stdin: "frobnicate\ninclude inc/q.conf\n", exit: 1, stdout: []string{"<stdin>:1:1: error: Unknown keyword", "inc/q.conf:2:13", "   1 | frobnicate"}},
		{name: "stdin twice", args: "- -", exit: 2, stderr: []string{"only once"}},
		{name: "unknown option", args: "--nosuch good.conf", exit: 2, stderr: []string{"--nosuch", "--help"}},
		{name: "bad format", args: "--format xml good.conf", exit: 2, stderr: []string{"xml"}},
		{name: "bad severity", args: "--fail-on fatal good.conf", exit: 2, stderr: []string{"fatal"}},
		{name: "bad color", args: "--color red good.conf", exit: 2, stderr: []string{"red"}},
		{name: "help", args: "--help", stdout: []string{"Usage: gokeepalived check", "--fail-on", "Exit status"}},
		{name: "explain", args: "--explain ka0020", stdout: []string{"KA0020: Unterminated quote\n\n"}},
		{name: "explain nonsense", args: "--explain KA9999", exit: 2, stderr: []string{"KA9999"}},
		{name: "colour", args: "--color always bad.conf", exit: 1, stdout: []string{"\x1b[1;31merror:\x1b[0m"}},
		{name: "no colour", args: "bad.conf", exit: 1, stdout: []string{"!\x1b"}},
		{name: "github", args: "--format github bad.conf", exit: 1, stdout: []string{"::error file=bad.conf,line=2,col=5,endColumn=14,title=KA0201::Unknown keyword"}},
		{name: "sarif", args: "--format sarif quote.conf", exit: 1, stdout: []string{`"ruleId": "KA0020"`, `"text": "Unterminated quote"`, `"uri": "inc/q.conf"`}},
		{name: "nodes that agree", args: "--peer good.conf low.conf", stdout: []string{"good.conf, low.conf: nothing found"}},
		{name: "nodes are other machines", args: "--peer good.conf low7.conf", stdout: []string{"nothing found", "!machine"}},
		{name: "nodes that disagree", args: "--peer good.conf slow.conf", exit: 1, stdout: []string{
			"Between the nodes:\n\nslow.conf:5:5: error: vrrp_instance VI_1: advert_int is 2, in good.conf it is 1 [KA1211]\n   5 |     advert_int 2\n",
			"both nodes become MASTER", "good.conf has advert_int 1 at good.conf:1:1", "good.conf, slow.conf: 1 error\n"}},
		{name: "not compared", args: "good.conf slow.conf", stdout: []string{"nothing found"}},
		{name: "nodes, JSON", args: "--peer --format json good.conf slow.conf", exit: 1, stdout: []string{`"code": "KA1211"`, `"kind": "related"`}},
		{name: "nodes, SARIF", args: "--peer --format sarif good.conf slow.conf", exit: 1, stdout: []string{`"ruleId": "KA1211"`, `"text": "good.conf has advert_int 1"`}},
		{name: "nodes, GitHub", args: "--peer --format github good.conf slow.conf", exit: 1, stdout: []string{"::error file=slow.conf,line=5,", "good.conf has advert_int 1 good.conf:1:1"}},
		{name: "nodes that share a file", args: "--peer lb1=shared.conf lb2=shared.conf", stdout: []string{"lb1=shared.conf, lb2=shared.conf: nothing found"}},
		{name: "nodes that share a file and disagree", args: "--peer lb1=shared.conf lb2=shared.conf lb3=shared.conf", exit: 1, stdout: []string{"advert_int is 3, in lb1=shared.conf it is 1"}},
		{name: "name of a file with =", args: "--peer a=b.conf low.conf", stdout: []string{"a=b.conf, low.conf: nothing found"}},
		{name: "one node", args: "--peer good.conf", exit: 2, stderr: []string{"two nodes"}},
		{name: "node that is missing", args: "--peer good.conf nosuch.conf", exit: 2, stdout: []string{"KA0001", "!Between"}},
		{name: "explain a code of nodes", args: "--explain KA1211", stdout: []string{"KA1211: advert_int differs"}},
		{name: "bytes that are no text", args: "broken.conf", exit: 1, stdout: []string{"embedded NULs"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			exit := Run(strings.Fields(tt.args), strings.NewReader(tt.stdin), &stdout, &stderr, testDeps(t, files))
			if exit != tt.exit {
				t.Errorf("exit status %d, want %d", exit, tt.exit)
			}
			contains(t, "stdout", stdout.String(), tt.stdout)
			contains(t, "stderr", stderr.String(), tt.stderr)
			if len(tt.stderr) == 0 && stderr.Len() > 0 {
				t.Errorf("stderr has %q", stderr.String())
			}
			if t.Failed() {
				t.Logf("stdout:\n%s", stdout.String())
			}
		})
	}
}

func contains(t *testing.T, what, got string, want []string) {
	t.Helper()
	for _, w := range want {
		if not, ok := strings.CutPrefix(w, "!"); ok {
			if strings.Contains(got, not) {
				t.Errorf("%s has %q", what, not)
			}
		} else if !strings.Contains(got, w) {
			t.Errorf("%s lacks %q; it is %q", what, w, got)
		}
	}
}

func TestRunJSON(t *testing.T) {
	deps := testDeps(t, map[string]string{"k.conf": "frobnicate\n" + strings.Replace(good, "eth0", "eth7", 1)})
	var stdout bytes.Buffer
	if exit := Run([]string{"--format=json", "k.conf"}, strings.NewReader(""), &stdout, &bytes.Buffer{}, deps); exit != 1 {
		t.Errorf("exit status %d, want 1", exit)
	}
	var report diag.JSONReport
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatalf("%v in %s", err, stdout.String())
	}
	if len(report.Findings) != 2 || report.Findings[0].Machine || !report.Findings[1].Machine || report.Summary.Errors != 2 {
		t.Errorf("report %+v", report)
	}
}

// failingWriter fails like a closed pipe.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, fs.ErrClosed }

// failingReader fails at once.
type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("input is gone") }

func TestRunFailures(t *testing.T) {
	deps := testDeps(t, map[string]string{"k.conf": good})
	for _, args := range [][]string{{"k.conf"}, {"--format=json", "k.conf"}, {"--format=sarif", "k.conf"}} {
		var stderr bytes.Buffer
		if exit := Run(args, strings.NewReader(""), failingWriter{}, &stderr, deps); exit != 2 || stderr.Len() == 0 {
			t.Errorf("%v on a closed output: exit status %d, stderr %q", args, exit, stderr.String())
		}
	}
	var stderr bytes.Buffer
	if exit := Run([]string{"-"}, failingReader{}, &bytes.Buffer{}, &stderr, deps); exit != 2 || !strings.Contains(stderr.String(), "input is gone") {
		t.Errorf("unreadable input: exit status %d, stderr %q", exit, stderr.String())
	}
}

// TestMachinePages looks for the page of a code where reports point to.
func TestMachinePages(t *testing.T) {
	deps, err := Machine(os.Stdout)
	if err != nil {
		t.Fatal(err)
	}
	folder, ok := strings.CutPrefix(deps.Tool.Pages, deps.Tool.URI+"/blob/main/")
	if !ok {
		t.Fatalf("pages at %s", deps.Tool.Pages)
	}
	for _, table := range deps.Codes {
		for _, c := range table {
			if _, err := os.Stat(filepath.Join("../..", folder, c.Code+".md")); err != nil {
				t.Errorf("%v; run scripts/generate", err)
			}
		}
	}
}

func TestMachine(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	deps, err := Machine(f)
	if err != nil {
		t.Fatal(err)
	}
	if l := deps.Preflight(&config.Config{}); l.ExitCode() != 0 {
		t.Errorf("this machine cannot run an empty configuration: %v", l)
	}
	if deps.Terminal || deps.Files == nil || !filepath.IsAbs(deps.Env.WorkDir) || deps.Env.Now.IsZero() {
		t.Errorf("Machine(%s) = %+v", os.DevNull, deps)
	}
}

// TestCodes looks for codes that two tables explain, and for tables that are
// not in order.
func TestCodes(t *testing.T) {
	last := ""
	for _, table := range Codes() {
		for _, c := range table {
			if c.Code <= last || c.Title == "" || c.Meaning == "" {
				t.Errorf("entry after %s: %+v", last, c)
			}
			last = c.Code
		}
	}
}

func TestOptions(t *testing.T) {
	var usage bytes.Buffer
	Run([]string{"--help"}, nil, &usage, &usage, Deps{})
	options := Options()
	if len(options) < 9 {
		t.Errorf("only %d options", len(options))
	}
	for _, o := range options {
		if !strings.Contains(usage.String(), "--"+o.Long) || o.Help == "" {
			t.Errorf("option %+v is not in the usage", o)
		}
		if len(o.Values) > 0 && o.Argument == "" {
			t.Errorf("option %+v has values, but takes none", o)
		}
	}
}
