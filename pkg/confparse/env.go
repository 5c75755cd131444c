package confparse

import "time"

// Env is what a configuration may depend on besides its files.
type Env struct {
	// ConfigID is what @ID lines compare with (option -i). Empty means
	// HostName up to its first dot.
	ConfigID string
	// HostName is the node name as uname gives it.
	HostName string
	// WorkDir is the absolute path that relative names start from.
	WorkDir string
	// Getenv looks up ${_ENV NAME}; nil for an empty environment.
	Getenv func(name string) (value string, ok bool)
	// Now seeds ${_RANDOM}.
	Now time.Time
	// IncludeCheckAll starts with every include check on (option -e).
	IncludeCheckAll bool
	// Test is set for -t and check: numbers with trailing junk are refused,
	// which a running daemon uses with a warning.
	Test bool
	// Reload is set when a running daemon reads its configuration again.
	Reload bool
	// Reported is set when another process has read the same before and has
	// reported what it found: what we would only advise is not looked for.
	Reported bool
}

// ID is the config id: ConfigID or the short host name.
func (e Env) ID() string {
	if e.ConfigID != "" {
		return e.ConfigID
	}
	for i := range len(e.HostName) {
		if e.HostName[i] == '.' {
			return e.HostName[:i]
		}
	}
	return e.HostName
}
