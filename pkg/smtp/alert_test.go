package smtp

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

func alertConfig() *config.Config {
	cfg := &config.Config{Global: config.NewGlobal()}
	cfg.Global.RouterID = "RTR1"
	cfg.Global.SMTP.Server = "127.0.0.1"
	cfg.Global.SMTP.To = []string{"a@b"}
	cfg.Instances = []*config.VRRPInstance{{Name: "VI_1", SMTPAlert: true}, {Name: "quiet"}}
	cfg.SyncGroups = []*config.SyncGroup{{Name: "G1", SMTPAlert: true}, {Name: "quiet"}}
	return cfg
}

func TestAlerts(t *testing.T) {
	const (
		owning    = "=> VRRP Instance is now owning VRRP VIPs <="
		notOwning = "=> VRRP Instance is no longer owning VRRP VIPs <="
	)
	tests := map[string]struct {
		event         event.Event
		subject, body string
	}{
		"master":       {event.InstanceState{Instance: "VI_1", State: event.Master}, "VRRP Instance VI_1 - Entering MASTER state", owning},
		"backup":       {event.InstanceState{Instance: "VI_1", State: event.Backup}, "VRRP Instance VI_1 - Entering BACKUP state", notOwning},
		"fault":        {event.InstanceState{Instance: "VI_1", State: event.Fault}, "VRRP Instance VI_1 - Entering FAULT state", notOwning},
		"stop":         {event.InstanceState{Instance: "VI_1", State: event.Stop}, "VRRP Instance VI_1 - Stopping", "=> VRRP Instance stopping <="},
		"deleted":      {event.InstanceState{Instance: "VI_1", State: event.Deleted}, "VRRP Instance VI_1 - Deleted", "=> VRRP Deleted at reload <="},
		"off":          {event: event.InstanceState{Instance: "quiet", State: event.Master}},
		"unknown":      {event: event.InstanceState{Instance: "who", State: event.Master}},
		"group master": {event.GroupState{Group: "G1", State: event.Master}, "VRRP Group G1 - Entering MASTER state", "=> All VRRP group instances are now in MASTER state <="},
		"group backup": {event.GroupState{Group: "G1", State: event.Backup}, "VRRP Group G1 - Entering BACKUP state", "=> All VRRP group instances are now in BACKUP state <="},
		"group fault":  {event.GroupState{Group: "G1", State: event.Fault}, "VRRP Group G1 - Entering FAULT state", "=> All VRRP group instances are now in FAULT state <="},
		"group stop":   {event.GroupState{Group: "G1", State: event.Stop}, "VRRP Group G1 - Stopping", "=> All VRRP group instances are now stopping <="},
		"group off":    {event: event.GroupState{Group: "quiet", State: event.Master}},
		"quorum up": {
			event.VirtualServerState{VirtualServer: "V", Up: true, Mail: "=> Gained quorum 1+0=1 <= 2 <="},
			"Virtualserver V - UP", "=> Gained quorum 1+0=1 <= 2 <=",
		},
		"quorum down": {
			event.VirtualServerState{VirtualServer: "V", Mail: "=> Lost quorum 1+0=1 <= 0 <="},
			"Virtualserver V - DOWN", "=> Lost quorum 1+0=1 <= 0 <=",
		},
		"quorum, no mail":   {event: event.VirtualServerState{VirtualServer: "V", Up: true}},
		"real server":       {event: event.RealServerState{VirtualServer: "V", RealServer: "R", Up: true}},
		"real server gone":  {event.RealServerState{VirtualServer: "V", RealServer: "R", Mail: "=> Removing <="}, "Realserver R of virtual server V - DOWN", "=> Removing <="},
		"checker up":        {event.CheckerState{VirtualServer: "V", RealServer: "R", Up: true, Mail: "m"}, "Realserver R of virtual server V - UP", "m"},
		"checker down":      {event.CheckerState{VirtualServer: "V", RealServer: "R", Mail: "m"}, "Realserver R of virtual server V - DOWN", "m"},
		"checker, no mail":  {event: event.CheckerState{VirtualServer: "V", RealServer: "R", ServerChanged: true}},
		"priority":          {event: event.PriorityChange{Instance: "VI_1"}},
		"states on reload":  {event: event.StatesOnReload{Instances: []event.InstanceState{{Instance: "VI_1", State: event.Master}}}},
		"lower priority rx": {event: event.MasterRxLowerPriority{Instance: "VI_1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			subject, body, ok := newAlerts(alertConfig()).text(test.event)
			if ok != (test.subject != "") || ok && (subject != test.subject || body != test.body) {
				t.Errorf("got %q, %q, %v; want %q, %q", subject, body, ok, test.subject, test.body)
			}
		})
	}
}

func TestSuppressedAlerts(t *testing.T) {
	cfg := alertConfig()
	cfg.Global.NoEmailFaults = true
	a := newAlerts(cfg)
	for _, test := range []struct {
		event event.Event
		want  bool
	}{
		{event.InstanceState{Instance: "VI_1", State: event.Fault}, false},
		{event.GroupState{Group: "G1", State: event.Fault}, false},
		{event.InstanceState{Instance: "VI_1", State: event.Backup}, true},
	} {
		if _, _, ok := a.text(test.event); ok != test.want {
			t.Errorf("%+v is mailed: %v", test.event, ok)
		}
	}
}

// Which events make messages in a sequence.
func TestMessagesOfSink(t *testing.T) {
	s := New(alertConfig(), Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), HostName: "host.example", UserName: "root"})
	send := func(e event.Event, want string) {
		t.Helper()
		m, ok := s.message(e)
		if m.subject != want || ok != (want != "") {
			t.Errorf("%+v makes %q, want %q", e, m.subject, want)
		}
		if ok && m.from != "root@host.example" {
			t.Errorf("from %q", m.from)
		}
	}
	backup := event.InstanceState{Instance: "VI_1", State: event.Backup}
	master := event.InstanceState{Instance: "VI_1", State: event.Master}
	send(backup, "[RTR1] VRRP Instance VI_1 - Entering BACKUP state")
	send(backup, "")
	send(master, "[RTR1] VRRP Instance VI_1 - Entering MASTER state")
	send(event.GroupState{Group: "G1", State: event.Master}, "[RTR1] VRRP Group G1 - Entering MASTER state")
	up := event.CheckerState{VirtualServer: "V", RealServer: "R", Up: true, Mail: "m"}
	send(up, "[RTR1] Realserver R of virtual server V - UP")
	send(up, "[RTR1] Realserver R of virtual server V - UP")
	// Removed instances are still told, by the settings that they had; not
	// for ever.
	next := alertConfig()
	next.Instances = nil
	next.Global.RouterID = ""
	s.Update(next)
	send(event.InstanceState{Instance: "VI_1", State: event.Deleted}, "[host.example] VRRP Instance VI_1 - Deleted")
	s.Update(next)
	send(backup, "")
	next.Global.SMTP.Server = ""
	s.Update(next)
	send(up, "")
	next = alertConfig()
	next.Global.SMTP.To = nil
	s.Update(next)
	send(up, "")
}

// Without options the host and the user are asked of the system.
func TestDefaultSender(t *testing.T) {
	s := New(alertConfig(), Options{Log: slog.New(slog.DiscardHandler)})
	m, ok := s.message(event.InstanceState{Instance: "VI_1", State: event.Master})
	user, host, _ := strings.Cut(m.from, "@")
	want, _ := os.Hostname()
	if !ok || user == "" || host != want {
		t.Errorf("from %q, want USER@%s", m.from, want)
	}
}
