package confparse

import (
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// Load reads the configuration at path and everything it includes, and makes
// it into settings with every default and inheritance applied. The
// configuration is never nil; findings do not stop the reading. Facts of the
// machine (interfaces, users, scripts) are not looked at.
func Load(files FileSystem, path string, env Env) (*config.Config, *FileSet, diag.List) {
	lines, set, diags := Read(files, path, env)
	d := decode(lines, set, env)
	return d.cfg, set, d.findings(diags)
}

// findings puts those of the reader and of the tables into one list. The exit
// status of -t depends on the order of those that end the reading: a missing
// argument in global_defs ends it before a counted include error does, one in
// another block is never reached.
func (d *decoder) findings(read diag.List) diag.List {
	causes(read, d.diags)
	if len(read) == 0 {
		return d.diags
	}
	return append(append(d.diags[:d.parent:d.parent], read...), d.diags[d.parent:]...)
}

// decode makes lines into a configuration, and keeps what led to it. files is
// asked for files that keywords name.
func decode(lines []Line, files FileSystem, env Env) *decoder {
	cfg := &config.Config{Global: config.NewGlobal()}
	d := &decoder{env: env, files: files, lines: lines, cfg: cfg, seenReals: map[netip.AddrPort]bool{}, goneScripts: map[string]diag.Range{}}
	d.names = names{
		scripts: map[string]*scriptDraft{}, files: map[string]named[*config.TrackFile]{},
		processes: map[string]*config.TrackProcess{}, bfd: map[string]named[*bfdDraft]{},
		instances: map[string]*instanceDraft{}, links: map[string]*instanceDraft{}, bfdPairs: map[bfdPair]*bfdDraft{}, garp: map[string]bool{}, groups: map[string]*groupDraft{},
		trackers: map[string]*config.TrackGroup{}, serverGroups: map[string]*config.VirtualServerGroup{},
	}
	d.drafts.cfg = cfg
	d.drafts.global.Global = &cfg.Global
	for _, pass := range []Process{ProcGlobal, ProcChecker, ProcVRRP, ProcBFD} {
		d.walk(pass)
		if pass == ProcGlobal {
			d.parent = len(d.diags)
		}
	}
	d.stack = d.stack[:0]
	d.resolve()
	if d.tooMany {
		d.diags.Add(diag.Diagnostic{
			Code: codeTooMany, Severity: diag.Warning, Class: diag.ClassOwn, Summary: "There are more than " + itoa(mostFindings) + " findings",
			Effect: "the others are left out", Hint: "mend the first ones",
		})
	}
	return d
}

// resolve makes the blocks into a configuration: references, defaults that
// come from elsewhere, and what does not fit together.
func (d *decoder) resolve() {
	d.resolveGlobal()
	d.resolveTrackers()
	d.resolveInstances()
	d.resolveGroups()
	d.resolveServers()
	if !d.env.Reported {
		d.ownChecks()
	}
}

func (d *decoder) resolveTrackers() {
	for _, s := range d.drafts.scripts {
		d.cfg.Scripts = append(d.cfg.Scripts, s.TrackScript)
	}
	for _, b := range d.drafts.bfd {
		d.cfg.BFD = append(d.cfg.BFD, b.BFDInstance)
	}
	d.cfg.Files = d.drafts.files
	d.cfg.Processes = d.drafts.processes
}
