package confparse
import ("testing";"fmt";"os";"encoding/json";"sort";"strings";"github.com/gokeepalived/gokeepalived/pkg/diag")
func TestZZHarvest(t *testing.T) {
	b, err := os.ReadFile("/tmp/sch/harvest2.json"); if err != nil { t.Skip() }
	var l []struct{Block, Keyword, Value, Text string; RC int; Err string}
	json.Unmarshal(b, &l)
	n, badn := 0, 0
	groups := map[string][]string{}
	for _, h := range l {
		if h.RC < 0 { continue }
		n++
		_, _, ds := Load(mapFiles{"/k": h.Text}, "k", Env{WorkDir:"/", HostName:"vm", Test:true})
		got := ds.ExitCode()
		if got == h.RC { continue }
		badn++
		var ours []string
		for _, d := range ds { if d.Class > diag.ClassLog { ours = append(ours, d.Summary) } }
		k := h.Block+" "+h.Keyword
		e := strings.ReplaceAll(strings.TrimSpace(h.Err), "\n", " || ")
		groups[k] = append(groups[k], fmt.Sprintf("%q ka=%d ours=%d KA: %.160s OURS: %.160s", h.Value, h.RC, got, e, strings.Join(ours, " || ")))
	}
	fmt.Println(n, badn, len(groups))
	var ks []string; for k := range groups { ks = append(ks, k) }; sort.Strings(ks)
	for _, k := range ks { fmt.Println("##", k, len(groups[k])); for i, s := range groups[k] { if i < 4 { fmt.Println("    ", s) } } }
}
