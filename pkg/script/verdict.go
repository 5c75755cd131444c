package script

// Finding is one thing that Resolve noticed about a script.
type Finding struct {
	Kind Kind
	// Line is the log line in keepalived's words.
	Line string
	// Component is the path that is at fault, when that is not the script
	// itself: a directory on the way, the interpreter.
	Component string
	// Detail says more than the line, Hint how to mend it; both may be empty.
	Detail, Hint string
}

// Kind is what a Finding is about.
type Kind uint8

// Kinds of findings. Those up to WrongType disable a script in any case,
// Unsafe only with enable_script_security.
const (
	UnknownUser Kind = iota
	NotFound
	NotExecutable
	WrongType
	Unsafe
	ResolvedByPath
	NoInterpreterLine
	MissingInterpreter
)

// Verdict is what Resolve thinks of a script.
type Verdict struct {
	Findings []Finding
	// Disabled scripts must not be run.
	Disabled bool
	// Insecure scripts run with privilege and can be changed by others.
	Insecure bool
	// Found is false for a script whose file or user does not exist.
	Found bool
}
