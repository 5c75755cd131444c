package e2e

import (
	"sync"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// labs are all setups; those that need IPVS run where the kernel has it.
var labs = []struct {
	name string
	make func(testing.TB) *Lab
	ipvs bool
}{
	{"haproxy-pair", haproxyPair, false},
	{"haproxy-weight", haproxyWeight, false},
	{"httpd-failover", httpdFailover, false},
	{"nginx-cloud", nginxCloud, false},
	{"own-pair", ownPair, false},
	{"ldap-nat", ldapNAT, true},
	{"samba-dr", sambaDR, true},
	{"own-director", ownDirector, true},
}

// TestLabs performs every lab with the real keepalived on both nodes, with
// ours on both, and with one of each in both roles; all must look the same
// from outside.
func TestLabs(t *testing.T) {
	for _, lab := range labs {
		t.Run(lab.name, func(t *testing.T) {
			if lab.ipvs != inIPVSRun() {
				t.Skip("belongs to the other run: host kernel or kernel with IPVS")
			}
			nstest.Require(t, "netns")
			if lab.ipvs {
				nstest.Require(t, "ipvs")
			}
			t.Parallel()
			runPairings(t, lab.make)
		})
	}
}

// runPairings performs one lab in all pairings.
func runPairings(t *testing.T, make func(testing.TB) *Lab) {
	real, own := theirs(t), ours(t)
	l := make(t)
	first, second := l.Nodes[0].Name, l.Nodes[1].Name
	pairings := []struct {
		name string
		a, b Daemon
	}{
		{"ours+ours", own, own},
		{"ours+keepalived", own, real},
		{"keepalived+ours", real, own},
	}
	// All four run at the same time; the comparison waits for the model.
	var want Observation
	var model sync.WaitGroup
	model.Add(1)
	t.Run("keepalived+keepalived", func(t *testing.T) {
		t.Parallel()
		defer model.Done()
		want = make(t).Perform(t, map[string]Daemon{first: real, second: real})
	})
	for _, p := range pairings {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			got := make(t).Perform(t, map[string]Daemon{first: p.a, second: p.b})
			model.Wait()
			if want == nil {
				t.Skip("the real keepalived itself failed; see there")
			}
			if diff := want.Diff(got); diff != "" {
				t.Errorf("differs from keepalived on both nodes:\n%s", diff)
			}
		})
	}
}
