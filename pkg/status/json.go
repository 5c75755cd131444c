package status

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// WriteJSON writes keepalived.json: one line, the keys in keepalived's order.
// version 1 is an array of instances, version 2 an object with the tracked
// processes too.
func WriteJSON(w io.Writer, v *VRRP, version int, names Names) error {
	j := &jsonText{}
	if version >= 2 {
		j.open('{')
		j.key("vrrp")
	}
	j.open('[')
	for i := range v.Instances {
		j.instance(v, &v.Instances[i], names)
	}
	j.close(']')
	if version >= 2 {
		if len(v.Processes) > 0 {
			j.key("track_process")
			j.open('[')
			for i := range v.Processes {
				j.process(&v.Processes[i])
			}
			j.close(']')
		}
		j.close('}')
	}
	j.b.WriteByte('\n')
	_, err := io.WriteString(w, j.b.String())
	return err
}

// jsonText builds a JSON text with the order of keys and the form of numbers
// that are wanted.
type jsonText struct {
	b     strings.Builder
	comma bool
}

func (j *jsonText) open(c byte) {
	j.separate()
	j.b.WriteByte(c)
	j.comma = false
}

func (j *jsonText) close(c byte) {
	j.b.WriteByte(c)
	j.comma = true
}

func (j *jsonText) separate() {
	if j.comma {
		j.b.WriteByte(',')
	}
	j.comma = true
}

func (j *jsonText) key(name string) {
	j.separate()
	j.quote(name)
	j.b.WriteByte(':')
	j.comma = false
}

// value writes a number or a boolean as it is.
func (j *jsonText) value(key string, v any) {
	j.key(key)
	fmt.Fprint(&j.b, v)
	j.comma = true
}

func (j *jsonText) number(key string, on bool) {
	n := 0
	if on {
		n = 1
	}
	j.value(key, n)
}

func (j *jsonText) text(key, v string) {
	j.key(key)
	j.quote(v)
	j.comma = true
}

// list writes an array of strings, nothing when it is empty.
func (j *jsonText) list(key string, values []string) {
	if len(values) == 0 {
		return
	}
	j.key(key)
	j.open('[')
	for _, v := range values {
		j.separate()
		j.quote(v)
	}
	j.close(']')
}

// quote writes a string. The slash is escaped too; bytes that are not UTF-8
// become the replacement character.
func (j *jsonText) quote(s string) {
	j.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '/':
			j.b.WriteByte('\\')
			j.b.WriteRune(r)
		case r == '\n':
			j.b.WriteString(`\n`)
		case r == '\t':
			j.b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&j.b, `\u%04x`, r)
		case r == utf8.RuneError:
			j.b.WriteString("\ufffd")
		default:
			j.b.WriteRune(r)
		}
	}
	j.b.WriteByte('"')
}

func (j *jsonText) instance(all *VRRP, v *VRRPInstance, names Names) {
	c := v.Config
	j.open('{')
	j.key("data")
	j.open('{')
	j.text("iname", v.Name)
	j.number("dont_track_primary", c.DontTrackPrimary)
	j.number("skip_check_adv_addr", c.SkipCheckAdvert)
	j.number("strict_mode", c.Strict)
	j.text("vmac_ifname", v.VMAC)
	if v.Interface != "" {
		j.text("ifp_ifname", v.Interface)
	}
	j.value("master_priority", v.MasterPriority)
	j.value("last_transition", unixSeconds(v.LastTransition))
	j.value("garp_delay", seconds(c.GARP.MasterDelay))
	j.value("garp_refresh", wholeSeconds(c.GARP.MasterRefresh))
	j.value("garp_rep", c.GARP.MasterRepeat)
	j.value("garp_refresh_rep", c.GARP.MasterRefreshRepeat)
	j.value("garp_lower_prio_delay", wholeSeconds(c.GARP.LowerPrioDelay))
	j.value("garp_lower_prio_rep", c.GARP.LowerPrioRepeat)
	j.number("lower_prio_no_advert", c.LowerPrioNoAdvert)
	j.number("higher_prio_send_advert", c.HigherPrioSendAdvert)
	j.value("vrid", c.VirtualRouterID)
	j.value("base_priority", v.BasePriority)
	j.value("effective_priority", v.EffectivePriority)
	j.value("vipset", v.AddressesSet)
	j.value("promote_secondaries", c.PromoteSecondaries)
	j.value("adver_int", seconds(v.AdvertInterval))
	j.value("master_adver_int", seconds(v.MasterAdvertInterval))
	j.number("accept", c.Accept)
	j.value("nopreempt", v.NoPreempt)
	j.value("preempt_delay", wholeSeconds(c.PreemptDelay))
	j.value("state", uint8(v.State))
	j.value("wantstate", uint8(v.WantState))
	j.value("version", c.Version)
	j.value("smtp_alert", c.SMTPAlert)
	j.value("notify_deleted", c.Notify.DeletedSet)
	j.scripts(&c.Notify)
	j.items(all, v, names)
	j.authentication(c)
	j.close('}')
	j.stats(&v.Counters)
	j.close('}')
}

func (j *jsonText) scripts(n *config.NotifyScripts) {
	for _, s := range []struct {
		key    string
		script *config.Script
	}{
		{"script_backup", n.Backup}, {"script_master", n.Master}, {"script_fault", n.Fault}, {"script_stop", n.Stop},
		{"script_deleted", n.Deleted}, {"script", n.Any}, {"script_master_rx_lower_pri", n.MasterRxLower},
	} {
		if s.script != nil {
			j.text(s.key, scriptText(s.script))
		}
	}
}

func (j *jsonText) items(all *VRRP, v *VRRPInstance, names Names) {
	j.list("vips", addressTexts(v, v.Config.VirtualAddresses, v.VirtualSet))
	j.list("evips", addressTexts(v, v.Config.ExcludedAddresses, v.ExcludedSet))
	var routes, rules, interfaces, scripts, processes []string
	for _, r := range v.Config.Routes {
		routes = append(routes, routeText(r, names))
	}
	for _, r := range v.Config.Rules {
		rules = append(rules, ruleText(r, names))
	}
	for _, t := range v.TrackInterfaces {
		if !t.FromGroup && !t.Implicit {
			interfaces = append(interfaces, t.Name)
		}
	}
	for _, t := range v.TrackScripts {
		if !t.FromGroup {
			scripts = append(scripts, all.command(t.Name))
		}
	}
	for _, t := range v.TrackProcesses {
		if !t.FromGroup {
			processes = append(processes, t.Name)
		}
	}
	j.list("vroutes", routes)
	j.list("vrules", rules)
	j.list("track_ifp", interfaces)
	j.list("track_script", scripts)
	j.list("track_process", processes)
}

// command is the command of a vrrp_script in quotes: keepalived lists that, not
// the name.
func (v *VRRP) command(name string) string {
	for i := range v.Scripts {
		if s := &v.Scripts[i]; s.Name == name && s.Config != nil {
			return scriptText(&s.Config.Script)
		}
	}
	return name
}

// addressTexts are the addresses of an instance; set says which are installed.
func addressTexts(v *VRRPInstance, list []*config.Address, set []bool) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = addressText(a, deviceOf(v, a), i < len(set) && set[i])
	}
	return out
}

// deviceOf is where an address without interface of its own goes: a VMAC is
// shown with the interface below it.
func deviceOf(v *VRRPInstance, a *config.Address) string {
	if v.VMAC != "" && v.ConfiguredInterface != "" && (v.Interface == v.VMAC || a.UseVMAC) {
		return v.VMAC + "@" + v.ConfiguredInterface
	}
	return v.Interface
}

func (j *jsonText) authentication(c *config.VRRPInstance) {
	j.value("auth_type", uint8(c.Auth))
	if c.Auth != config.AuthNone {
		j.text("auth_data", masked)
	}
}

// masked stands for every password.
const masked = "********"

func (j *jsonText) stats(c *VRRPCounters) {
	j.key("stats")
	j.open('{')
	for _, s := range []struct {
		key string
		n   uint64
	}{
		{"advert_rcvd", c.AdvertReceived}, {"advert_sent", c.AdvertSent},
		{"become_master", c.BecomeMaster}, {"release_master", c.ReleaseMaster},
		{"packet_len_err", c.PacketLengthErrors}, {"advert_interval_err", c.AdvertIntervalErrors},
		{"ip_ttl_err", c.TTLErrors}, {"invalid_type_rcvd", c.InvalidTypeReceived}, {"addr_list_err", c.AddressListErrors},
		{"invalid_authtype", c.InvalidAuthType}, {"authtype_mismatch", c.AuthTypeMismatch}, {"auth_failure", c.AuthFailure},
		{"auth_ext_missing", c.AuthExtMissing}, {"auth_ext_malformed", c.AuthExtMalformed},
		{"auth_ext_unknown_key", c.AuthExtUnknownKey}, {"auth_ext_invalid_hmac", c.AuthExtInvalidHMAC},
		{"auth_ext_stale", c.AuthExtStale}, {"auth_ext_replay", c.AuthExtReplay},
		{"pri_zero_rcvd", c.PriorityZeroReceived}, {"pri_zero_sent", c.PriorityZeroSent},
	} {
		j.value(s.key, s.n)
	}
	j.close('}')
}

var paramMatches = map[config.ParamMatch]string{
	config.ParamNone: "none", config.ParamExact: "exact", config.ParamPartial: "partial", config.ParamInitial: "initial",
}

func (j *jsonText) process(t *TrackProcess) {
	c := t.Config
	j.open('{')
	j.text("process", c.Process)
	if len(c.Params) > 0 {
		j.text("parameters", "'"+strings.Join(c.Params, "' '")+"'")
	}
	j.text("param_match", paramMatches[c.Match])
	j.value("min_processes", c.Quorum)
	if c.QuorumMax >= 0 {
		j.value("max_processes", c.QuorumMax)
	}
	j.value("current_processes", t.Count)
	j.value("have_quorum", t.HaveQuorum)
	j.value("weight", c.Weight)
	j.value("terminate_delay", seconds(c.TerminateDelay))
	j.value("fork_delay", seconds(c.ForkDelay))
	j.value("fork_delay_timer_running", t.ForkDelay)
	j.value("terminate_delay_timer_running", t.TerminateDelay)
	j.value("full_command", c.FullCommand)
	j.close('}')
}
