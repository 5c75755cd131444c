package confparse

import "github.com/gokeepalived/gokeepalived/pkg/diag"

// Process is the set of processes that use a setting.
type Process uint8

// Processes. ProcGlobal is the parent, or all of them.
const (
	ProcGlobal Process = 1 << iota
	ProcVRRP
	ProcChecker
	ProcBFD
)

var processNames = []string{"global", "bfd", "vrrp", "checker"}

// String lists the processes: "vrrp, checker".
func (p Process) String() string {
	out := ""
	for i, bit := range []Process{ProcGlobal, ProcBFD, ProcVRRP, ProcChecker} {
		if p&bit == 0 {
			continue
		}
		if out != "" {
			out += ", "
		}
		out += processNames[i]
	}
	return out
}

// Status is how far a keyword is acted on.
type Status uint8

// Statuses.
const (
	// StatusActed does what its documentation says.
	StatusActed Status = iota
	// StatusPending is checked and kept, but nothing acts on it yet.
	StatusPending
	// StatusNoEffect is accepted and changes nothing, by decision.
	StatusNoEffect
	// StatusUnsupported is accepted, and what it asks for will not happen.
	StatusUnsupported
)

// String is the word of the reference.
func (s Status) String() string {
	switch s {
	case StatusActed:
		return "done"
	case StatusPending:
		return "accepted, not acted on yet"
	case StatusNoEffect:
		return "accepted without effect"
	case StatusUnsupported:
		return "not supported"
	}
	return "unknown"
}

// Repeat is what a second line of the same keyword does.
type Repeat uint8

// Rules for repeated keywords.
const (
	// RepeatLast lets the last line win.
	RepeatLast Repeat = iota
	// RepeatOnce means that a repetition changes nothing.
	RepeatOnce
	// RepeatFirst refuses the second line with a message.
	RepeatFirst
	// RepeatList adds one item per line.
	RepeatList
	// RepeatMerge adds to what is there.
	RepeatMerge
)

// String is the word of the reference.
func (r Repeat) String() string {
	switch r {
	case RepeatLast:
		return "last-wins"
	case RepeatOnce:
		return "once"
	case RepeatFirst:
		return "first-wins"
	case RepeatList:
		return "list"
	case RepeatMerge:
		return "merge"
	}
	return "unknown"
}

// Reload is when a changed value takes effect.
type Reload uint8

// Effects of a reload.
const (
	// ReloadLive takes effect at the next reload.
	ReloadLive Reload = iota
	// ReloadRestart needs a restart; a reload that changes it is refused.
	ReloadRestart
	// ReloadStart is only looked at when the daemon starts.
	ReloadStart
)

// String is the word of the reference.
func (r Reload) String() string {
	switch r {
	case ReloadLive:
		return "reload"
	case ReloadRestart:
		return "restart"
	case ReloadStart:
		return "start only"
	}
	return "unknown"
}

// Meta is what a keyword says about itself beyond its name and syntax. Every
// string may be empty.
type Meta struct {
	// Doc is one sentence: what the keyword is for.
	Doc string
	// Default is the value without the keyword, Bare the value of the keyword
	// without its optional argument.
	Default, Bare string
	// Args and Range replace what the kind would say.
	Args, Range string
	// OnBad is what happens with a value that is refused, when that is not
	// "the line is ignored".
	OnBad string
	// Bad is what keepalived says about a refused value: %v is the value, %n
	// the name of the block, %k the keyword. Missing is what it says when the
	// argument is missing; without it that is fatal to keepalived.
	Bad, Missing string
	// Alias names the keyword that this one is another spelling of.
	Alias string
	// Deprecated is the complaint that keepalived makes about every use, or a
	// word on what to write instead; LogOnly says that it does not count.
	Deprecated string
	LogOnly    bool
	// Required keywords make the block useless when they are missing.
	Required bool
	Repeat   Repeat
	Process  Process
	Status   Status
	Reload   Reload
	// Since is the first version that has it, when older ones are in use.
	Since string
	// Ref names the specification.
	Ref string
}

// Spec is one row of the table of keywords, as plain data.
type Spec struct {
	// Block is the path from the top level, as "vrrp_instance/track_script",
	// "" for the top level, "(parser)" for what may stand on any line.
	Block, Keyword string
	// Item marks words that a block reads by itself: the parts of an address
	// line, the entries of a list.
	Item bool
	Meta
}

// Keywords is the whole table, in the order of the manual.
func Keywords() []Spec {
	specs := append([]Spec(nil), parserSpecs()...)
	return append(specs, topLevel.specs("")...)
}

// Unacted reports whether a finding of Load says that a keyword of the file is
// not acted on. keepalived makes no such finding, but nobody may be left
// without it.
func Unacted(f diag.Diagnostic) bool {
	return f.Code == codePending || f.Code == codeUnsupported || f.Code == codeNoEffect
}
