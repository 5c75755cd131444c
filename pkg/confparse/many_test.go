package confparse

import (
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// TestManyFindings loads a short text with very many mistakes: they are
// bounded, and the exit status is that of all.
func TestManyFindings(t *testing.T) {
	const text = "~SEQ(n, 1, 60000) frobnicate$n\nvrrp_instance A {\ninterface\n}\n"
	_, _, found := Load(mapFiles{"/k": text}, "k", Env{HostName: "node1", WorkDir: "/"})
	if len(found) > mostFindings+10 {
		t.Errorf("%d findings", len(found))
	}
	if got := found.ExitCode(); got != diag.ExitMissingParameter {
		t.Errorf("exit status %d, want %d", got, diag.ExitMissingParameter)
	}
	if last := found[len(found)-1]; last.Code != codeTooMany {
		t.Errorf("last finding %+v", last)
	}
}
