package confparse

import (
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// trackFileBlock is track_file or its old name.
func trackFileBlock(name string, m Meta) Keyword[drafts] {
	m.Process, m.Repeat, m.OnBad = ProcVRRP|ProcChecker, RepeatList, "the block is dropped"
	m.Doc = "A file whose number adjusts priorities or weights."
	return Block(name, "<NAME>", trackFile, m,
		func(f *config.TrackFile) *config.Block { return &f.Block }, openTrackFile, closeTrackFile)
}

func openTrackFile(d *decoder, _ *drafts, s *Line) (*config.TrackFile, string) {
	w, ok := d.arg(s, 1)
	if !ok {
		return nil, ""
	}
	f := config.NewTrackFile()
	f.Name = w.Text
	return f, w.Text
}

func closeTrackFile(d *decoder, r *drafts, f *config.TrackFile) {
	if f.Path == "" {
		d.drop(&f.Block, codeIncomplete, "No file set for track_file "+f.Name+" - ignoring", "")
		return
	}
	r.files = append(r.files, f)
	if d.names.files[f.Name].line == 0 {
		d.names.files[f.Name] = named[*config.TrackFile]{f, d.next}
	}
}

var trackFile = newTable([]Keyword[config.TrackFile]{
	Custom("file", "<PATH>", Meta{
		Process: ProcVRRP | ProcChecker, Repeat: RepeatFirst, Required: true, Missing: "track file file name missing",
		Range: "directory must exist on a writable, watchable file system", Doc: "Path of the file.",
	}, func(d *decoder, f *config.TrackFile, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if f.Path != "" {
			return d.duplicate(w, "File already set for track file %n - ignoring %v")
		}
		f.Path = w.Text
		return true
	}),
	Custom("weight", "<N> [reverse]", Meta{
		Process: ProcVRRP | ProcChecker, Repeat: RepeatFirst, Range: "-254 to 254", Default: "1", OnBad: "1 is used",
		Missing: "No weight specified for track file %n - ignoring",
		Bad:     "Weight (%v) for track_file %n must be between [-254..254] inclusive. Ignoring...",
		Doc:     "What the number in the file is multiplied with.",
	}, func(d *decoder, f *config.TrackFile, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if f.Weight != 1 {
			return d.duplicate(w, "Weight already set for track file %n - ignoring %v")
		}
		n, ok := d.number(w, within(-254, 254).tolerant().orElse(1))
		f.Weight = int(n)
		return d.reverseOption(s, &f.Reverse, "track_file %n unknown weight option %v") && ok
	}),
	Custom("init_file", "[<N>] [overwrite]", Meta{
		Process: ProcVRRP | ProcChecker, Range: "integer; outside -254..254 only warns", Default: "file untouched", Bare: "0",
		OnBad: "0 is used", Doc: "Create the file at start with this number; overwrite does so when it exists, too.",
	}, readInitFile),
})

// reverseOption reads the word after a weight; another one is reported and
// ignored.
func (d *decoder) reverseOption(s *Line, reverse *bool, unknown string) bool {
	if len(s.Words) < 3 {
		return true
	}
	if w := s.Words[2]; w.Text == "reverse" {
		*reverse = true
	} else {
		d.complain(w, codeBadValue, expand(unknown, d.name(), d.spec.Keyword, w.Text), "the word is ignored", "")
	}
	return true
}

func readInitFile(d *decoder, f *config.TrackFile, s *Line) bool {
	value := 0
	for _, w := range s.Words[1:] {
		switch {
		case w.Text == "overwrite":
			f.Overwrite = true
		case strings.Trim(w.Text[:min(1, len(w.Text))], "+-0123456789") == "" && w.Text != "":
			n, problem := d.readInteger(w, within(-1<<31, 1<<31-1).tolerant())
			if problem != "" {
				d.refuse(w, "Track file "+f.Name+" init value "+w.Text+" is invalid", problem)
				continue
			}
			if n < -254 || n > 254 {
				d.adjust(w, "Track file "+f.Name+" init value "+w.Text+" is outside sensible range [-254, 254]", "it is used all the same")
			}
			value = int(n)
		default:
			d.complain(w, codeBadValue, "Unknown track file init option "+w.Text, "the word is ignored", "")
		}
	}
	f.InitValue = &value
	return true
}

func openProcess(d *decoder, _ *drafts, s *Line) (*config.TrackProcess, string) {
	w, ok := d.arg(s, 1)
	if !ok {
		return nil, ""
	}
	p := config.NewTrackProcess()
	p.Name = w.Text
	return p, w.Text
}

func closeProcess(d *decoder, r *drafts, p *config.TrackProcess) {
	if p.Process == "" {
		d.drop(&p.Block, codeIncomplete, "track process '"+p.Name+"' process name not specified", "")
		return
	}
	if len(p.Params) > 0 && p.Match == config.ParamNone {
		p.Match = config.ParamExact
	}
	if p.Match != config.ParamNone {
		p.FullCommand = true
	}
	r.processes = append(r.processes, p)
	if _, twice := d.names.processes[p.Name]; !twice {
		d.names.processes[p.Name] = p
	}
}

var trackProcess = newTable([]Keyword[config.TrackProcess]{
	Custom("process", "<NAME> [<PARAM>...]", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Required: true,
		Doc: "Name of the process; with parameters the whole command line is compared.",
	}, func(d *decoder, p *config.TrackProcess, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if p.Process != "" {
			return d.duplicate(w, "Process already set for track process %n - ignoring %v")
		}
		p.Process, p.Params = w.Text, wordTexts(s.Words[2:])
		return true
	}),
	Custom("param_match", "[initial|partial]", Meta{
		Process: ProcVRRP, Default: "parameters not checked (exact if process has parameters)", Bare: "exact",
		Doc: "How parameters are compared; implies full_command.",
	}, func(d *decoder, p *config.TrackProcess, s *Line) bool {
		if len(s.Words) == 1 {
			p.Match = config.ParamExact
			return true
		}
		switch w := s.Words[1]; w.Text {
		case "initial":
			p.Match = config.ParamInitial
		case "partial":
			p.Match = config.ParamPartial
		default:
			return d.refuse(w, "Invalid param_match type "+w.Text+" - ignoring", "initial and partial are known")
		}
		return true
	}),
	Custom("weight", "<N> [reverse]", Meta{
		Process: ProcVRRP, Repeat: RepeatFirst, Range: "-254 to 254", Default: "0",
		Missing: "No weight specified for track process %n - ignoring",
		Bad:     "Weight (%v) for vrrp_track_process %n must be between [-254..254] inclusive. Ignoring...",
		Doc:     "Priority change; 0 means FAULT while the number of processes is wrong.",
	}, func(d *decoder, p *config.TrackProcess, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if p.Weight != 0 {
			return d.duplicate(w, "Weight already set for track process %n - ignoring %v")
		}
		n, ok := d.number(w, within(-254, 254).tolerant())
		if ok {
			p.Weight = int(n)
		}
		return d.reverseOption(s, &p.Reverse, "vrrp_track_process %n unknown weight option %v") && ok
	}),
	Custom("quorum", "<N>", Meta{
		Process: ProcVRRP, Range: "1-65535", Default: "1",
		Bad: "Quorum (%v) for vrrp_track_process %n must be between [1..65535] inclusive. Ignoring...",
		Doc: "Smallest number of processes.",
	}, func(d *decoder, p *config.TrackProcess, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, within(1, 65535).tolerant())
		if !ok {
			return false
		}
		if p.QuorumMax >= 0 && int(n) > p.QuorumMax {
			return d.refuse(w, "quorum is greater than quorum_max - ignoring", "")
		}
		p.Quorum = int(n)
		return true
	}),
	Custom("quorum_max", "<N>", Meta{
		Process: ProcVRRP, Range: "0-65535; not below quorum", Default: "unlimited",
		Bad: "quorum_max (%v) for vrrp_track_process %n must be between [0..65535] inclusive. Ignoring...",
		Doc: "Largest number of processes; 0 means that none may run.",
	}, func(d *decoder, p *config.TrackProcess, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, within(0, 65535).tolerant())
		if !ok {
			return false
		}
		if n == 0 && p.Quorum == 1 {
			// The quorum that there is by default, or as if it were.
			p.Quorum = 0
		}
		if int(n) < p.Quorum {
			return d.refuse(w, "quorum_max is less than quorum - ignoring", "")
		}
		p.QuorumMax = int(n)
		return true
	}),
	processDelay("delay", "Sets both delays.", func(p *config.TrackProcess, v time.Duration) { p.TerminateDelay, p.ForkDelay = v, v }),
	processDelay("terminate_delay", "Wait before a lost quorum counts.", func(p *config.TrackProcess, v time.Duration) { p.TerminateDelay = v }),
	processDelay("fork_delay", "Wait before a gained quorum counts.", func(p *config.TrackProcess, v time.Duration) { p.ForkDelay = v }),
	Flag("full_command", func(p *config.TrackProcess) *bool { return &p.FullCommand }, true, Meta{
		Process: ProcVRRP, Doc: "Compare the whole command line.",
	}),
})

func processDelay(name, doc string, set func(*config.TrackProcess, time.Duration)) Keyword[config.TrackProcess] {
	l := seconds(1, 3600e6)
	return newEntry(name, "<TIMER>", l.String(), Meta{
		Process: ProcVRRP, Default: "0", Doc: doc,
		Bad: name + " (%v) for vrrp_track_process %n must be between [0.000001..3600] inclusive. Ignoring...",
	}, func(d *decoder, p *config.TrackProcess, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v, ok := d.timer(w, l)
		if ok {
			set(p, v)
		}
		return ok
	})
}
