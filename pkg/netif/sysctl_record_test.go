//go:build linux

package netif

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// What a killed process had changed is taken over, kept while it is wanted and
// put back in the end.
func TestSysctlRecord(t *testing.T) {
	n := nstest.New(t, "gknet-record")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	n.Sysctl("ipv4/conf/all/rp_filter", "1")
	n.Sysctl("ipv4/conf/eth1/rp_filter", "0")
	path := filepath.Join(t.TempDir(), "v.sysctls")
	values := func() string {
		var out []string
		for _, path := range []string{"eth0/arp_ignore", "eth0/arp_filter", "eth1/arp_ignore", "all/rp_filter", "eth1/rp_filter"} {
			out = append(out, n.ReadSysctl("ipv4/conf/"+path))
		}
		return strings.Join(out, "")
	}
	open := func() *Sysctls {
		s := NewSysctls()
		s.Record(path, func(err error) { t.Error(err) })
		return s
	}
	want := func(when, want string, record bool) {
		t.Helper()
		if got := values(); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
		if _, err := os.Stat(path); (err == nil) != record {
			t.Errorf("%s: record: %v", when, err)
		}
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want("before", "00010", false)
	n.Do(func() {
		killed := open()
		must(nil, killed.HoldBase("eth0"))
		must(nil, killed.HoldBase("eth1"))
		must(killed.LowerRPFilter([]string{"eth0", "eth1"}))
		want("killed", "11101", true)

		// The next one has no VMAC on eth1 any more, and is killed, too.
		next := open()
		must(nil, next.HoldBase("eth0"))
		must(next.LowerRPFilter([]string{"eth0", "eth1"}))
		must(nil, next.PutBackUnclaimed())
		want("next", "11001", true)

		last := open()
		must(nil, last.HoldBase("eth0"))
		must(last.LowerRPFilter([]string{"eth0", "eth1"}))
		must(nil, last.PutBackUnclaimed())
		must(nil, last.ReleaseBase("eth0"))
		must(last.RestoreRPFilter())
	})
	want("after", "00010", false)
}

// A record is not believed when it is of another place or when somebody else
// may have written it, nor a value that has changed since.
func TestSysctlRecordNotBelieved(t *testing.T) {
	n := nstest.New(t, "gknet-norecord")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	const line = "ipv4/conf/eth0/arp_ignore 2 1\n"
	n.Sysctl("ipv4/conf/eth0/arp_ignore", "1")
	var here string
	n.Do(func() {
		var err error
		if here, err = whereabouts(); err != nil {
			t.Fatal(err)
		}
	})
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		refused    bool
		want       string
	}{
		{"good", here + "\n" + line, 0o644, false, "2"},
		{"another boot or namespace", "x" + here + "\n" + line, 0o644, false, "1"},
		{"writable by others", here + "\n" + line, 0o666, true, "1"},
		{"changed since", here + "\n" + strings.Replace(line, "2 1", "2 0", 1), 0o644, false, "1"},
		{"no sysctl", here + "\nipv4/conf/eth9/arp_ignore 2 1\n", 0o644, false, "1"},
		{"elsewhere", here + "\n../net/" + line, 0o644, false, "1"},
		{"half a line", here + "\nipv4/conf/eth0/arp_ignore 2", 0o644, false, "1"},
		{"rubbish", strings.Repeat("\x00\xff \n", 1000), 0o644, false, "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n.Sysctl("ipv4/conf/eth0/arp_ignore", "1")
			path := filepath.Join(t.TempDir(), "v.sysctls")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			var failures []error
			n.Do(func() {
				s := NewSysctls()
				s.Record(path, func(err error) { failures = append(failures, err) })
				if err := s.PutBackUnclaimed(); err != nil {
					t.Error(err)
				}
			})
			if got := n.ReadSysctl("ipv4/conf/eth0/arp_ignore"); got != c.want {
				t.Errorf("arp_ignore is %s, want %s", got, c.want)
			}
			if (len(failures) > 0) != c.refused {
				t.Errorf("failures: %v", failures)
			}
			if _, err := os.Stat(path); err == nil && !c.refused {
				t.Error("the record is still there")
			}
		})
	}
}

// A directory that takes no file is no reason not to work, and said once.
func TestSysctlRecordNotWritten(t *testing.T) {
	n := nstest.New(t, "gknet-dirrecord")
	n.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
	failures := 0
	n.Do(func() {
		s := NewSysctls()
		s.Record(filepath.Join(t.TempDir(), "missing", "v.sysctls"), func(error) { failures++ })
		if err := s.HoldBase("eth0"); err != nil {
			t.Error(err)
		}
	})
	if got := n.ReadSysctl("ipv4/conf/eth0/arp_ignore"); got != "1" || failures != 1 {
		t.Errorf("arp_ignore is %s after %d failures", got, failures)
	}
}
