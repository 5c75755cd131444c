package health

import (
	"cmp"
	"slices"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// Snapshot is the state of the engine at now. Kernel counters are not its
// business.
func (e *Engine) Snapshot(now time.Time) status.Checkers {
	s := status.Checkers{
		Time: now, Started: e.started, Reloaded: e.reloaded, Config: e.cfg,
		VirtualServers: make([]status.VirtualServer, 0, len(e.servers)),
	}
	for _, vs := range e.servers {
		s.VirtualServers = append(s.VirtualServers, vs.snapshot())
	}
	s.Files, s.BFD = e.usedFiles(), e.usedBFD()
	return s
}

func (vs *virtualServer) snapshot() status.VirtualServer {
	s := status.VirtualServer{
		Config: vs.cfg, QuorumUp: vs.quorumUp, SorryInUse: vs.sorryInUse(), Weight: vs.liveWeight(),
		Suspended: vs.suspended(), Transitions: vs.transitions, Since: vs.since, Reason: vs.reason,
		RealServers: make([]status.RealServer, 0, len(vs.servers)),
	}
	for _, rs := range vs.servers {
		s.RealServers = append(s.RealServers, rs.snapshot())
	}
	for i := range vs.services {
		s.Services = append(s.Services, status.IPVSService{Name: vs.services[i].Key.String()})
	}
	return s
}

func (rs *realServer) snapshot() status.RealServer {
	s := status.RealServer{
		Config: rs.cfg, Up: rs.alive, InTable: rs.inTable(), Base: rs.base, Effective: rs.effective(),
		FailedCheckers: rs.failed, Transitions: rs.transitions, Since: rs.since, Reason: rs.reason,
		Checkers: make([]status.Checker, 0, len(rs.checkers)),
	}
	for _, ck := range rs.checkers {
		c := status.Checker{
			Config: ck.cfg, Up: ck.up, HasRun: ck.hasRun, Failures: ck.failures, Contribution: ck.contribution,
			Running: ck.run != 0, Runs: ck.runCount, Bad: ck.badCount,
			LastRun: ck.lastRun, LastDuration: ck.lastDuration, LastText: ck.lastText, LastExit: ck.lastExit,
		}
		if ck.place >= 0 {
			c.Next = ck.due
		}
		s.Checkers = append(s.Checkers, c)
	}
	return s
}

func (e *Engine) usedFiles() []status.CheckerFile {
	var list []status.CheckerFile
	for name, value := range e.files {
		list = append(list, status.CheckerFile{Name: name, Value: value})
	}
	slices.SortFunc(list, func(a, b status.CheckerFile) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func (e *Engine) usedBFD() []status.CheckerBFD {
	seen := map[string]bool{}
	var list []status.CheckerBFD
	for _, ck := range e.checkers {
		if ck.cfg.Kind != config.CheckBFD || seen[ck.cfg.BFD] {
			continue
		}
		seen[ck.cfg.BFD] = true
		up, known := e.bfd[ck.cfg.BFD]
		list = append(list, status.CheckerBFD{Name: ck.cfg.BFD, Known: known, Up: up})
	}
	return list
}

// Services are the kernel services of the virtual server at index of the
// snapshot, in the order of Snapshot's Services.
func (e *Engine) Services(index int) []ipvs.ServiceKey {
	var keys []ipvs.ServiceKey
	for i := range e.servers[index].services {
		keys = append(keys, e.servers[index].services[i].Key)
	}
	return keys
}

// Marks are the firewall marks that nftables_ipvs gives to groups.
func (e *Engine) Marks() ipvs.Marks { return e.marks }
