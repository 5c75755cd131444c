package confparse

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// row is one row of the list of keywords of keepalived 2.4.3.
type row struct {
	block, keyword, args, limits, value, repeat, process, effect, bad, status string
}

func tsvRows(t testing.TB) []row {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedDir(t, "spec"), "keywords.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := append(strings.Split(line, "\t"), make([]string, 10)...)
		rows = append(rows, row{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9]})
	}
	return rows
}

// specIndex is the table by block and keyword.
var specIndex = sync.OnceValue(func() map[[2]string]Spec {
	index := map[[2]string]Spec{}
	for _, s := range Keywords() {
		index[[2]string{s.Block, s.Keyword}] = s
	}
	return index
})

// TestEveryKeywordIsInTheTable compares the table with the list, both ways.
func TestEveryKeywordIsInTheTable(t *testing.T) {
	rows := tsvRows(t)
	index := maps.Clone(specIndex())
	if len(index) != len(Keywords()) {
		t.Errorf("%d rows, %d different ones", len(Keywords()), len(index))
	}
	for _, r := range rows {
		key := [2]string{r.block, r.keyword}
		if _, ok := index[key]; !ok {
			t.Errorf("%s: %s is not in the table", r.block, r.keyword)
		}
		delete(index, key)
	}
	for key := range index {
		if !ourOwn[key] {
			t.Errorf("%s: %s is in the table and not in the list", key[0], key[1])
		}
	}
}

// ourOwn are spellings that we take in addition.
var ourOwn = map[[2]string]bool{
	// The manual's names, which keepalived does not know.
	{"global_defs", "state_file_location"}: true, {"global_defs", "stats_file_location"}: true, {"global_defs", "json_file_location"}: true,
}

// otherColumns are cells where we differ on purpose or say the same in other
// words.
var otherColumns = map[string]bool{
	// "off" means off, as the manual has it.
	"global_defs v3_checksum_as_v2 args": true, "global_defs v3_checksum_as_v2 repeat": true,
	"virtual_server inhibit_on_failure args": true, "virtual_server inhibit_on_failure repeat": true,
	"virtual_server alpha args": true, "virtual_server alpha repeat": true,
	"vrrp_instance skip_check_adv_addr repeat": true,
	// Each host has its own settings.
	"virtual_server/real_server/SMTP_CHECK/host connect_ip default":      true,
	"virtual_server/real_server/SMTP_CHECK/host connect_port default":    true,
	"virtual_server/real_server/SMTP_CHECK/host connect_timeout default": true,
	// Adverts are sent on time on a busy machine too: docs/compatibility.md.
	"global_defs max_auto_priority default": true,
	// Shared with track_file.
	"vrrp_track_file file range": true, "vrrp_track_file init_file range": true,
}

// TestColumns compares what the table says about each keyword with the list.
func TestColumns(t *testing.T) {
	index := specIndex()
	for _, r := range tsvRows(t) {
		s, ok := index[[2]string{r.block, r.keyword}]
		if !ok || r.block == "(parser)" {
			continue
		}
		at := r.block + " " + r.keyword
		for _, c := range []struct{ name, got, want string }{
			{"args", s.Args, r.args}, {"range", s.Range, r.limits}, {"default", defaultColumn(s), strings.TrimPrefix(r.value, "absent=")},
			{"repeat", s.Repeat.String(), r.repeat}, {"process", s.Process.String(), r.process},
		} {
			if same := c.got == c.want; same == otherColumns[at+" "+c.name] {
				t.Errorf("%s: %s %q, the list has %q", at, c.name, c.got, c.want)
			}
		}
		if s.Doc == "" {
			t.Errorf("%s: no doc", at)
		}
	}
}

func defaultColumn(s Spec) string {
	out := strings.TrimPrefix(s.Default, "absent=")
	if s.Bare != "" {
		if out != "" {
			out += "; "
		}
		out += "bare=" + s.Bare
	}
	return out
}
