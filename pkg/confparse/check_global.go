package confparse

import (
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// checkMail looks for alerts that nobody gets.
func (d *decoder) checkMail() {
	g := &d.cfg.Global
	missing := ""
	switch {
	case g.SMTP.Server == "" && len(g.SMTP.To) == 0:
		missing = "smtp_server and no notification_email"
	case g.SMTP.Server == "":
		missing = "smtp_server"
	case len(g.SMTP.To) == 0:
		missing = "notification_email"
	default:
		return
	}
	at, asked := g.Head, false
	for _, k := range []string{"smtp_alert", "smtp_alert_vrrp", "smtp_alert_checker"} {
		if g.Has(k) && d.alertAsked(k) {
			at, asked = g.At(k), true
		}
	}
	for _, v := range d.cfg.Instances {
		if !asked && v.Has("smtp_alert") && v.SMTPAlert {
			at, asked = v.At("smtp_alert"), true
		}
	}
	for _, v := range d.cfg.VirtualServers {
		if !asked && v.Has("smtp_alert") && v.SMTPAlert {
			at, asked = v.At("smtp_alert"), true
		}
	}
	if asked {
		d.advise(at, g.Head, diag.Warning, codeNoMail, "smtp_alert is on, but global_defs has no "+missing, "no mail is sent", "write smtp_server and notification_email in global_defs, or remove smtp_alert")
	}
}

// alertAsked reports whether the global keyword says yes.
func (d *decoder) alertAsked(keyword string) bool {
	g := d.drafts.global
	for k, v := range map[string]*bool{"smtp_alert": g.SMTPAlert, "smtp_alert_vrrp": g.SMTPAlertVRRP, "smtp_alert_checker": g.SMTPAlertChecker} {
		if k == keyword {
			return v != nil && *v
		}
	}
	return false
}

// checkGlobalOrder looks for lines of global_defs whose place undoes them.
func (d *decoder) checkGlobalOrder() {
	g := &d.cfg.Global
	at := func(keyword string) int {
		for i := range g.Set {
			if g.Set[i].Keyword == keyword {
				return i
			}
		}
		return -1
	}
	for _, pair := range [][2]string{
		{"nftables_priority", "nftables"}, {"nftables_ipvs_priority", "nftables_ipvs"}, {"nftables_ipvs_start_fwmark", "nftables_ipvs"},
	} {
		if early, late := at(pair[0]), at(pair[1]); early >= 0 && late > early {
			d.advise(g.At(pair[0]), g.Head, diag.Warning, codeOwnOrder, pair[0]+" is undone by "+pair[1]+" behind it", "the default is used", "put "+pair[0]+" after "+pair[1])
		}
	}
	if v := d.drafts.instances; len(v) > 0 && g.Head.File == v[0].Head.File && g.Head.Start.Line > v[0].Head.Start.Line {
		for i := range g.Set {
			if strings.HasPrefix(g.Set[i].Keyword, "vrrp_") {
				d.advise(g.Head, g.Head, diag.Note, codeOwnOrder, "global_defs stands behind vrrp_instance "+v[0].Name, "after a reload keepalived does not apply its defaults to the instances before it; gokeepalived does", "put global_defs first")
				break
			}
		}
	}
	if user := at("script_user"); user >= 0 {
		for _, k := range []string{"startup_script", "shutdown_script", "notify_fifo_script", "vrrp_notify_fifo_script", "lvs_notify_fifo_script"} {
			if i := at(k); i >= 0 && i < user {
				d.advise(g.At(k), g.Head, diag.Note, codeOwnOrder, k+" stands before script_user", "keepalived runs it as its own default user, gokeepalived as script_user", "put script_user first")
			}
		}
	}
}
