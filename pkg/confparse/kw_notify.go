package confparse

import "github.com/gokeepalived/gokeepalived/pkg/config"

// notifyTarget is a block that announces changes of state.
type notifyTarget struct {
	scripts  *config.NotifyScripts
	alert    *bool
	priority *bool
}

func instanceNotify(v *instanceDraft) notifyTarget {
	return notifyTarget{&v.Notify, &v.SMTPAlert, &v.NotifyPriorityChanges}
}

func groupNotify(g *groupDraft) notifyTarget {
	return notifyTarget{&g.Notify, &g.SMTPAlert, &g.NotifyPriorityChanges}
}

// notifyKeywords are the notify_* keywords of an instance or a sync group.
func notifyKeywords[T any](of func(*T) notifyTarget, instance bool) []Keyword[T] {
	script := func(name string, field func(*config.NotifyScripts) **config.Script, doc string) Keyword[T] {
		return Script(name, func(t *T) **config.Script { return field(of(t).scripts) },
			"(%n) "+name+" script already specified - ignoring", Meta{
				Process: ProcVRRP, Default: "none", OnBad: "the script is ignored", Doc: doc,
			})
	}
	list := []Keyword[T]{
		script("notify_backup", func(n *config.NotifyScripts) **config.Script { return &n.Backup }, "Run on a change to BACKUP."),
		script("notify_master", func(n *config.NotifyScripts) **config.Script { return &n.Master }, "Run on a change to MASTER."),
		script("notify_fault", func(n *config.NotifyScripts) **config.Script { return &n.Fault }, "Run on a change to FAULT."),
		script("notify_stop", func(n *config.NotifyScripts) **config.Script { return &n.Stop }, "Run at the stop of the daemon."),
	}
	what, badAlert, badPriority, alertDefault := "GROUP", "Invalid vrrp_group smtp_alert parameter %v", "(%n) Invalid value '%v' for sync group notify_priority_changes specified", "global default"
	if instance {
		what, badAlert, badPriority, alertDefault = "INSTANCE", "Invalid vrrp_instance smtp_alert parameter %v", "(%n) Invalid value '%v' for notify_priority_changes specified", "sync group's, else global"
		list = append(list,
			Custom("notify_deleted", "[<SCRIPT> [<USER> [[:]<GROUP>]]]", Meta{
				Process: ProcVRRP, Repeat: RepeatFirst, Default: "FAULT is sent when deleted on reload", Bare: "DELETED is sent",
				OnBad: "the script is ignored", Doc: "Report the removal of the instance as DELETED, and run the script.",
			}, func(d *decoder, t *T, s *Line) bool {
				n := of(t).scripts
				if n.DeletedSet {
					return d.duplicate(s.Words[0], "(%n) notify_deleted script already specified - ignoring")
				}
				n.DeletedSet = true
				if len(s.Words) > 1 {
					if script, ok := d.script(s, true); ok {
						n.Deleted = script
					}
				}
				return true
			}),
			script("notify_master_rx_lower_pri", func(n *config.NotifyScripts) **config.Script { return &n.MasterRxLower }, "Run when a master hears an advert of lower priority."),
		)
	}
	return append(list,
		script("notify", func(n *config.NotifyScripts) **config.Script { return &n.Any }, "Run on every change, with "+what+", name, state and priority as further arguments."),
		Bool("smtp_alert", func(t *T) *bool { return of(t).alert }, Meta{
			Process: ProcVRRP, Default: "smtp_alert_vrrp, else smtp_alert, else no", Bad: badAlert, Doc: "Mail on a change of state.",
		}),
		Bool("notify_priority_changes", func(t *T) *bool { return of(t).priority }, Meta{
			Process: ProcVRRP, Default: alertDefault, Bad: badPriority, Doc: "Write changes of the priority to the FIFOs.",
		}),
	)
}
