package checkcmd

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestSchema(t *testing.T) {
	for _, tt := range []struct {
		args           string
		exit           int
		stdout, stderr string
	}{
		{"", 0, `"keyword": "virtual_router_id"`, ""},
		{"--json", 0, `"block": "vrrp_instance"`, ""},
		{"--markdown", 0, "# Configuration keywords", ""},
		{"--help", 0, "Usage: gokeepalived schema", ""},
		{"--xml", 2, "", `unknown argument "--xml"`},
	} {
		var stdout, stderr bytes.Buffer
		if exit := Schema(strings.Fields(tt.args), &stdout, &stderr); exit != tt.exit {
			t.Errorf("schema %s: exit status %d, want %d", tt.args, exit, tt.exit)
		}
		if !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("schema %s: stdout %.300q, stderr %q", tt.args, stdout.String(), stderr.String())
		}
		if strings.HasPrefix(stdout.String(), "[") && !json.Valid(stdout.Bytes()) {
			t.Errorf("schema %s does not print JSON", tt.args)
		}
	}
	var stderr bytes.Buffer
	if exit := Schema(nil, failingWriter{}, &stderr); exit != 2 || stderr.Len() == 0 {
		t.Errorf("closed output: exit status %d, stderr %q", exit, stderr.String())
	}
}
