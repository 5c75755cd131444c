package daemon

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/checkcmd"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/statuscmd"
)

// Command is a subcommand of our own. It counts only as the first word after
// the name gokeepalived: under keepalived's name the options are everything.
type Command struct {
	Name string
	// Help is one line for the help text and the completion.
	Help string
	// Run gets the words after the name and returns the exit status.
	Run func(args []string) int
}

// commands are the subcommands in the order in which help shows them.
func commands() []Command {
	return []Command{
		{"check", "Check configurations and say what is wrong", func(args []string) int {
			defer collectRarely()()
			return checkcmd.Main(args, Version)
		}},
		{"status", "Say how the running daemon is doing, and why", statuscmd.Main},
		{"schema", "Print the keywords for programs", func(args []string) int {
			return checkcmd.Schema(args, os.Stdout, os.Stderr)
		}},
		{"version", "Print the version", func([]string) int {
			printVersion(os.Stdout)
			return ExitOK
		}},
		{"help", "Show all commands and options", func([]string) int {
			printHelp(os.Stdout)
			return ExitOK
		}},
	}
}

// CommandHelp is the line about each subcommand by its name.
func CommandHelp() map[string]string {
	out := map[string]string{}
	for _, c := range commands() {
		out[c.Name] = c.Help
	}
	return out
}

func printHelp(w io.Writer) {
	fmt.Fprintln(w, "Usage: gokeepalived COMMAND [OPTION...]   (--help after a COMMAND tells more)")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-*s%s\n", helpColumn-2, c.Name, c.Help)
	}
	fmt.Fprintln(w, "\nWithout a COMMAND it is the daemon, with keepalived's options:")
	printUsage(w, "gokeepalived")
}

// runCommand runs the subcommand that args begin with. A word that is none is
// refused: keepalived would ignore it and start, which nobody means who
// mistyped a command.
func runCommand(table []Command, args []string, stderr io.Writer) int {
	var names []string
	for _, c := range table {
		if c.Name == args[0] {
			return c.Run(args[1:])
		}
		names = append(names, c.Name)
	}
	fmt.Fprintf(stderr, "gokeepalived: unknown command %q", args[0])
	if near := diag.Suggest(args[0], names); near != "" {
		fmt.Fprintf(stderr, "; did you mean %s?", near)
	}
	fmt.Fprintf(stderr, "\n(commands: %s; the options of the daemon begin with -)\n", strings.Join(names, ", "))
	return ExitFatal
}
