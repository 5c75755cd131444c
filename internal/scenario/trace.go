package scenario

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

// print writes an action into the trace.
func (r *Router) print(a vrrp.Action) {
	p := func(format string, args ...any) { r.net.printf(r, format, args...) }
	switch a := a.(type) {
	case vrrp.Log:
		word := "log"
		if a.Level < slog.LevelInfo {
			word = "dbg"
		}
		p("%s %s", word, a.Text)
	case vrrp.Emit:
		if _, start := a.Event.(event.Started); start {
			return // the end of every start
		}
		p("%s", eventText(a.Event))
		if s, ok := a.Event.(event.InstanceState); ok && s.State != event.Master {
			r.forgetAdverts(s.Instance) // the first one as Master is shown
		}
	case *vrrp.SendAdvert:
		r.printAdvert(a)
	case vrrp.OpenSocket:
		p("open socket %d %s", a.ID, specText(a))
	case vrrp.ResizeSocket:
		p("resize socket %d to %d", a.ID, a.ReceiveBuffer)
	case vrrp.CloseSocket:
		p("close socket %d", a.ID)
	case vrrp.AddAddress:
		p("add %s dev %s", a.Address.Prefix, a.Interface)
	case vrrp.RemoveAddress:
		p("remove%s %s dev %s", leftover(a.Leftover), a.Address.Prefix, a.Interface)
	case vrrp.AddRoute:
		p("%s route %s", replace(a.Replace), strings.Join(a.Route.Words, " "))
	case vrrp.RemoveRoute:
		p("remove%s route %s", leftover(a.Leftover), strings.Join(a.Route.Words, " "))
	case vrrp.AddRule:
		p("%s rule %s", replace(a.Replace), strings.Join(a.Rule.Words, " "))
	case vrrp.RemoveRule:
		p("remove%s rule %s", leftover(a.Leftover), strings.Join(a.Rule.Words, " "))
	case vrrp.DropTraffic:
		p("drop traffic to %s: %v", a.Instance, a.On)
	case vrrp.SendGARP:
		p("garp %s dev %s", a.Address, a.Interface)
	case vrrp.SendNA:
		p("na %s dev %s", a.Address, a.Interface)
	case vrrp.EnsureVMAC:
		p("vmac %s on %s mac %x%s", a.Name, a.Base, a.MAC, linkLocal(a.LinkLocal))
	case vrrp.RemoveVMAC:
		p("remove vmac %s", a.Name)
	case vrrp.PromoteSecondaries:
		p("promote_secondaries %s: %v", a.Interface, a.On)
	case vrrp.SetSyncDaemon:
		p("sync daemon %v id %d dev %s", []string{"off", "backup", "master"}[a.Role], a.Daemon.ID, a.Daemon.Interface)
	case vrrp.RaisePriority:
		p("raise priority up to %d", a.Limit)
	case vrrp.Finished:
		p("finished")
	default:
		p("%T %+v", a, a)
	}
}

func (r *Router) printAdvert(a *vrrp.SendAdvert) {
	key := a.Instance + " " + a.Destination.String()
	text := fmt.Sprintf("advert %s prio %d to %s", a.Instance, a.Priority, a.Destination)
	if !r.Verbose && a.Priority != 0 && r.lastAdvert[key] == text {
		r.repeated[a.Instance]++
		return
	}
	r.lastAdvert[key] = text
	r.net.printf(r, "%s", text)
}

func (r *Router) forgetAdverts(instance string) {
	for key := range r.lastAdvert {
		if strings.HasPrefix(key, instance+" ") {
			delete(r.lastAdvert, key)
		}
	}
}

// flushRepeated prints how many adverts were left out.
func (r *Router) flushRepeated() {
	names := make([]string, 0, len(r.repeated))
	for name := range r.repeated {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r.net.printf(r, "(%d more adverts of %s)", r.repeated[name], name)
	}
	clear(r.repeated)
}

func leftover(on bool) string {
	if on {
		return " leftover"
	}
	return ""
}

func replace(on bool) string {
	if on {
		return "replace"
	}
	return "add"
}

func linkLocal(a netip.Addr) string {
	if a.IsValid() {
		return " with " + a.String()
	}
	return ""
}

func specText(a vrrp.OpenSocket) string {
	s := a.Spec
	text := fmt.Sprintf("%v proto %d", s.Family, s.Protocol)
	if s.Interface != "" {
		text += fmt.Sprintf(" dev %s index %d", s.Interface, s.Index)
	}
	if s.VRF != "" {
		text += " vrf " + s.VRF
	}
	if s.Multicast() {
		text += " group " + s.Group.String()
	} else {
		text += " local " + s.Local.String()
	}
	if a.ReceiveBuffer > 0 {
		text += fmt.Sprintf(" buffer %d", a.ReceiveBuffer)
	}
	return text
}

// eventText is an event much as a FIFO has it, with the reason.
func eventText(ev event.Event) string {
	switch ev := ev.(type) {
	case event.InstanceState:
		s := fmt.Sprintf("INSTANCE %q %v %d", ev.Instance, ev.State, ev.Priority)
		if ev.NoStateScript {
			s += " without state script"
		}
		if ev.Reason != "" {
			s += ": " + ev.Reason
		}
		return s
	case event.GroupState:
		return fmt.Sprintf("GROUP %q %v", ev.Group, ev.State)
	case event.MasterRxLowerPriority:
		return fmt.Sprintf("INSTANCE %q MASTER_RX_LOWER_PRI %d", ev.Instance, ev.Priority)
	case event.PriorityChange:
		return fmt.Sprintf("INSTANCE %q %v_PRIORITY %d", ev.Instance, ev.State, ev.Priority)
	case event.Reloaded:
		return "RELOADED"
	case event.StatesOnReload:
		s := "STATES"
		for _, v := range ev.Instances {
			s += fmt.Sprintf(" %s %v %d", v.Instance, v.State, v.Priority)
		}
		for _, g := range ev.Groups {
			s += fmt.Sprintf(" %s %v", g.Group, g.State)
		}
		return s
	}
	return fmt.Sprintf("%T", ev)
}
