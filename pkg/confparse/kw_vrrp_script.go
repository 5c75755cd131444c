package confparse

import (
	"math"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// scriptDraft is a vrrp_script while it is read.
type scriptDraft struct {
	*config.TrackScript
	used bool
}

func openScript(d *decoder, r *drafts, s *Line) (*scriptDraft, string) {
	w, ok := d.arg(s, 1)
	if !ok {
		return nil, ""
	}
	script := config.NewTrackScript()
	script.Name = w.Text
	return &scriptDraft{TrackScript: script}, w.Text
}

func closeScript(d *decoder, r *drafts, s *scriptDraft) {
	if len(s.Script.Args) == 0 && s.Script.ReadFile == "" {
		d.drop(&s.Block, codeIncomplete, "No script set for vrrp_script "+s.Name+" - removing", "write script")
		d.lacking(&s.Block, "script", d.cause)
		d.goneScripts[s.Name] = s.Head
		return
	}
	if !s.Has("timeout") {
		s.Timeout = s.Interval
	}
	r.scripts = append(r.scripts, s)
	if _, twice := d.names.scripts[s.Name]; !twice {
		d.names.scripts[s.Name] = s
	}
}

// decimalMillis is a time in seconds with milliseconds.
func decimalMillis(maxSeconds uint64) decimal {
	return decimal{max: maxSeconds * 1e6, places: 3, unit: time.Second}
}

var vrrpScript = newTable([]Keyword[scriptDraft]{
	Command("script", func(s *scriptDraft, script *config.Script) {
		user := s.Script.User
		s.Script = *script
		s.Script.User = user
	}, Meta{
		Process: ProcVRRP, Required: true, OnBad: "the block is dropped at its end",
		Doc: "Command line; one quoted string is split into words. No shell is involved.",
	}),
	Timer("interval", func(s *scriptDraft) *time.Duration { return &s.Interval },
		decimalMillis(4294).zeroIsOne("(%n): vrrp script interval must be greater than 0, setting to 1"), Meta{
			Process: ProcVRRP, Args: "<DECIMAL>", Range: "0-4294 s, milliseconds; 0 becomes 1 s with a warning", Default: "1",
			Bad: "(%n): vrrp script interval '%v' must be between 1 and 4294 - ignoring", Doc: "Time between runs.",
		}),
	Timer("timeout", func(s *scriptDraft) *time.Duration { return &s.Timeout },
		decimalMillis(4294).zeroIsOne("(%n): vrrp script timeout must be greater than 0, setting to 1"), Meta{
			Process: ProcVRRP, Args: "<DECIMAL>", Range: "0-4294 s, milliseconds; 0 becomes 1 s with a warning", Default: "interval",
			Bad: "(%n): vrrp script timeout '%v' invalid - ignoring", Doc: "A run that takes longer is killed and counts as failed.",
		}),
	Custom("weight", "<N> [reverse]", Meta{
		Process: ProcVRRP, Range: "-253 to 253", Default: "0", OnBad: "the value is used as it is",
		Bad: "vrrp_script %n weight %v must be in [-253, 253]",
		Doc: "Priority change: a positive weight is added while the script succeeds, a negative one while it fails; 0 means FAULT while it fails.",
	}, readScriptWeight),
	Number("rise", func(s *scriptDraft) *int { return &s.Rise }, within(1, 1<<31-1).tolerant().orElse(1), Meta{
		Process: ProcVRRP, Default: "1", OnBad: "1 is used", Bad: "(%n): vrrp script rise value '%v' invalid, defaulting to 1",
		Doc: "Successes in a row that make it good.",
	}),
	Number("fall", func(s *scriptDraft) *int { return &s.Fall }, within(1, 1<<31-1).tolerant().orElse(1), Meta{
		Process: ProcVRRP, Default: "1", OnBad: "1 is used", Bad: "(%n): vrrp script fall value '%v' invalid, defaulting to 1",
		Doc: "Failures in a row that make it bad.",
	}),
	Custom("user", "<USER> [[:]<GROUP>]", Meta{
		Process: ProcVRRP, Range: "existing", Default: "script_user", OnBad: "the block is dropped",
		Doc: "User that runs the script.",
	}, func(d *decoder, s *scriptDraft, line *Line) bool {
		if _, ok := d.arg(line, 1); !ok {
			return false
		}
		s.Script.User = d.scriptUser(wordTexts(line.Words[1:]))
		return true
	}),
	Flag("init_fail", func(s *scriptDraft) *bool { return &s.InitFail }, true, Meta{
		Process: ProcVRRP, Default: "unknown until first run",
		Doc: "The script counts as failed until its first result.",
	}),
})

func wordTexts(words []Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return out
}

// readScriptWeight uses a number outside of the limits, as keepalived does;
// the sum of all weights is limited anyhow.
func readScriptWeight(d *decoder, s *scriptDraft, line *Line) bool {
	w, ok := d.arg(line, 1)
	if !ok {
		return false
	}
	n, problem := d.readInteger(w, within(-253, 253).tolerant())
	if problem != "" {
		effect := "the line is ignored"
		if outside(w.Text, n, within(-253, 253)) && n >= math.MinInt32 && n <= math.MaxInt32 {
			s.Weight, effect = int(n), d.spec.OnBad
		}
		d.complain(w, codeBadValue, expand(d.spec.Bad, d.name(), "weight", w.Text), problem+"; "+effect, valueHint(w, d.syntaxHint()))
	} else {
		s.Weight = int(n)
	}
	if len(line.Words) > 2 {
		if o := line.Words[2]; o.Text == "reverse" {
			s.Reverse = true
		} else {
			d.complain(o, codeBadValue, "vrrp_script "+d.name()+" unknown weight option "+o.Text, "the word is ignored", "")
		}
	}
	return true
}
