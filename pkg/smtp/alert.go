package smtp

import (
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// alerts says which events of instances and groups are mailed. Those of virtual
// and real servers carry their mail, or none.
type alerts struct {
	noFaults          bool
	instances, groups map[string]bool
}

func newAlerts(cfg *config.Config) *alerts {
	a := &alerts{noFaults: cfg.Global.NoEmailFaults, instances: map[string]bool{}, groups: map[string]bool{}}
	for _, v := range cfg.Instances {
		a.instances[v.Name] = v.SMTPAlert
	}
	for _, g := range cfg.SyncGroups {
		a.groups[g.Name] = g.SMTPAlert
	}
	return a
}

// inherit adds what was removed since before, whose last alerts are still to
// come.
func (a *alerts) inherit(before *alerts) {
	merge(a.instances, before.instances)
	merge(a.groups, before.groups)
}

func merge(now, before map[string]bool) {
	for k, v := range before {
		if _, found := now[k]; !found {
			now[k] = v
		}
	}
}

// text is the subject, without the router's name, and the body of the mail for
// e; false if there is none.
func (a *alerts) text(e event.Event) (subject, body string, ok bool) {
	switch e := e.(type) {
	case event.InstanceState:
		if !a.instances[e.Instance] || e.State == event.Fault && a.noFaults {
			return "", "", false
		}
		ending, body := instanceText(e.State)
		return "VRRP Instance " + e.Instance + " - " + ending, body, ending != ""
	case event.GroupState:
		if !a.groups[e.Group] || e.State == event.Fault && a.noFaults {
			return "", "", false
		}
		ending, body := groupText(e.State)
		return "VRRP Group " + e.Group + " - " + ending, body, ending != ""
	case event.VirtualServerState:
		return "Virtualserver " + e.VirtualServer + " - " + upDown(e.Up), e.Mail, e.Mail != ""
	case event.RealServerState:
		return realSubject(e.VirtualServer, e.RealServer, e.Up), e.Mail, e.Mail != ""
	case event.CheckerState:
		return realSubject(e.VirtualServer, e.RealServer, e.Up), e.Mail, e.Mail != ""
	}
	return "", "", false
}

func instanceText(s event.State) (ending, body string) {
	switch s {
	case event.Master:
		return "Entering MASTER state", "=> VRRP Instance is now owning VRRP VIPs <="
	case event.Backup, event.Fault:
		return "Entering " + s.String() + " state", "=> VRRP Instance is no longer owning VRRP VIPs <="
	case event.Stop:
		return "Stopping", "=> VRRP Instance stopping <="
	case event.Deleted:
		return "Deleted", "=> VRRP Deleted at reload <="
	case event.Init:
	}
	return "", ""
}

func groupText(s event.State) (ending, body string) {
	switch s {
	case event.Master, event.Backup, event.Fault:
		return "Entering " + s.String() + " state", "=> All VRRP group instances are now in " + s.String() + " state <="
	case event.Stop:
		return "Stopping", "=> All VRRP group instances are now stopping <="
	case event.Init, event.Deleted:
	}
	return "", ""
}

func realSubject(virtual, real string, up bool) string {
	return "Realserver " + real + " of virtual server " + virtual + " - " + upDown(up)
}

func upDown(up bool) string {
	if up {
		return "UP"
	}
	return "DOWN"
}
