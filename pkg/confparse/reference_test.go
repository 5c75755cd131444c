package confparse

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

func TestReference(t *testing.T) {
	var b strings.Builder
	if err := WriteReference(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, s := range Keywords() {
		if !strings.Contains(text, "| "+code(s.Keyword)+"<br>") {
			t.Errorf("%s %s is missing", s.Block, s.Keyword)
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "| `") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 8 {
			t.Errorf("a row with other columns: %s", line)
		}
	}
}

func TestSchemaJSON(t *testing.T) {
	var b strings.Builder
	if err := WriteSchemaJSON(&b); err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(b.String()), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != len(Keywords()) {
		t.Errorf("%d rows, want %d", len(list), len(Keywords()))
	}
	for _, k := range list {
		for _, field := range []string{"keyword", "repeat", "processes", "status", "doc"} {
			if k[field] == "" || k[field] == nil {
				t.Errorf("%v has no %s", k["keyword"], field)
			}
		}
	}
}

// TestCodes looks for codes that are reported and not explained, and the other
// way round.
func TestCodes(t *testing.T) {
	explained := map[string]bool{}
	for _, c := range Codes() {
		if explained[c.Code] || c.Title == "" || c.Meaning == "" {
			t.Errorf("%+v", c)
		}
		explained[c.Code] = true
	}
	for _, c := range diag.LanguageCodes() {
		if explained[c.Code] {
			t.Errorf("%s has two meanings", c.Code)
		}
	}
	for _, code := range []string{codeUnknownKeyword, codeBadValue, codeConflict, codePending, codeOwnDropped, codeSuspended} {
		if !explained[code] {
			t.Errorf("%s is not explained", code)
		}
	}
}
