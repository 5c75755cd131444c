package checkrun

import (
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// addCounters reads the kernel's counters into s. Services that cannot be read
// are left at zero.
func (e *Engine) addCounters(s *status.Checkers) {
	if e.ended || e.kernel == nil {
		return
	}
	for i := range s.VirtualServers {
		e.addServer(&s.VirtualServers[i], e.core.Services(i))
	}
	if t, err := e.kernel.Timeouts(); err == nil {
		s.Timeouts = &status.IPVSTimeouts{TCP: t.TCP, TCPFin: t.TCPFin, UDP: t.UDP}
	}
	daemons, err := e.kernel.SyncDaemons()
	if err != nil {
		return
	}
	for _, d := range daemons {
		s.SyncDaemons = append(s.SyncDaemons, status.IPVSSyncDaemon{
			Master: d.Role == ipvs.SyncMaster, Interface: d.Interface, ID: d.ID,
		})
	}
}

func (e *Engine) addServer(vs *status.VirtualServer, keys []ipvs.ServiceKey) {
	for j, key := range keys {
		counters, err := e.kernel.Stats(key)
		if err != nil {
			continue
		}
		vs.Services[j].Stats = status.IPVSStats(counters.Stats)
		vs.Stats.Add(vs.Services[j].Stats)
		for k := range vs.RealServers {
			rs := &vs.RealServers[k]
			at := ipvs.RealServer(key, rs.Config, 0).Key()
			rs.Stats.Add(status.IPVSStats(counters.Destinations[at]))
		}
		if sorry := vs.Config.SorryServer; sorry != nil {
			at := ipvs.SorryServer(key, sorry, 0).Key()
			vs.SorryStats.Add(status.IPVSStats(counters.Destinations[at]))
		}
	}
}
