package mib

import (
	"fmt"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// BenchmarkWalk1000 is a walk through 1,000 instances in one view: all its
// rows and values.
func BenchmarkWalk1000(b *testing.B) {
	small := vrrpView(b)
	cfg := *small.Config
	cfg.Instances = nil
	s := *small.VRRP
	s.Instances, s.Config = nil, &cfg
	for n := range 1000 {
		v := small.VRRP.Instances[n%len(small.VRRP.Instances)]
		c := *v.Config
		c.Name = fmt.Sprint("V", n)
		v.Name, v.Config = c.Name, &c
		cfg.Instances = append(cfg.Instances, &c)
		s.Instances = append(s.Instances, v)
	}
	cfg.Global.SNMP = config.SNMP{VRRP: true, RFCv2: true, RFCv3: true}
	tree := VRRP(&cfg, false)
	b.ReportAllocs()
	objects := 0
	for b.Loop() {
		view := &View{Config: &cfg, VRRP: &s, Names: noNames{}, SysUpTime: small.SysUpTime}
		at := OID{1}
		for objects = 0; ; objects++ {
			next := tree.Next(view, agentx.Range{Start: at})
			if next.Value.Kind == agentx.EndOfMIBView {
				break
			}
			at = next.Name
		}
	}
	b.ReportMetric(float64(objects), "objects")
}
