package status

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// ReportVersion is that of the JSON form of Report: it is raised when the
// meaning of a key changes, not when one is added.
const ReportVersion = 1

// SocketFor is where a daemon with that pid file of its parent can be asked for
// a Report: "/run/keepalived.pid" makes "/run/keepalived.sock".
func SocketFor(pidFile string) string { return strings.TrimSuffix(pidFile, ".pid") + ".sock" }

// Report is what the status command asks a running daemon for: the state of
// everything, and why. Each process fills in its part.
type Report struct {
	Version int    `json:"version,omitempty"`
	Daemon  Daemon `json:"daemon,omitzero"`

	Instances      []InstanceReport      `json:"instances,omitempty"`
	SyncGroups     []GroupReport         `json:"sync_groups,omitempty"`
	VirtualServers []VirtualServerReport `json:"virtual_servers,omitempty"`
	BFD            []SessionReport       `json:"bfd,omitempty"`
}

// Daemon is what the parent knows.
type Daemon struct {
	Version string    `json:"version"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	// ConfigFile was read at ConfigRead and is in force since then.
	ConfigFile string    `json:"config_file"`
	ConfigRead time.Time `json:"config_read"`
	// Refused is why the last reload changed nothing.
	Refused   string    `json:"configuration_refused,omitempty"`
	Waiting   string    `json:"waiting,omitempty"`
	Processes []Process `json:"processes"`
}

// Process is a child of the daemon.
type Process struct {
	Name    string    `json:"name"`
	PID     int       `json:"pid,omitempty"` // 0: waits for its restart
	Started time.Time `json:"started,omitzero"`
	// Problem is why its part of the report is missing.
	Problem string `json:"problem,omitempty"`
}

// InstanceReport is one vrrp_instance.
type InstanceReport struct {
	Name  string    `json:"name"`
	State string    `json:"state"`
	Since time.Time `json:"since"`
	// Reason is why it entered the state.
	Reason string   `json:"reason"`
	Faults []string `json:"faults,omitempty"`

	Priority     uint8 `json:"priority"`
	BasePriority uint8 `json:"base_priority"`
	// Self says that this node is the master; Master is the router that was
	// heard last, with its priority and the time.
	Self           bool       `json:"self"`
	Master         netip.Addr `json:"master,omitzero"`
	MasterPriority uint8      `json:"master_priority,omitempty"`
	LastAdvert     time.Time  `json:"last_advert,omitzero"`

	Interface         string        `json:"interface,omitempty"`
	VirtualRouterID   uint8         `json:"virtual_router_id"`
	Family            string        `json:"family"`
	ProtocolVersion   uint8         `json:"protocol_version"`
	AdvertInterval    time.Duration `json:"advert_interval_ns"`
	SyncGroup         string        `json:"sync_group,omitempty"`
	NoPreempt         bool          `json:"nopreempt,omitempty"`
	PreemptDelayUntil time.Time     `json:"preempt_delay_until,omitzero"`

	Addresses   []AddressReport    `json:"addresses"`
	Trackers    []TrackerReport    `json:"trackers,omitempty"`
	Transitions []TransitionReport `json:"transitions"`
	Sent        uint64             `json:"adverts_sent"`
	Received    uint64             `json:"adverts_received"`
	// Drops counts packets that were refused, by reason.
	Drops map[string]uint64 `json:"drops,omitempty"`
}

// AddressReport is a virtual address; Set says that this node has it.
type AddressReport struct {
	Address string `json:"address"`
	Set     bool   `json:"set"`
}

// TrackerReport is something that an instance watches.
type TrackerReport struct {
	Kind string `json:"kind"` // interface, script, file, process, bfd
	Name string `json:"name"`
	// State is what it is like now: up, down, good, bad, a number.
	State string `json:"state"`
	// Contribution is what it adds to the priority, Fault that it keeps the
	// instance in FAULT.
	Weight       int  `json:"weight"`
	Contribution int  `json:"contribution"`
	Fault        bool `json:"fault,omitempty"`
	FromGroup    bool `json:"from_group,omitempty"`
}

// TransitionReport is one change of state.
type TransitionReport struct {
	Time     time.Time  `json:"time"`
	From     string     `json:"from"`
	To       string     `json:"to"`
	Reason   string     `json:"reason"`
	Peer     netip.Addr `json:"peer,omitzero"`
	Priority uint8      `json:"priority"`
}

// GroupReport is one vrrp_sync_group.
type GroupReport struct {
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Members []string `json:"members"`
}

// VirtualServerReport is one virtual_server.
type VirtualServerReport struct {
	Name  string    `json:"name"`
	Up    bool      `json:"up"`
	Since time.Time `json:"since,omitzero"`
	// Reason is why, in words.
	Reason string `json:"reason,omitempty"`
	// Weight is the sum over the servers that are up, to be at least Quorum.
	Weight     int64              `json:"weight"`
	Quorum     int64              `json:"quorum"`
	SorryInUse bool               `json:"sorry_server_in_use,omitempty"`
	Suspended  bool               `json:"checkers_suspended,omitempty"`
	Servers    []RealServerReport `json:"real_servers"`
}

// RealServerReport is one real_server.
type RealServerReport struct {
	Name    string          `json:"name"`
	Up      bool            `json:"up"`
	Since   time.Time       `json:"since,omitzero"`
	Reason  string          `json:"reason,omitempty"` // why, in words
	Weight  int64           `json:"weight"`
	InTable bool            `json:"in_table"`
	Checks  []CheckerReport `json:"checkers,omitempty"`
}

// CheckerReport is one health checker.
type CheckerReport struct {
	Kind string `json:"kind"`
	Up   bool   `json:"up"`
	// Found is what the last check found, in words, at LastRun.
	Found    string    `json:"found,omitempty"`
	LastRun  time.Time `json:"last_run,omitzero"`
	Failures int       `json:"failures,omitempty"`
}

// SessionReport is one bfd_instance.
type SessionReport struct {
	Name       string    `json:"name"`
	State      string    `json:"state"`
	Diagnostic string    `json:"diagnostic"`
	LastSeen   time.Time `json:"last_seen,omitzero"`
}

// Report is the vrrp process's part.
func (s *VRRP) Report() *Report {
	r := &Report{}
	groupOf := map[string]string{}
	for i := range s.SyncGroups {
		g := &s.SyncGroups[i]
		r.SyncGroups = append(r.SyncGroups, GroupReport{Name: g.Name, State: g.State.String(), Members: g.Members})
		for _, m := range g.Members {
			groupOf[m] = g.Name
		}
	}
	now := s.trackerStates()
	for i := range s.Instances {
		v := s.Instances[i].report(now)
		v.SyncGroup = groupOf[v.Name]
		r.Instances = append(r.Instances, v)
	}
	return r
}

// tracker names a tracked object.
type tracker struct{ kind, name string }

// trackerStates is how every tracked object is now, in words.
func (s *VRRP) trackerStates() map[tracker]string {
	m := map[tracker]string{}
	for i := range s.Interfaces {
		f := &s.Interfaces[i]
		m[tracker{"interface", f.Name}] = choose(f.Index == 0, "missing", choose(f.Up && f.Running, "up", "down"))
	}
	for i := range s.Scripts {
		c := &s.Scripts[i]
		m[tracker{"script", c.Name}] = choose(c.State == ScriptUnknown, "no result yet", choose(c.State == ScriptGood, "good", "bad"))
	}
	for i := range s.Files {
		m[tracker{"file", s.Files[i].Name}] = strconv.FormatInt(s.Files[i].Value, 10)
	}
	for i := range s.Processes {
		p := &s.Processes[i]
		m[tracker{"process", p.Name}] = strconv.Itoa(p.Count) + " running, " + choose(p.HaveQuorum, "enough", "not enough")
	}
	for i := range s.BFD {
		m[tracker{"bfd", s.BFD[i].Name}] = choose(s.BFD[i].Up, "up", "down")
	}
	return m
}

func (v *VRRPInstance) report(now map[tracker]string) InstanceReport {
	r := InstanceReport{
		Name: v.Name, State: v.State.String(), Since: v.StateSince,
		Priority: v.EffectivePriority, BasePriority: v.BasePriority,
		Self: v.State == event.Master, Master: v.MasterAddress, MasterPriority: v.MasterPriority, LastAdvert: v.LastAdvert,
		Interface: v.Interface, VirtualRouterID: v.Config.VirtualRouterID, Family: v.Config.Family.String(), ProtocolVersion: v.Config.Version,
		AdvertInterval: v.AdvertInterval, NoPreempt: v.NoPreempt, PreemptDelayUntil: v.PreemptDelayUntil,
		Sent: v.Counters.AdvertSent, Received: v.Counters.AdvertReceived,
		Addresses: []AddressReport{}, Transitions: []TransitionReport{},
	}
	for _, c := range v.FaultCauses {
		r.Faults = append(r.Faults, c.Text)
	}
	for i, a := range v.Config.VirtualAddresses {
		r.Addresses = append(r.Addresses, AddressReport{a.Prefix.String(), i < len(v.VirtualSet) && v.VirtualSet[i]})
	}
	for i, a := range v.Config.ExcludedAddresses {
		r.Addresses = append(r.Addresses, AddressReport{a.Prefix.String(), i < len(v.ExcludedSet) && v.ExcludedSet[i]})
	}
	for _, kind := range []struct {
		name string
		list []TrackedObject
	}{
		{"interface", v.TrackInterfaces}, {"script", v.TrackScripts}, {"file", v.TrackFiles}, {"process", v.TrackProcesses}, {"bfd", v.TrackBFD},
	} {
		for i := range kind.list {
			t := &kind.list[i]
			r.Trackers = append(r.Trackers, TrackerReport{
				Kind: kind.name, Name: t.Name, State: now[tracker{kind.name, t.Name}],
				Weight: t.Weight, Contribution: t.Contribution, Fault: t.Fault, FromGroup: t.FromGroup,
			})
		}
	}
	for i := range v.Transitions {
		t := &v.Transitions[i]
		r.Transitions = append(r.Transitions, TransitionReport{
			Time: t.Time, From: t.From.String(), To: t.To.String(), Reason: t.Reason, Peer: t.Peer, Priority: t.Priority,
		})
		r.Reason = t.Reason
	}
	for _, d := range v.Drops {
		if d.Count > 0 {
			if r.Drops == nil {
				r.Drops = map[string]uint64{}
			}
			r.Drops[d.Reason] = d.Count
		}
	}
	return r
}

// Report is the checker process's part.
func (c *Checkers) Report() *Report {
	r := &Report{}
	for i := range c.VirtualServers {
		v := &c.VirtualServers[i]
		vs := VirtualServerReport{
			Name: v.Config.Name, Up: v.QuorumUp, Since: v.Since, Reason: v.Reason, Weight: v.Weight, Quorum: int64(v.Config.Quorum),
			SorryInUse: v.SorryInUse, Suspended: v.Suspended, Servers: make([]RealServerReport, 0, len(v.RealServers)),
		}
		for j := range v.RealServers {
			s := &v.RealServers[j]
			rs := RealServerReport{Name: s.Config.Name, Up: s.Up, Since: s.Since, Reason: s.Reason, Weight: s.Effective, InTable: s.InTable}
			for k := range s.Checkers {
				ck := &s.Checkers[k]
				rs.Checks = append(rs.Checks, CheckerReport{
					Kind: ck.Config.Kind.String(), Up: ck.Up, Found: ck.LastText, LastRun: ck.LastRun, Failures: ck.Failures,
				})
			}
			vs.Servers = append(vs.Servers, rs)
		}
		r.VirtualServers = append(r.VirtualServers, vs)
	}
	return r
}

// Report is the bfd process's part.
func (b *BFD) Report() *Report {
	r := &Report{}
	for i := range b.Sessions {
		s := &b.Sessions[i]
		r.BFD = append(r.BFD, SessionReport{Name: s.Config.Name, State: s.State, Diagnostic: s.Diag, LastSeen: s.LastSeen})
	}
	return r
}
