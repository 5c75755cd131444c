package confparse

import (
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// names are the blocks that others refer to by name; the first of a name
// wins.
type names struct {
	scripts   map[string]*scriptDraft
	files     map[string]named[*config.TrackFile]
	processes map[string]*config.TrackProcess
	bfd       map[string]named[*bfdDraft]
	instances map[string]*instanceDraft
	groups    map[string]*groupDraft
	trackers  map[string]*config.TrackGroup
	// links are the names of macvlan and ipvlan interfaces.
	links    map[string]*instanceDraft
	bfdPairs map[bfdPair]*bfdDraft
	// garp are the interfaces that are in a garp_group.
	garp map[string]bool
	// serverGroups is filled by finish.
	serverGroups map[string]*config.VirtualServerGroup
}

// named is a block that another pass may have read: it counts as known from
// its own line on.
type named[T any] struct {
	value T
	line  int
}

// known reports whether the block stands before the line being decoded.
func (n named[T]) known(d *decoder) bool { return n.line != 0 && n.line < d.next }

// trackKind is one of track_interface, track_script, track_file,
// track_process and track_bfd. The messages have %n for the instance or
// group, %o for the tracked object and %v for the word that is wrong.
type trackKind struct {
	name string
	what string
	// min and max are the limits of the weight; edge values just outside are
	// brought to the limit.
	limit       int64
	edge        bool
	noreverse   bool
	defaultText string

	duplicate, unknownOption, noValue, badWeight, weightOption string
	// find gives the weight of the object itself; false if it is not known.
	find func(d *decoder, name string) (weight int, reverse, ok bool)
	// notFound is said when find fails.
	notFound string
}

var (
	trackInterfaces = trackKind{
		name: "track_interface", what: "Interface to watch.", limit: 253, edge: true, defaultText: "0 (fault when down)",
		duplicate:     "(%n) duplicate track_interface %o - ignoring",
		unknownOption: "(%n) unknown track_interface %o option %v - ignoring",
		noValue:       "(%n) weight without value specified for track_interface %o - ignoring",
		badWeight:     "(%n) weight %v for %o must be between [-253..253] inclusive. Ignoring...",
		weightOption:  "(%n) unknown track_interace %o weight option %v - ignoring",
		find:          func(*decoder, string) (int, bool, bool) { return 0, false, true },
	}
	trackScripts = trackKind{
		name: "track_script", what: "Name of a vrrp_script that stands earlier.", limit: 253, edge: true, noreverse: true, defaultText: "script's weight",
		duplicate:     "(%n) duplicate track_script %o - ignoring",
		unknownOption: "(%n) unknown track script %o option %v - ignoring",
		noValue:       "(%n) weight without value specified for track script %o - ignoring",
		badWeight:     "(%n) track script %o: weight must be between [-253..253] inclusive, ignoring...",
		weightOption:  "(%n) unknown track_script %o weight option %v - ignoring",
		notFound:      "(%n) track script %o not found, ignoring...",
		find: func(d *decoder, name string) (int, bool, bool) {
			s, ok := d.names.scripts[name]
			if !ok {
				return 0, false, false
			}
			s.used = true
			return s.Weight, s.Reverse, true
		},
	}
	trackFiles = trackKind{
		name: "track_file", what: "Name of a track_file that stands earlier.", limit: 254, noreverse: true, defaultText: "file's weight",
		duplicate:     "(%n) duplicate track_file %o - ignoring",
		unknownOption: "(%n) unknown track file option %v - ignoring",
		noValue:       "(%n) weight without value specified for track file %o - ignoring",
		badWeight:     "(%n) weight for track file %o must be in [-254..254] inclusive. Ignoring...",
		weightOption:  "(%n) unknown track file %o weight option %v - ignoring",
		notFound:      "(%n) track file %o not found, ignoring...",
		find: func(d *decoder, name string) (int, bool, bool) {
			f := d.names.files[name]
			if !f.known(d) {
				return 0, false, false
			}
			return f.value.Weight, f.value.Reverse, true
		},
	}
	trackProcesses = trackKind{
		name: "track_process", what: "Name of a vrrp_track_process that stands earlier.", limit: 254, noreverse: true, defaultText: "process's weight",
		duplicate:     "(%n) duplicate track_process %o - ignoring",
		unknownOption: "(%n) unknown track process option %v - ignoring",
		noValue:       "(%n) weight without value specified for track process %o - ignoring",
		badWeight:     "(%n) weight for track process %o must be in [-254..254] inclusive. Ignoring...",
		weightOption:  "(%n) unknown track_process %o weight option %v - ignoring",
		notFound:      "(%n) track process %o not found, ignoring...",
		find: func(d *decoder, name string) (int, bool, bool) {
			p, ok := d.names.processes[name]
			if !ok {
				return 0, false, false
			}
			return p.Weight, p.Reverse, true
		},
	}
	trackBFDs = trackKind{
		name: "track_bfd", what: "Name of a bfd_instance that stands earlier.", limit: 253, noreverse: true, defaultText: "BFD weight",
		duplicate:     "(%n) duplicate track_bfd %o - ignoring",
		unknownOption: "(%n) unknown track bfd %o option %v - ignoring",
		noValue:       "(%n) weight without value specified for track bfd %o - ignoring",
		badWeight:     "(%n) weight for track bfd %o must be in [-253..253] inclusive. Ignoring...",
		weightOption:  "(%n) unknown track bfd %o weight option %v - ignoring",
		notFound:      "(%n) track bfd %o not found, ignoring...",
		find: func(d *decoder, name string) (int, bool, bool) {
			b := d.names.bfd[name]
			if !b.known(d) || b.value.checkerOnly() {
				return 0, false, false
			}
			return b.value.Weight, b.value.Reverse, true
		},
	}
)

func (k *trackKind) rows() specRows {
	word := "<NAME>"
	options := "[weight <N> [reverse|noreverse]]"
	if !k.noreverse {
		word, options = "<IFNAME>", "[weight <N> [reverse]]"
	}
	lim := "-" + strconv.FormatInt(k.limit, 10) + " to " + strconv.FormatInt(k.limit, 10)
	if k.edge {
		lim += "; -254 and 254 become -253 and 253 with a warning"
	}
	setting := "object's setting"
	if !k.noreverse {
		setting = "off"
	}
	rows := specRows{
		{Keyword: word, Meta: Meta{Args: options, Repeat: RepeatList, Process: ProcVRRP, OnBad: "the entry is ignored", Doc: k.what}},
		{Keyword: "weight", Meta: Meta{Args: "<N>", Range: lim, Default: k.defaultText, Process: ProcVRRP, Doc: "Priority change; 0 means FAULT instead."}},
		{Keyword: "reverse", Meta: Meta{Range: "after the weight value", Default: setting, Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Swap the direction of the change."}},
	}
	if k.noreverse {
		rows = append(rows, Spec{Keyword: "noreverse", Meta: Meta{Range: "after the weight value", Default: setting, Repeat: RepeatOnce, Process: ProcVRRP, Doc: "Do not swap the direction, whatever the object itself says."}})
	}
	return rows
}

// trackBlock is the keyword of one kind of tracking in a block of type T.
func trackBlock[T any](k *trackKind, field func(*T) *[]config.Track, m Meta) Keyword[T] {
	m.Process, m.Repeat, m.OnBad = ProcVRRP, RepeatMerge, "the entry is ignored"
	return ListBlock(k.name, k.rows(), m, func(d *decoder, t *T, s *Line) {
		list := field(t)
		if track, ok := k.read(d, s, *list); ok {
			*list = append(*list, track)
		}
	}, nil)
}

// say fills the message of a track kind.
func (k *trackKind) say(d *decoder, message, object, value string) string {
	return expand(expandObject(message, object), d.name(), k.name, value)
}

func (k *trackKind) read(d *decoder, s *Line, have []config.Track) (config.Track, bool) {
	name := s.Words[0].Text
	weight, reverse, ok := k.find(d, name)
	if !ok {
		if d.missed == nil {
			d.missed = map[string]bool{}
		}
		d.missed[name] = true
		d.report(s.Words[0], diag.Diagnostic{
			Code: codeReference, Severity: diag.Error, Class: diag.ClassConfig,
			Summary: k.say(d, k.notFound, name, ""), Effect: "it is not tracked", Hint: k.whereIs(d, name),
		})
		if k == &trackScripts {
			d.follows(d.goneScripts[name])
		}
		return config.Track{}, false
	}
	for i := range have {
		if have[i].Name == name {
			d.complain(s.Words[0], codeDuplicate, k.say(d, k.duplicate, name, ""), d.spec.OnBad, "")
			return config.Track{}, false
		}
	}
	track := config.Track{Name: name, Weight: weight, Reverse: reverse}
	track.Head = s.Range()
	track.Range = track.Head
	if len(s.Words) == 1 {
		return track, true
	}
	if w := s.Words[1]; w.Text != "weight" {
		d.complain(w, codeEntry, k.say(d, k.unknownOption, name, w.Text), d.spec.OnBad, "write: "+name+" weight <N>")
		return track, false
	}
	if len(s.Words) == 2 {
		d.complain(s, codeEntry, k.say(d, k.noValue, name, ""), d.spec.OnBad, "write: "+name+" weight <N>")
		return track, false
	}
	if n, ok := k.weight(d, s.Words[2], name, weight); ok {
		track.Weight = n
		track.Set = []config.Setting{{Keyword: "weight", Range: s.Range()}}
	}
	if len(s.Words) > 3 {
		switch w := s.Words[3]; {
		case w.Text == "reverse":
			track.Reverse = true
		case w.Text == "noreverse" && k.noreverse:
			track.Reverse = false
		default:
			d.complain(w, codeBadValue, k.say(d, k.weightOption, name, w.Text), "the word is ignored", "")
			// Files and BFD sessions drop the entry, the others keep it.
			return track, k != &trackFiles && k != &trackBFDs
		}
	}
	return track, true
}

// missedLike reports whether a tracker of nearly that name was looked for.
func (d *decoder) missedLike(name string) bool {
	if d.missed[name] {
		return true
	}
	for missed := range d.missed {
		if diag.Suggest(missed, []string{name}) != "" {
			return true
		}
	}
	return false
}

// whereIs says more about an object that was not found.
func (k *trackKind) whereIs(d *decoder, name string) string {
	for i := d.next; i < len(d.lines); i++ {
		l := &d.lines[i]
		if len(l.Words) > 1 && l.Words[1].Text == name {
			switch l.Words[0].Text {
			case "vrrp_script", "track_file", "vrrp_track_file", "vrrp_track_process", "bfd_instance":
				return "it must stand before the block that tracks it"
			}
		}
	}
	var candidates []string
	switch k {
	case &trackScripts:
		for _, s := range d.drafts.scripts {
			candidates = append(candidates, s.Name)
		}
	case &trackFiles:
		for _, f := range d.drafts.files {
			candidates = append(candidates, f.Name)
		}
	case &trackProcesses:
		for _, p := range d.drafts.processes {
			candidates = append(candidates, p.Name)
		}
	case &trackBFDs:
		for _, b := range d.drafts.bfd {
			candidates = append(candidates, b.Name)
		}
	}
	if best := diag.Suggest(name, candidates); best != "" {
		return "did you mean " + best + "?"
	}
	return ""
}

// weight reads a weight. A value just outside of the limits is brought to it;
// another bad one leaves the entry with the weight it has otherwise.
func (k *trackKind) weight(d *decoder, w Word, name string, fallback int) (int, bool) {
	limit := k.limit
	if k.edge {
		limit = 254
	}
	n, problem := d.readInteger(w, within(-limit, limit).tolerant())
	if problem != "" {
		d.complain(w, codeBadValue, k.say(d, k.badWeight, name, w.Text), problem+"; the entry has weight "+itoa(fallback),
			"write a number from -"+strconv.FormatInt(k.limit, 10)+" to "+strconv.FormatInt(k.limit, 10))
		return 0, false
	}
	if k.edge && (n == 254 || n == -254) {
		d.adjust(w, k.say(d, "(%n) weight for %o cannot be +/-254. Setting to +/-253", name, w.Text), "253 is used")
		n = n / 254 * 253
	}
	return int(n), true
}
