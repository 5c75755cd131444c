package script

// Credentials is who a script runs as, in the kernel's numbers.
type Credentials struct {
	UID, GID uint32
	// Groups are the supplementary groups; empty: none at all.
	Groups []uint32
}

// Command is a script that has been resolved: what execve gets and who runs
// it.
type Command struct {
	// Path is the file that is executed: the real path, or the path as
	// written with use_symlink_paths.
	Path string
	// Args are the arguments, the program's name first, as written but for
	// "//", "/./" and "/../".
	Args []string
	// ReadFile is the path of a "</path" command, which runs nothing: it
	// succeeds when the user can open the file for reading. Path and Args are
	// then empty.
	ReadFile    string
	Credentials Credentials
	// Text is the command as written, for log lines.
	Text string
}
