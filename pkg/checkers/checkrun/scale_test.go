package checkrun

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

// loadText is the configuration that text is.
func loadText(t *testing.T, text string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadFile(path)
}

// tenThousand is 1,000 virtual servers of 10 servers without checkers; the
// weight of one of them is w.
func tenThousand(w int) string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "virtual_server 10.8.%d.%d 80 {\n lvs_sched rr\n lvs_method NAT\n protocol TCP\n", i>>8, i&255)
		for j := range 10 {
			weight := 1
			if i == 517 && j == 3 {
				weight = w
			}
			fmt.Fprintf(&b, " real_server 10.9.%d.%d %d {\n  weight %d\n }\n", i>>8, i&255, 8000+j, weight)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// TestReloadSendsTheDifference: one server of 10,000 has another weight, the
// kernel gets one request; nothing has changed, it gets none.
func TestReloadSendsTheDifference(t *testing.T) {
	t.Parallel()
	l := startLab(t, loadText(t, tenThousand(1)), ipvstest.New())
	reload := func(w int) (log string, took time.Duration) {
		cfg := loadText(t, tenThousand(w))
		l.call(func() { l.kernel.TakeLog() })
		begin := time.Now()
		if err := l.Reload(cfg); err != nil {
			t.Fatal(err)
		}
		took = time.Since(begin)
		l.call(func() { log = l.kernel.TakeLog() })
		return log, took
	}
	log, took := reload(9)
	if strings.Count(log, "\n") != 0 || !strings.Contains(log, "10.9.2.5:8003") {
		t.Errorf("requests:\n%s", log)
	}
	t.Logf("reload of 10,000 servers with one weight changed: %v, request %q", took, log)
	if log, _ := reload(9); log != "" {
		t.Errorf("an unchanged reload sends:\n%s", log)
	}
	l.stop(t)
}

// TestKernelErrorsStopNothing: what the kernel refuses is logged with its
// entry, and everything else is done.
func TestKernelErrorsStopNothing(t *testing.T) {
	t.Parallel()
	kernel := ipvstest.New()
	kernel.Fail = func(op ipvs.Op) syscall.Errno {
		if op.Kind == ipvs.NewDest && op.Dest.Addr == netip.MustParseAddr("10.9.0.12") {
			return syscall.EINVAL
		}
		return 0
	}
	var b strings.Builder
	for i := 1; i <= 2; i++ {
		fmt.Fprintf(&b, "virtual_server 10.9.1.%d 80 {\n lvs_sched rr\n lvs_method NAT\n protocol TCP\n", i)
		for j := 11; j <= 13; j++ {
			fmt.Fprintf(&b, " real_server 10.9.0.%d 80 {\n }\n", j)
		}
		b.WriteString("}\n")
	}
	l := startLab(t, loadText(t, b.String()), kernel)
	var want strings.Builder
	for i := 1; i <= 2; i++ {
		fmt.Fprintf(&want, "-A -t 10.9.1.%d:80 -s rr\n", i)
		for _, j := range []int{11, 13} {
			fmt.Fprintf(&want, "-a -t 10.9.1.%d:80 -r 10.9.0.%d:80 -m -w 1\n", i, j)
		}
		l.wait(t, fmt.Sprintf("| IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Invalid operation.  Possibly wrong module version, address not unicast, ...(22) (10.9.1.%d:tcp:80 -> 10.9.0.12:80)", i))
	}
	l.expectTable(t, want.String())
	// A reload tries again, and by now the kernel can.
	l.call(func() { kernel.Fail = nil })
	if err := l.Reload(loadText(t, b.String())); err != nil {
		t.Fatal(err)
	}
	l.eventually(t, func(table string) bool { return strings.Count(table, "10.9.0.12:80") == 2 })
	l.stop(t)
}

// TestMarksOnKernel: nftables gets what leads packets to the marks of the
// services, a reload keeps marks, the stop takes the table away. IPVS is in
// memory, because a kernel that has both is rare.
func TestMarksOnKernel(t *testing.T) {
	nstest.Require(t, "netns", "nftables")
	ns := nstest.New(t, "gkcheck-marks")
	conf := func(globals, groups, services string) string {
		return "net_namespace_ipvs " + ns.Name + "\nglobal_defs {\n nftables_ipvs gkmarks\n" + globals + "}\n" + groups + services
	}
	service := func(group, protocol string) string {
		return "virtual_server group " + group + " {\n lvs_sched rr\n lvs_method NAT\n protocol " + protocol + "\n real_server 10.9.0.11 80 {\n }\n}\n"
	}
	const web = "virtual_server_group WEB {\n 127.0.1.1-9 80\n 127.0.2.1 443\n}\n"
	const dns = "virtual_server_group DNS {\n 127.0.3.0/28 53\n}\n"
	l := startLab(t, loadText(t, conf("", web+dns, service("WEB", "TCP")+service("DNS", "UDP"))), ipvstest.New())
	const table = "-A -f 1000 -s rr\n-a -f 1000 -r 10.9.0.11:80 -m -w 1\n-A -f 1001 -s rr\n-a -f 1001 -r 10.9.0.11:80 -m -w 1\n"
	l.expectTable(t, table)

	// Whatever comes in is counted by its mark, behind our chain.
	rules := "table ip count {\n"
	chain := " chain in {\n  type filter hook input priority 0;\n"
	for _, mark := range []string{"1000", "1001", "1002"} {
		rules += " counter m" + mark + " { }\n"
		chain += "  meta mark " + mark + " counter name m" + mark + "\n"
	}
	count := filepath.Join(t.TempDir(), "count.nft")
	if err := os.WriteFile(count, []byte(rules+chain+" }\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ns.Run("nft", "-f", count)
	marked := func(network, to string) string {
		t.Helper()
		ns.Run("nft", "reset", "counters", "table", "ip", "count")
		ns.Do(func() { knock(network, to) })
		for _, mark := range []string{"1000", "1001", "1002"} {
			if !strings.Contains(ns.Run("nft", "list", "counter", "ip", "count", "m"+mark), "packets 0") {
				return mark
			}
		}
		return "none"
	}
	expect := func(network, to, want string) {
		t.Helper()
		if got := marked(network, to); got != want {
			t.Errorf("%s to %s has mark %s, want %s\n%s", network, to, got, want, ns.Run("nft", "list", "ruleset"))
		}
	}
	expect("tcp", "127.0.1.9:80", "1000")
	expect("tcp", "127.0.2.1:443", "1000")
	expect("udp", "127.0.3.15:53", "1001")
	for _, to := range []string{"127.0.1.10:80", "127.0.1.1:81", "127.0.3.16:53"} {
		expect("tcp", to, "none")
	}
	expect("udp", "127.0.1.1:80", "none")

	// The first group goes, another comes: DNS keeps its mark.
	const mail = "virtual_server_group MAIL {\n 127.0.4.1 25\n}\n"
	if err := l.Reload(loadText(t, conf("", mail+dns, service("MAIL", "TCP")+service("DNS", "UDP")))); err != nil {
		t.Fatal(err)
	}
	expect("udp", "127.0.3.1:53", "1001")
	expect("tcp", "127.0.1.1:80", "none")
	if got := marked("tcp", "127.0.4.1:25"); !strings.Contains(l.table(), "-A -f "+got+" -s rr\n") {
		t.Errorf("mail has mark %s, table:\n%s", got, l.table())
	}
	if got := l.table(); !strings.Contains(got, "-A -f 1001 -s rr\n") || strings.Count(got, "-A") != 2 {
		t.Errorf("table:\n%s", got)
	}
	l.stop(t)
	if left := ns.Run("nft", "list", "tables"); strings.Contains(left, "gkmarks") {
		t.Errorf("after stop:\n%s", left)
	}
}

// shuffled is a random part of the numbers below n, at least one.
func shuffled(r *rand.Rand, n int) []int { return r.Perm(n)[:1+r.IntN(n)] }
