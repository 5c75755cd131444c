package daemon

import "strings"

// argument says whether an option takes an argument.
type argument uint8

const (
	noArgument argument = iota
	requiredArgument
	// optionalArgument must be attached: -tFILE, --config-test=FILE.
	optionalArgument
)

// flag is one option. Either name may be missing (0, "").
type flag struct {
	short byte
	long  string
	takes argument
	// arg is the argument's name in the help text.
	arg  string
	help string
	// set is called when the option is met. It returns false to end the
	// reading of options.
	set func(p *optionReader, arg string) bool
	// hidden options are not in the help text.
	hidden bool
}

// getopt walks words by the rules of getopt_long(3): options and other words
// may be mixed, short options may be bundled, optional arguments must be
// attached, long names may be cut as long as they are unique, "--" ends the
// options.
type getopt struct {
	flags []flag
	// unknown and missing get the option as keepalived prints it: "-Q",
	// "--nosuch".
	unknown, missing func(option string)
	// found is called for each option; position is the index of its word. It
	// returns false to stop.
	found func(f *flag, arg string, position int) bool
}

// parse returns the words that are not options.
func (g *getopt) parse(words []string) (rest []string) {
	for i := 0; i < len(words); i++ {
		word := words[i]
		next := func() (string, bool) {
			if i+1 >= len(words) {
				return "", false
			}
			i++
			return words[i], true
		}
		switch {
		case word == "--":
			return append(rest, words[i+1:]...)
		case strings.HasPrefix(word, "--"):
			if !g.long(word, i, next) {
				return rest
			}
		case len(word) > 1 && word[0] == '-':
			if !g.bundle(word, i, next) {
				return rest
			}
		default:
			rest = append(rest, word)
		}
	}
	return rest
}

func (g *getopt) long(word string, position int, next func() (string, bool)) bool {
	name, arg, attached := strings.Cut(word[2:], "=")
	f := g.match(name)
	if f == nil || attached && f.takes == noArgument {
		g.unknown(word)
		return true
	}
	if f.takes == requiredArgument {
		if !attached {
			arg, _ = next()
		}
		if arg == "" {
			g.missing("--" + f.long)
			return true
		}
	}
	return g.found(f, arg, position)
}

// match finds a long option by its name or by a part that begins no other.
func (g *getopt) match(name string) *flag {
	var found *flag
	begins := 0
	for i := range g.flags {
		f := &g.flags[i]
		switch {
		case name == "" || f.long == "":
		case f.long == name:
			return f
		case strings.HasPrefix(f.long, name):
			found = f
			begins++
		}
	}
	if begins != 1 {
		return nil
	}
	return found
}

func (g *getopt) bundle(word string, position int, next func() (string, bool)) bool {
	for j := 1; j < len(word); j++ {
		f := g.short(word[j])
		if f == nil {
			g.unknown("-" + word[j:j+1])
			continue
		}
		arg, attached := "", false
		if f.takes != noArgument && j+1 < len(word) {
			arg, attached = word[j+1:], true
		}
		if f.takes == requiredArgument && !attached {
			var ok bool
			if arg, ok = next(); !ok {
				g.missing("-" + string(f.short))
				return true
			}
		}
		if !g.found(f, arg, position) {
			return false
		}
		if attached {
			break
		}
	}
	return true
}

func (g *getopt) short(c byte) *flag {
	for i := range g.flags {
		if g.flags[i].short == c {
			return &g.flags[i]
		}
	}
	return nil
}
