package confparse

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// bfdBlocks are instances at the limits of what is accepted, and beyond.
var bfdBlocks = []struct {
	name, text string
	// differs is ours where 2.2.7 has other words.
	differs string
}{
	{name: "no neighbor", text: "b {\n}"},
	{
		name: "families", text: "b {\n neighbor_ip 10.0.0.2\n source_ip fd00::1\n}",
		// 2.2.7 prints the source twice.
		differs: "Configuration error: BFD instance b source address fd00::1 and neighbor address 10.0.0.2 are not of the same family, disabling instance",
	},
	{name: "same neighbor", text: "b {\n neighbor_ip 10.0.0.2\n}\nbfd_instance c {\n neighbor_ip 10.0.0.2\n}"},
	{name: "same neighbor and source", text: "b {\n neighbor_ip 10.0.0.2\n source_ip 10.0.0.1\n}\nbfd_instance c {\n neighbor_ip 10.0.0.2\n source_ip 10.0.0.1\n}"},
	{name: "same name", text: "b {\n neighbor_ip 10.0.0.2\n}\nbfd_instance b {\n neighbor_ip 10.0.0.3\n}"},
	{name: "malformed neighbor", text: "b {\n neighbor_ip 10.0.0\n}"},
	{name: "name of 31", text: "b123456789012345678901234567890 {\n neighbor_ip 10.0.0.2\n}"},
	{name: "name of 32", text: "b1234567890123456789012345678901 {\n neighbor_ip 10.0.0.2\n}"},
	{name: "smallest timers", text: "b {\n neighbor_ip 10.0.0.2\n min_rx 1\n min_tx 1\n idle_tx 1000\n}"},
	{name: "largest timers", text: "b {\n neighbor_ip 10.0.0.2\n min_rx 4294967\n min_tx 4294967\n idle_tx 4294967\n}"},
	{name: "min_rx", text: "b {\n neighbor_ip 10.0.0.2\n min_rx 0.999\n}"},
	{name: "min_tx", text: "b {\n neighbor_ip 10.0.0.2\n min_tx 4294968\n}"},
	{name: "idle_tx", text: "b {\n neighbor_ip 10.0.0.2\n idle_tx 999\n}"},
	{name: "multiplier 0", text: "b {\n neighbor_ip 10.0.0.2\n multiplier 0\n}"},
	{name: "multiplier 255", text: "b {\n neighbor_ip 10.0.0.2\n multiplier 255\n}"},
	{name: "multiplier 256", text: "b {\n neighbor_ip 10.0.0.2\n multiplier 256\n}"},
	{name: "max_hops -1", text: "b {\n neighbor_ip 10.0.0.2\n max_hops -1\n}"},
	{name: "max_hops 255", text: "b {\n neighbor_ip 10.0.0.2\n max_hops 255\n}"},
	{name: "max_hops -2", text: "b {\n neighbor_ip 10.0.0.2\n max_hops -2\n}"},
	{name: "max_hops 256", text: "b {\n neighbor_ip 10.0.0.2\n max_hops 256\n}"},
	{name: "max_hops and default of IPv6", text: "b {\n neighbor_ip fd00::2\n max_hops 64\n}"},
	{name: "max_hops above default of IPv6", text: "b {\n neighbor_ip fd00::2\n max_hops 65\n}"},
	{name: "ttl 0", text: "b {\n neighbor_ip 10.0.0.2\n ttl 0\n}"},
	{name: "hoplimit 256", text: "b {\n neighbor_ip 10.0.0.2\n hoplimit 256\n}"},
	{name: "weight -253", text: "b {\n neighbor_ip 10.0.0.2\n weight -253\n}"},
	{name: "weight 253", text: "b {\n neighbor_ip 10.0.0.2\n weight 253 reverse\n}"},
	{name: "weight -254", text: "b {\n neighbor_ip 10.0.0.2\n weight -254\n}"},
	{name: "weight 254", text: "b {\n neighbor_ip 10.0.0.2\n weight 254\n}"},
	{name: "weight option", text: "b {\n neighbor_ip 10.0.0.2\n weight 5 revers\n}"},
}

// TestBFDLikeKeepalived compares what is said about the settings of BFD
// instances with what keepalived 2.2.7 says.
func TestBFDLikeKeepalived(t *testing.T) {
	binary := keepalived227(t)
	place := regexp.MustCompile(`^\((\S+: )?Line \d+\) `)
	dir := t.TempDir()
	for _, block := range bfdBlocks {
		path := filepath.Join(dir, "k.conf")
		if err := os.WriteFile(path, []byte("bfd_instance "+block.text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.Command(binary, "-t", "-f", path).CombinedOutput()
		var want, got []string
		for l := range strings.Lines(string(out)) {
			// Lines before it say the same in other words.
			if l = place.ReplaceAllString(strings.TrimSuffix(l, "\n"), ""); strings.Contains(l, "BFD instance ") {
				want = append(want, l)
			}
		}
		if len(want) > 0 && block.differs != "" {
			want = []string{block.differs}
		}
		_, _, found := Load(OSFiles(), path, Env{HostName: "node1", WorkDir: dir, Test: true, Now: time.Unix(0, 0)})
		for i := range found {
			// Of large timers 2.2.7 warns in the log, not with -t.
			if text := found[i].Summary; strings.Contains(text, "BFD instance ") && !strings.HasPrefix(text, "Configuration warning: ") {
				got = append(got, found[i].Summary)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, keepalived %q", block.name, got, want)
		}
	}
}

// TestBFDDefaults: what an instance has that names its neighbor only, and what
// tells two instances with one neighbor apart.
func TestBFDDefaults(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k.conf")
	text := `bfd_instance four {
	neighbor_ip 10.0.0.2
}
bfd_instance six {
	neighbour_ip fd00::2
}
bfd_instance far {
	neighbor_ip 10.0.0.2
	multihop
}
bfd_instance from {
	neighbor_ip 10.0.0.2
	source_ip 10.0.0.1
	checker
}
bfd_instance watch {
	neighbor_ip 10.0.0.3
	vrrp
	passive
	max_hops 3
	hoplimit 9
}
`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, _, found := Load(OSFiles(), path, Env{HostName: "node1", Test: true, Now: time.Unix(0, 0)})
	if got := found.ExitCode(); got != 0 {
		t.Fatalf("exit %d: %s", got, findingLines(found))
	}
	four := config.BFDInstance{
		Name: "four", Neighbor: netip.MustParseAddr("10.0.0.2"), MinRx: 10 * time.Millisecond, MinTx: 10 * time.Millisecond,
		IdleTx: time.Second, Multiplier: 5, TTL: 255, VRRP: true, Checker: true,
	}
	six, far, from, watch := four, four, four, four
	six.Name, six.Neighbor, six.TTL = "six", netip.MustParseAddr("fd00::2"), 64
	far.Name, far.MultiHop = "far", true
	from.Name, from.Source, from.VRRP = "from", netip.MustParseAddr("10.0.0.1"), false
	watch.Name, watch.Neighbor, watch.Checker, watch.Passive, watch.MaxHops, watch.TTL = "watch", netip.MustParseAddr("10.0.0.3"), false, true, 3, 9
	want := []config.BFDInstance{four, six, far, from, watch}
	if len(cfg.BFD) != len(want) {
		t.Fatalf("%d instances, want %d", len(cfg.BFD), len(want))
	}
	for i := range want {
		got := *cfg.BFD[i]
		got.Block = config.Block{}
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("got  %+v\nwant %+v", got, want[i])
		}
	}
}
