package confparse

// parserSpecs are the words that the reader understands on any line, for the
// reference.
func parserSpecs() []Spec {
	row := func(word, args, limits, value, doc string) Spec {
		return Spec{Block: "(parser)", Keyword: word, Item: true, Meta: Meta{
			Args: args, Range: limits, Default: value, Repeat: RepeatList, Process: ProcGlobal, Doc: doc,
		}}
	}
	define := row("$<NAME>=", "[<VALUE>]", "name [A-Za-z_][A-Za-z0-9_]*; no blank before =", "", "Define a parameter; a backslash at the end starts a value of several lines.")
	define.Repeat = RepeatLast
	return []Spec{
		row("include", "<GLOB>", "", "", "Read the matching files here; they are looked for beside the file with this line."),
		row("includer", "<GLOB>", "", "", "include that fails if a match cannot be read."),
		row("includem", "<GLOB>", "", "", "includer that fails if a name without wildcards matches nothing."),
		row("includew", "<GLOB>", "", "", "includem that fails if a wildcard matches nothing."),
		row("includeb", "<GLOB>", "", "", "includer that fails if any alternative in braces matches nothing."),
		row("includea", "<GLOB>", "", "", "include with all checks."),
		row("@<ID>", "<LINE>", "", "config id = -i option or first label of the node name", "Keep the rest of the line only if the config id is ID."),
		row("@^<ID>", "<LINE>", "", "", "Keep the rest of the line only if the config id is not ID."),
		define,
		row("$<NAME>", "", "", "undefined: text stays as written", "Replaced by the value when a blank, comma, closing parenthesis or the end of the line follows."),
		row("${<NAME>}", "", "", "undefined: text stays as written", "Replaced by the value anywhere in the line, at the time of use."),
		row("${_PWD}", "", "", "", "Directory of the file that is being read."),
		row("${_INSTANCE}", "", "", "", "The config id."),
		row("${_RANDOM}", "[<MIN> [<MAX>]]", "0-", "0 and 32767", "A random integer from MIN to MAX."),
		row("${_ENV}", "<VARNAME>", "", "unset variable = empty", "Value of an environment variable."),
		row("${_HASH}", "", "", "", "The character #."),
		row("${_BANG}", "", "", "", "The character !."),
		row("~SEQ", "(<VAR>,[<START>,[<STEP>,]]<END>)<LINE>", "C longs, base 0", "STEP +-1; START 1 (or -1 if END negative)", "Repeat the rest of the line for each value of VAR."),
		row("~SEQx", "(<VAR>,[<START>,[<STEP>,]]<END>)<LINE>", "non-negative longs", "as ~SEQ", "As ~SEQ, with the value in lower-case hexadecimal."),
		row("~LST", "(<VAR>,<VAL>...)<LINE> or ({<VAR>...},{<VAL>...}...)<LINE>", "", "missing values = empty", "Repeat the rest of the line for each value or tuple of values."),
		row("#", "", "", "", "Comment to the end of the line, unless in double quotes or after a backslash."),
		row("!", "", "", "", "Comment to the end of the line, unless in double quotes or after a backslash."),
	}
}
