package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// TestReportsFitTheSchema writes reports about configurations full of mistakes
// and holds them against docs/check-report.schema.json.
func TestReportsFitTheSchema(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, reportSchemaPath))
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Glob(filepath.Join(root, "testdata/config/*/in.conf"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	chains := 0
	for _, name := range cases {
		conf, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(conf), "$X= \\\nnosuch \\\n@\n~SEQ(n, 1, 2) $X\n"} {
			_, _, found := confparse.Load(oneFile(text), "snippet.conf", confparse.Env{HostName: "host", WorkDir: "/"})
			var out bytes.Buffer
			if err := diag.WriteJSON(&out, found); err != nil {
				t.Fatal(err)
			}
			var report any
			if err := json.Unmarshal(out.Bytes(), &report); err != nil {
				t.Fatal(err)
			}
			fits(t, name, schema, report)
			chains += bytes.Count(out.Bytes(), []byte(`"chain"`))
		}
	}
	if chains == 0 {
		t.Error("no finding has a chain")
	}
}

// fits compares a value with the words of JSON Schema that reportSchema uses.
func fits(t *testing.T, at string, schema map[string]any, v any) {
	t.Helper()
	switch schema["type"] {
	case "object":
		o, ok := v.(map[string]any)
		if !ok {
			t.Errorf("%s: %v is no object", at, v)
			return
		}
		properties := schema["properties"].(map[string]any)
		for name, value := range o {
			p, known := properties[name].(map[string]any)
			if !known {
				t.Errorf("%s: the schema does not know %s", at, name)
				continue
			}
			fits(t, at+"."+name, p, value)
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, there := o[name.(string)]; !there {
				t.Errorf("%s: %s is missing", at, name)
			}
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			t.Errorf("%s: %v is no array", at, v)
		}
		for _, e := range list {
			fits(t, at, schema["items"].(map[string]any), e)
		}
	case "integer":
		if n, ok := v.(float64); !ok || n < 0 || n != float64(int(n)) {
			t.Errorf("%s: %v is no number", at, v)
		} else if c, fixed := schema["const"]; fixed && c != v {
			t.Errorf("%s: %v is not %v", at, v, c)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			t.Errorf("%s: %v is no boolean", at, v)
		}
	case "string":
		s, ok := v.(string)
		if enum, limited := schema["enum"].([]any); !ok || limited && !slices.Contains(enum, any(s)) {
			t.Errorf("%s: %v is not in %v", at, v, enum)
		}
	default:
		t.Errorf("%s: schema of type %v", at, schema["type"])
	}
}
