package lvs

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

const statusConf = `virtual_server 10.9.1.1 80 {
    delay_loop 1
    lvs_sched rr
    lvs_method NAT
    protocol TCP
    sorry_server 10.9.0.14 80
    real_server 10.9.0.11 80 {
        weight 3
        TCP_CHECK {
            connect_port 9000
            connect_timeout 2
            retry 0
            warmup 0
        }
    }
    real_server 10.9.0.12 80 {
        weight 5
        inhibit_on_failure
        TCP_CHECK {
            connect_port 9000
            connect_timeout 2
            retry 0
            warmup 0
        }
    }
}
`

// TestStatus asks a running daemon about its pool while servers go: the answer
// is what the kernel's table says, and why.
func TestStatus(t *testing.T) {
	nstest.Require(t, "netns", "ipvs")
	t.Parallel()
	s := newSide(t, "status")
	s.write(statusConf)
	s.start(builtBinary(t))
	s.WaitOutput("Activating BFD healthchecker", patience)
	ask := func(args ...string) string {
		args = append([]string{builtBinary(t), "status", "--pid", filepath.Join(filepath.Dir(s.conf), "parent.pid")}, args...)
		out, err := s.ns.Try(args...)
		if err != nil {
			return err.Error()
		}
		return out
	}
	// brief is a report in one line.
	brief := func() string {
		var r status.Report
		if err := json.Unmarshal([]byte(ask("--json")), &r); err != nil || len(r.VirtualServers) != 1 {
			return fmt.Sprintf("%v: %+v", err, r)
		}
		vs := r.VirtualServers[0]
		text := fmt.Sprintf("%s up=%v weight=%d quorum=%d sorry=%v since=%v", vs.Name, vs.Up, vs.Weight, vs.Quorum, vs.SorryInUse, !vs.Since.IsZero())
		for _, rs := range vs.Servers {
			text += fmt.Sprintf("; %s up=%v weight=%d table=%v", rs.Name, rs.Up, rs.Weight, rs.InTable)
			for _, ck := range rs.Checks {
				text += fmt.Sprintf(" %s up=%v run=%v found=%q", ck.Kind, ck.Up, !ck.LastRun.IsZero(), ck.Found)
			}
		}
		return text
	}
	expect := func(step, report, table string) {
		t.Helper()
		nstest.Eventually(t, patience, step, func() (bool, string) {
			got, have := brief(), s.table()
			return got == report && have == table, got + "\n" + have
		})
	}

	const (
		head     = "[10.9.1.1]:tcp:80 "
		one, two = "; [10.9.0.11]:tcp:80 ", "; [10.9.0.12]:tcp:80 "
		passed   = ` TCP_CHECK up=true run=true found="passed"`
		failed   = ` TCP_CHECK up=false run=true found="failed"`
		service  = "-A -t 10.9.1.1:80 -s rr\n"
	)
	expect("all up", head+"up=true weight=8 quorum=1 sorry=false since=true"+one+"up=true weight=3 table=true"+passed+two+"up=true weight=5 table=true"+passed,
		service+"-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 3\n-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 5")
	s.down(2)
	expect("one down", head+"up=true weight=3 quorum=1 sorry=false since=true"+one+"up=true weight=3 table=true"+passed+two+"up=false weight=5 table=true"+failed,
		service+"-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 3\n-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 0")
	s.down(1)
	expect("all down", head+"up=false weight=0 quorum=1 sorry=true since=true"+one+"up=false weight=3 table=false"+failed+two+"up=false weight=5 table=true"+failed,
		service+"-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 0\n-a -t 10.9.1.1:80 -r 10.9.0.14:80 -m -w 1")
	for _, want := range []string{
		"[10.9.1.1]:tcp:80: DOWN for ", "the sorry server takes the traffic", "[10.9.0.11]:tcp:80: down for ", ", not in the IPVS table",
		"TCP_CHECK failed, ", " ago: failed", "servers that are up weigh 0",
	} {
		if text := ask(); !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	s.up(1)
	expect("up again", head+"up=true weight=3 quorum=1 sorry=false since=true"+one+"up=true weight=3 table=true"+passed+two+"up=false weight=5 table=true"+failed,
		service+"-a -t 10.9.1.1:80 -r 10.9.0.11:80 -m -w 3\n-a -t 10.9.1.1:80 -r 10.9.0.12:80 -m -w 0")
	// Of a server that is named everything is told, well or not.
	if text := ask("[10.9.0.11]:tcp:80"); !strings.Contains(text, "TCP_CHECK good, ") || strings.Contains(text, "10.9.0.12") {
		t.Errorf("asked about one server:\n%s", text)
	}
	if text := ask("nobody"); !strings.Contains(text, "nobody") || !strings.Contains(text, "exit status 1") {
		t.Errorf("asked about nobody:\n%s", text)
	}
	s.Stop()
}
