package diag

// Severity is how serious a finding is for the operator; check fails at or
// above its --fail-on.
type Severity uint8

// Severities, mildest first.
const (
	Note Severity = iota
	Warning
	Error
)

// String is the word that reports print: note, warning, error.
func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "unknown"
}

// Class is what keepalived does about a finding. It decides the exit status
// of -t: see List.ExitCode.
type Class uint8

// Classes of findings.
const (
	// ClassOwn is a finding that keepalived does not make: it never changes
	// the exit status of -t.
	ClassOwn Class = iota
	// ClassLog is logged by a running keepalived and not counted by -t.
	ClassLog
	// ClassConfig is an ordinary configuration error or warning: the line is
	// adjusted or ignored, the daemon goes on, -t exits 5.
	ClassConfig
	// ClassFatal is a configuration that cannot run: -t exits 4 unless a
	// finding of a higher class outranks it.
	ClassFatal
	// ClassSecurity is a script security violation: -t exits 6.
	ClassSecurity
	// ClassMissingParameter ends keepalived's reading process at once with
	// exit status 2. We go on reading and report everything.
	ClassMissingParameter
	// ClassInclude is a counted include error: the whole read fails with
	// exit status 6.
	ClassInclude
)

// FrameKind is what sort of step a Frame is.
type FrameKind uint8

// Kinds of steps.
const (
	// FrameInclude is an include line.
	FrameInclude FrameKind = iota
	// FrameExpansion is the use of a definition.
	FrameExpansion
	// FrameRepeat is a ~SEQ or ~LST.
	FrameRepeat
	// FrameRelated is no step: another place that the finding has to do with.
	FrameRelated
)

// Frame is one step of the way that led to a range: an include line, the use
// of a definition, or a replicator.
type Frame struct {
	Kind FrameKind
	// What is "included from", "in expansion of $NAME", "repeated by ~SEQ".
	What  string
	Range Range
}

// Diagnostic is one finding.
type Diagnostic struct {
	// Code is stable across releases: KA and four digits.
	Code     string
	Severity Severity
	Class    Class
	// Summary is one line, in keepalived's words where keepalived says it.
	Summary string
	// Effect is what happens because of it ("the line is ignored", "using
	// 1"), Hint how to mend it. Both may be empty.
	Effect, Hint string
	// Subject is the text the finding is about; Context the statement or
	// block around it, when that helps.
	Subject Range
	Context Range
	// Chain leads from Subject outwards: innermost step first.
	Chain []Frame
	// Logged is where keepalived names it, if that is not where Subject came
	// from: the closing brace, for what a whole block lacks.
	Logged Range
	// CausedBy is the subject of another finding that this one follows from:
	// braces that do not match make many. The text report only counts them.
	CausedBy Range
	// Unplaced findings are logged by keepalived without file and line,
	// although we know them.
	Unplaced bool
	// Machine marks facts of this host (interfaces, scripts, users), which
	// check --offline leaves out.
	Machine bool
}

// List is an ordered set of findings.
type List []Diagnostic

// Add appends d.
func (l *List) Add(d Diagnostic) { *l = append(*l, d) }

// Max returns the highest severity in the list and whether there is any.
func (l List) Max() (Severity, bool) {
	max, any := Note, false
	for i := range l {
		any = true
		if l[i].Severity > max {
			max = l[i].Severity
		}
	}
	return max, any
}

// Exit statuses of -t and of a daemon that cannot use its configuration.
const (
	ExitOK               = 0
	ExitMissingParameter = 2
	ExitFatal            = 4
	ExitConfig           = 5
	ExitSecurity         = 6
	ExitNoConfig         = 6
)

// ExitCode is the status that keepalived -t ends with for these findings: the
// highest class wins, so an ordinary error hides a fatal one (5 over 4) and a
// security violation hides both; a missing parameter or a counted include
// error ends the reading at once.
func (l List) ExitCode() int {
	var seen [ClassInclude + 1]bool
	for i := range l {
		c := l[i].Class
		seen[c] = true
		if c == ClassMissingParameter {
			return ExitMissingParameter
		}
		if c == ClassInclude {
			return ExitNoConfig
		}
	}
	switch {
	case seen[ClassSecurity]:
		return ExitSecurity
	case seen[ClassConfig]:
		return ExitConfig
	case seen[ClassFatal]:
		return ExitFatal
	}
	return ExitOK
}

// Unique is the list without findings that say the same about the same place.
func (l List) Unique() List {
	type key struct {
		code, summary string
		subject       Range
	}
	seen := make(map[key]bool, len(l))
	out := make(List, 0, len(l))
	for _, d := range l {
		k := key{d.Code, d.Summary, d.Subject}
		if !seen[k] {
			seen[k] = true
			out = append(out, d)
		}
	}
	return out
}
