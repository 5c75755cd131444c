package statuscmd

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/status"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.Local)

func ago(d time.Duration) time.Time { return noon.Add(-d) }

// sample is one of everything.
func sample() *status.Report {
	return &status.Report{
		Version: status.ReportVersion,
		Daemon: status.Daemon{
			Version: "1.0", PID: 7, Started: ago(50 * time.Hour), ConfigFile: "/etc/keepalived/keepalived.conf", ConfigRead: ago(90 * time.Minute),
			Refused: "Config files missing", Processes: []status.Process{{Name: "bfd", Problem: "has died, waits to be started again"}, {Name: "vrrp", PID: 9}},
		},
		SyncGroups: []status.GroupReport{{Name: "G", State: "BACKUP", Members: []string{"A", "B"}}},
		Instances: []status.InstanceReport{{
			Name: "A", State: "BACKUP", Since: ago(75 * time.Second), Reason: "advert of higher priority 200 from 192.0.2.1", SyncGroup: "G",
			Priority: 145, BasePriority: 150, Master: netip.MustParseAddr("192.0.2.1"), MasterPriority: 200, LastAdvert: ago(300 * time.Millisecond),
			Interface: "eth0", VirtualRouterID: 51, Family: "IPv4", ProtocolVersion: 3, AdvertInterval: time.Second, NoPreempt: true,
			Addresses: []status.AddressReport{{Address: "192.0.2.100/24"}},
			Trackers: []status.TrackerReport{
				{Kind: "interface", Name: "eth0", State: "up"},
				{Kind: "script", Name: "chk", State: "bad", Weight: -5, Contribution: -5, FromGroup: true},
			},
			Transitions: []status.TransitionReport{
				{Time: ago(time.Hour), From: "INIT", To: "BACKUP", Reason: "start", Priority: 150},
				{Time: ago(time.Minute), From: "MASTER", To: "BACKUP", Reason: "advert of higher priority 200 from 192.0.2.1", Priority: 145},
			},
			Sent: 10, Received: 20, Drops: map[string]uint64{"wrong TTL": 3, "bad checksum": 1},
		}},
		VirtualServers: []status.VirtualServerReport{{
			Name: "[10.9.1.1]:tcp:80", Up: true, Since: ago(26 * time.Hour), Weight: 1, Quorum: 1,
			Servers: []status.RealServerReport{
				{Name: "[10.0.0.1]:tcp:80", Up: true, Weight: 1, InTable: true, Checks: []status.CheckerReport{{Kind: "TCP_CHECK", Up: true, LastRun: ago(time.Second)}}},
				{Name: "[10.0.0.2]:tcp:80", Since: ago(5 * time.Second), Weight: 1, Checks: []status.CheckerReport{{Kind: "HTTP_GET", LastRun: ago(2 * time.Second), Found: "status 503"}}},
			},
		}},
		BFD: []status.SessionReport{{Name: "N", State: "Up", Diagnostic: "No Diagnostic", LastSeen: ago(100 * time.Millisecond)}},
	}
}

const overview = `gokeepalived 1.0, process 7, running for 2 days
configuration /etc/keepalived/keepalived.conf, read 1 h 30 min ago
! the last reload was refused: Config files missing
! bfd process: has died, waits to be started again

G: BACKUP
  group of:   A, B

A: BACKUP for 1 min 15 s
  why:        advert of higher priority 200 from 192.0.2.1
  priority:   145 = base 150 -5 (script chk)
  master:     192.0.2.1 with priority 200, last advert 0.3 s ago

[10.9.1.1]:tcp:80: UP for 26 h 0 min
  quorum:     1, servers that are up weigh 1
  [10.0.0.1]:tcp:80: up, weight 1
  [10.0.0.2]:tcp:80: down for 5.0 s, weight 1, not in the IPVS table
    HTTP_GET failed, 2.0 s ago: status 503

N: Up
  why:        No Diagnostic
  last packet: 0.1 s ago
`

const detail = `
A: BACKUP for 1 min 15 s
  why:        advert of higher priority 200 from 192.0.2.1
  priority:   145 = base 150 -5 (script chk)
  master:     192.0.2.1 with priority 200, last advert 0.3 s ago
  not here:   192.0.2.100/24
  on:         eth0, virtual router id 51, IPv4, VRRP version 3, advert every 1s
  group:      G
  preempts:   never (nopreempt)
  adverts:    10 sent, 20 received, refused: 1 bad checksum, 3 wrong TTL
  tracking:   interface eth0: up
              script chk: bad, weight -5 adds -5 (of the group)
  history:    2026-11-27 11:59:00  MASTER -> BACKUP, priority 145: advert of higher priority 200 from 192.0.2.1
              2026-11-27 11:00:00  INIT -> BACKUP, priority 150: start
`

func TestText(t *testing.T) {
	p := &printer{now: noon}
	p.report(sample(), true)
	if got := p.text.String(); got != overview {
		t.Errorf("the overview is\n%s", got)
	}
	r := sample()
	if unknown := pick(r, []string{"A", "NIX"}); !slices.Equal(unknown, []string{"NIX"}) {
		t.Errorf("unknown are %q", unknown)
	}
	p = &printer{now: noon, detail: true}
	p.report(r, false)
	if got := p.text.String(); !strings.HasSuffix(got, "started again\n"+detail) {
		t.Errorf("the detail is\n%s", got)
	}
	r = sample()
	pick(r, []string{"[10.0.0.2]:tcp:80"})
	if len(r.Instances)+len(r.BFD)+len(r.SyncGroups) != 0 || len(r.VirtualServers) != 1 || len(r.VirtualServers[0].Servers) != 1 {
		t.Errorf("one real server leaves %+v", r)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	places := []string{filepath.Join(dir, "keepalived.sock"), filepath.Join(dir, "k", "*.sock")}
	if _, err := findIn(places, ""); err == nil || !strings.Contains(err.Error(), "no daemon runs here") {
		t.Errorf("without a daemon: %v", err)
	}
	if got, err := findIn(places, "/x/y.pid"); got != "/x/y.sock" || err != nil {
		t.Errorf("with --pid: %s, %v", got, err)
	}
	touch := func(name string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	touch("k/keepalived_a.sock")
	if got, err := findIn(places, ""); got != filepath.Join(dir, "k/keepalived_a.sock") || err != nil {
		t.Errorf("one daemon: %s, %v", got, err)
	}
	touch("keepalived.sock")
	if _, err := findIn(places, ""); err == nil || !strings.Contains(err.Error(), "--pid "+dir+"/keepalived.pid, --pid "+dir+"/k/keepalived_a.pid") {
		t.Errorf("two daemons: %v", err)
	}
}

func TestUsage(t *testing.T) {
	var out, bad bytes.Buffer
	if exit := Run([]string{"--help"}, &out, &bad); exit != exitOK || !strings.Contains(out.String(), "--json") || !strings.Contains(out.String(), "Exit status") {
		t.Errorf("--help: %d %s", exit, out.String())
	}
	if exit := Run([]string{"--nonsense"}, &out, &bad); exit != exitNoReply || !strings.Contains(bad.String(), "--nonsense") {
		t.Errorf("an unknown option: %d %s", exit, bad.String())
	}
}
