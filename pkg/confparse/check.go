package confparse

import (
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// ownChecks are the findings that keepalived does not make. They never change
// the exit status of -t.
func (d *decoder) ownChecks() {
	for _, v := range d.drafts.instances {
		if !v.runs {
			continue
		}
		d.checkOwner(v)
		d.checkAuth(v)
		d.checkUnicast(v)
		d.checkStrict(v)
		d.checkWeights(v)
		d.checkHosts(v)
	}
	d.checkAddresses()
	d.checkRouterIDs()
	d.checkTrackScripts()
	d.checkMail()
	d.checkGlobalOrder()
	d.checkServices()
	d.checkServiceAddresses()
	for _, v := range d.drafts.servers {
		if v.Name != "" && len(v.RealServers) > 0 {
			d.checkServer(v)
		}
	}
	d.checkServerGroups()
}

// advise reports a finding of our own about a finished block.
func (d *decoder) advise(at, context diag.Range, sev diag.Severity, code, summary, effect, hint string) {
	d.about(at, diag.Diagnostic{Code: code, Severity: sev, Class: diag.ClassOwn, Summary: summary, Effect: effect, Hint: hint, Context: context})
}

// shellSyntax finds a word that only a shell understands.
func shellSyntax(args []string) string {
	if len(args) == 0 {
		return ""
	}
	switch args[0][strings.LastIndexByte(args[0], '/')+1:] {
	case "sh", "bash", "dash", "ash", "ksh", "zsh", "busybox", "env", "awk", "sed", "perl", "python", "python3", "ssh":
		return ""
	}
	for _, a := range args {
		switch a {
		case "|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1", ">/dev/null", "1>/dev/null", "2>/dev/null", "&>/dev/null", ">&2":
			return a
		}
		switch {
		case strings.Contains(a, "$("), strings.HasPrefix(a, "`"), strings.HasPrefix(a, "~/"), strings.HasPrefix(a, "${"):
			return a
		case len(a) > 1 && strings.HasSuffix(a, ";"):
			return a
		}
	}
	return ""
}
