package peercheck

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPublishedPairs compares pairs that people published. Every finding was
// looked at: all are true. 0111 for one has a weight of 2 between the
// priorities 180 and 102.
func TestPublishedPairs(t *testing.T) {
	dir := sharedDir(t, "corpus")
	for _, tt := range []struct{ a, b, want string }{
		{"0022", "0023", ""},
		{"0041", "0042", ""},
		{"0091", "0092", ""},
		{"0093", "0094", "KA1243W KA1243W"},
		{"0097", "0098", "KA1242W KA1252N"},
		{"0111", "0112", "KA1245W KA1252N"},
		{"0114", "0115", ""},
		{"0116", "0117", "KA1252N"},
		{"0123", "0124", ""},
		{"0152", "0153", ""},
		{"0166", "0167", "KA1242W KA1252N"},
		{"0258", "0259", ""},
		{"0296", "0297", "KA1252N"},
		{"0304", "0305", ""},
		{"0314", "0315", ""},
		{"0316", "0318", "KA1252N"},
		{"0320", "0321", "KA1252N"},
		{"0330", "0331", ""},
		{"0335", "0336", ""},
	} {
		t.Run(tt.a, func(t *testing.T) {
			var configs []string
			for _, name := range []string{tt.a, tt.b} {
				text, err := os.ReadFile(filepath.Join(dir, name+".conf"))
				if err != nil {
					t.Fatal(err)
				}
				configs = append(configs, string(text))
			}
			files, nodes, _ := load(configs...)
			got := Check(nodes)
			valid(t, files, got)
			if codes(got) != tt.want {
				t.Errorf("found %q, want %q: %+v", codes(got), tt.want, got)
			}
		})
	}
}
