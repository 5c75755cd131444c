package daemon

import "strings"

// FlagInfo is one option of the command line as plain data, for completion and
// manuals.
type FlagInfo struct {
	// Short is one letter or "", Long the name without dashes.
	Short, Long string
	// Argument is what the usage calls the argument, "" for none. An Optional
	// one must be attached.
	Argument string
	Optional bool
	// Help is one line.
	Help string
}

// Flags are the options that the usage shows, in its order.
func Flags() []FlagInfo {
	var out []FlagInfo
	for _, f := range flagTable() {
		if f.hidden {
			continue
		}
		info := FlagInfo{Long: f.long, Argument: f.arg, Optional: f.takes == optionalArgument, Help: strings.ReplaceAll(f.help, "\n", " ")}
		if f.short != 0 {
			info.Short = string(f.short)
		}
		out = append(out, info)
	}
	return out
}
