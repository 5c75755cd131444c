package config

import "strings"

// Script is an external command: the words after both tokenisers, and who
// runs it. It is executed directly, never through a shell.
type Script struct {
	// Args are the program and its arguments; Args[0] is as written.
	Args []string
	// Text is the command line as written, for messages.
	Text string
	// User runs it; nil for DefaultUser.
	User *ScriptUser
	// DefaultUser is script_user as it stood where the script was read; nil
	// before that line: then keepalived_script, else our own user.
	DefaultUser *ScriptUser
	// ReadFile is the path of a "</path" command: success means the file
	// can be opened for reading. Args is then empty.
	ReadFile string
}

// RunsAs is who runs the script as far as the configuration says; nil:
// keepalived_script, else our own user.
func (s *Script) RunsAs() *ScriptUser {
	if s.User != nil {
		return s.User
	}
	return s.DefaultUser
}

// ScriptUser is a user with an optional group, by name or number as written.
type ScriptUser struct {
	User, Group string
	// Supplementary asks for the user's supplementary groups too
	// (a group written with a leading colon, or set_supplementary_groups).
	Supplementary bool
}

// Quoted is the command with its words in single quotes, as JSON and SNMP show
// it.
func (s *Script) Quoted() string {
	if s.ReadFile != "" {
		return "'<" + s.ReadFile + "'"
	}
	words := make([]string, len(s.Args))
	for i, w := range s.Args {
		words[i] = "'" + w + "'"
	}
	return strings.Join(words, " ")
}
