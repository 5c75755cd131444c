package confparse

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

var update = flag.Bool("update", false, "rewrite want.json and want.diag")

// TestGolden loads testdata/config/CASE/in.conf and compares the settings
// (those that differ from an empty file's) and the findings.
func TestGolden(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/config/*/in.conf")
	if err != nil || len(cases) < 10 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, in := range cases {
		dir := filepath.Dir(in)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			abs, err := filepath.Abs(dir)
			if err != nil {
				t.Fatal(err)
			}
			cfg, _, found := Load(OSFiles(), "in.conf", Env{HostName: "node1", WorkDir: abs, Test: true, Now: time.Unix(0, 0)})
			settings, err := json.MarshalIndent(dump(cfg), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join(dir, "want.json"), string(settings)+"\n")
			compareGolden(t, filepath.Join(dir, "want.diag"), findingLines(found))
		})
	}
}

func compareGolden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got, rewrite with -update):\n%s", filepath.Base(path), d)
	}
}

var classWords = map[diag.Class]string{
	diag.ClassOwn: "own", diag.ClassLog: "log", diag.ClassConfig: "config", diag.ClassFatal: "fatal",
	diag.ClassSecurity: "security", diag.ClassMissingParameter: "missing", diag.ClassInclude: "include",
}

func findingLines(found diag.List) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%d:%d %s %s/%s %s\n", f.Subject.Start.Line, f.Subject.Start.Column, f.Code, f.Severity, classWords[f.Class], f.Summary)
		if f.Effect != "" {
			fmt.Fprintf(&b, "    = %s\n", f.Effect)
		}
		if f.Hint != "" {
			fmt.Fprintf(&b, "    ? %s\n", f.Hint)
		}
	}
	fmt.Fprintf(&b, "exit %d\n", found.ExitCode())
	return b.String()
}

// dump is cfg as it is read by people: without places and zero values, global
// settings only where they are not the default.
func dump(cfg *config.Config) any {
	all, _ := dumpValue(reflect.ValueOf(cfg)).(map[string]any)
	plain, _ := dumpValue(reflect.ValueOf(config.NewGlobal())).(map[string]any)
	if g, ok := all["Global"].(map[string]any); ok {
		removeEqual(g, plain)
		if len(g) == 0 {
			delete(all, "Global")
		}
	}
	return all
}

func removeEqual(m, than map[string]any) {
	for k, v := range m {
		if reflect.DeepEqual(v, than[k]) {
			delete(m, k)
			continue
		}
		a, ok1 := v.(map[string]any)
		b, ok2 := than[k].(map[string]any)
		if ok1 && ok2 {
			removeEqual(a, b)
		}
	}
}

func dumpValue(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String()
	case netip.Addr, netip.AddrPort, netip.Prefix:
		return fmt.Sprint(x)
	case config.Block:
		return nil
	case []byte:
		return fmt.Sprintf("%x", x)
	case fmt.Stringer:
		if v.Kind() != reflect.Pointer && v.Kind() != reflect.Struct {
			return x.String()
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return dumpValue(v.Elem())
	case reflect.Struct:
		m := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Type == reflect.TypeFor[config.Block]() || v.Field(i).IsZero() {
				continue
			}
			m[f.Name] = dumpValue(v.Field(i))
		}
		return m
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = dumpValue(v.Index(i))
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[fmt.Sprint(k.Interface())] = dumpValue(v.MapIndex(k))
		}
		return m
	default:
		return v.Interface()
	}
}
