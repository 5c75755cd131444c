package diag

// CodeInfo explains one code: check prints it on request, SARIF carries it as
// the rule.
type CodeInfo struct {
	Code string
	// Title names the finding in a few words.
	Title string
	// Meaning says what it is and what keepalived does about it, Mend how to
	// put it right.
	Meaning, Mend string
}

// Codes of the configuration language below the keywords, KA0001 to KA0199.
// KA0200 to KA0999 belong to the keyword tables and the checks across blocks,
// which keep their own table in the same form.
const (
	CodeMainMissing  = "KA0001"
	CodeMainUnusable = "KA0002"
	CodeManyMains    = "KA0003"

	CodeLineTooLong   = "KA0010"
	CodeNUL           = "KA0011"
	CodeByteOrderMark = "KA0012"
	CodeNoBreakSpace  = "KA0013"

	CodeUnterminatedQuote = "KA0020"
	CodeUnmatchedQuote    = "KA0021"

	CodeIncludeMissing   = "KA0030"
	CodeIncludeNoMatch   = "KA0031"
	CodeIncludeSome      = "KA0032"
	CodeIncludeDirectory = "KA0033"
	CodeIncludeKind      = "KA0034"
	CodeIncludeOpen      = "KA0035"
	CodeIncludeLoop      = "KA0036"
	CodeIncludeDepth     = "KA0037"
	CodeIncludeCheck     = "KA0038"
	CodeIncludeCheckDup  = "KA0039"
	CodeIncludeReadable  = "KA0040"

	CodeDefinitionLoop       = "KA0050"
	CodeExpansionTooLong     = "KA0051"
	CodeTooManyExpansions    = "KA0052"
	CodeParameterCount       = "KA0053"
	CodeParameterNumber      = "KA0054"
	CodeRandomRange          = "KA0055"
	CodeUnknownDefinition    = "KA0056"
	CodeUnfinishedDefinition = "KA0057"
	CodeLiteralComment       = "KA0058"
	CodeConditionalLines     = "KA0059"

	CodeSequence     = "KA0060"
	CodeListBlock    = "KA0061"
	CodeTooManyLines = "KA0062"

	CodeLoneCondition = "KA0063"
)

// LanguageCodes explains the codes KA0001 to KA0199.
func LanguageCodes() []CodeInfo {
	return []CodeInfo{
		{CodeMainMissing, "Main configuration file missing",
			"The file given with -f, or the default one, does not exist. keepalived -t says so and exits 0; gokeepalived -t exits 4.",
			"Create the file or name another one with -f."},
		{CodeMainUnusable, "Main configuration file cannot be read",
			"It is a directory, not a regular file, has an execute bit, or may not be opened.",
			"Name a plain file that this user may read, without execute permission: chmod a-x FILE."},
		{CodeManyMains, "Several main configuration files",
			"The pattern given with -f matches more than one file. They are read one after the other, which counts as an error.",
			"Name one file and let it include the others."},
		{CodeLineTooLong, "Line too long",
			"A line may have 1022 bytes. keepalived drops the first 1023 bytes of a longer one and takes the rest for a line of its own.",
			"Split the line, or put parts of it into a definition."},
		{CodeNUL, "NUL byte in a line",
			"The line is ignored. Such files often are UTF-16 or were damaged.",
			"Save the file as UTF-8 without NUL bytes."},
		{CodeByteOrderMark, "Byte order mark",
			"The file starts with a UTF-8 byte order mark, which keepalived takes for a part of the first word: that keyword is then unknown.",
			"Save the file as UTF-8 without a byte order mark."},
		{CodeNoBreakSpace, "No-break space",
			"A line starts with a space that is not the ordinary one, as text copied from web pages has. keepalived takes it for a letter, so the keyword is unknown. Reported once per file.",
			"Replace the no-break spaces of the file by ordinary ones."},
		{CodeUnterminatedQuote, "Unterminated quote",
			"The line has an odd number of double quotes. The words before the last one are used, the rest is dropped.",
			"Add the missing quote. A quote inside a quoted script needs a backslash."},
		{CodeUnmatchedQuote, "Unmatched quote",
			"A quoted word does not end: outside of script commands a backslash does not protect a double quote. The words before it are used.",
			"Leave out the quote inside the value, or the backslash before it."},
		{CodeIncludeMissing, "Included file missing",
			"A name without wildcards, or a directory in front of one, does not exist. Nothing is included. includem and includea, include_check match and option -e make it fatal.",
			"Create the file, mend the name (it is relative to the directory of the file that includes it), or use a wildcard if it may be absent."},
		{CodeIncludeNoMatch, "Include pattern without a match",
			"No file matches the wildcard. Fatal with includew, includea, include_check wildcard_match or option -e, else silent.",
			"Mend the pattern, or use include or includem if there may be no file."},
		{CodeIncludeSome, "Some included files missing",
			"Some alternatives of a brace pattern do not exist. The others are included, unless brace_match is checked: then none is and the read fails.",
			"Create the missing files or take them out of the braces."},
		{CodeIncludeDirectory, "Included file is a directory",
			"It is skipped; fatal with every form but plain include.",
			"Add a pattern for the files in it: DIRECTORY/*.conf."},
		{CodeIncludeKind, "Included file is not a plain file",
			"Only regular files without any execute bit are read. Fatal with every form but plain include.",
			"chmod a-x FILE, or leave it out of the pattern."},
		{CodeIncludeOpen, "Included file cannot be read",
			"It is skipped; fatal with every form but plain include.",
			"Give the user that runs keepalived permission to read it."},
		{CodeIncludeLoop, "File includes itself",
			"keepalived reads such a file again and again until it runs out of file descriptors. gokeepalived skips the inner include.",
			"Remove the include that closes the circle."},
		{CodeIncludeDepth, "Includes nested too deep",
			"More files include each other than gokeepalived follows. The innermost is skipped.",
			"Include the files side by side instead of in a row."},
		{CodeIncludeCheck, "Unknown include_check type",
			"The word is ignored.",
			"Types are read, match, wildcard_match and brace_match; a + or - in front adds or removes one."},
		{CodeIncludeCheckDup, "Duplicate include_check type",
			"The first type without a sign sets the checks, later ones need + or -. The word is ignored.",
			"Write +TYPE to add a check."},
		{CodeIncludeReadable, "include_check readable",
			"The man page calls this type readable, but keepalived only knows read. gokeepalived takes both.",
			"Write read."},
		{CodeDefinitionLoop, "Definition refers to itself",
			"Its value uses its own name, directly or through others. keepalived hangs on it or fills the line; gokeepalived ignores the lines that use it.",
			"Take the name out of its own value."},
		{CodeExpansionTooLong, "Substitution too long",
			"The line would become longer than 1023 bytes. The name stays in the line as text; keepalived says so only in its log.",
			"Shorten the value, or make it a multi-line definition."},
		{CodeTooManyExpansions, "Too many substitutions in a line",
			"Definitions refer to each other so often that the line does not end. The rest of the names stay as text.",
			"Simplify the definitions."},
		{CodeParameterCount, "Wrong number of parameters",
			"A built-in name has too few or too many parameters. It stays as text, and its braces count as block braces.",
			"${_RANDOM [MIN [MAX]]} takes none to two, ${_ENV NAME} exactly one, the others none."},
		{CodeParameterNumber, "Parameter is not a number",
			"The parameters of ${_RANDOM} are decimal numbers from 0. It stays as text, and its braces count as block braces.",
			"Write ${_RANDOM MIN MAX} with two numbers."},
		{CodeRandomRange, "Empty range of ${_RANDOM}",
			"MIN is greater than MAX. MIN is used.",
			"Swap the numbers."},
		{CodeUnknownDefinition, "Unknown definition",
			"No definition of that name has been made up to this line. The name stays as text; outside double quotes the braces of ${NAME} then count as block braces.",
			"Define the name before this line: $NAME=VALUE, without a blank before the =."},
		{CodeUnfinishedDefinition, "Definition not finished",
			"The last line of the file ends in a backslash, which asks for a further line of the definition.",
			"Remove the backslash."},
		{CodeLiteralComment, "Literal # or !",
			"${_HASH} and ${_BANG}, and \\# and \\! in a line with definitions, stand for the character itself, as the man page says. keepalived starts a comment there.",
			"Put the value into double quotes: then both read the same."},
		{CodeConditionalLines, "Lines of a definition left out",
			"The first line of a multi-line definition has a condition that is not met. gokeepalived leaves out the whole definition; keepalived only its first line, and reads the others as statements.",
			"Put the condition on every line of the value, or define both variants under different names."},
		{CodeSequence, "Invalid ~SEQ",
			"The line is ignored.",
			"~SEQ(VAR, [START, [STEP,]] END) TEXT; STEP leads from START towards END; ~SEQx takes no negative numbers."},
		{CodeListBlock, "Invalid ~LST",
			"The line is ignored.",
			"~LST(VAR, VALUE, ...) TEXT or ~LST({VAR, ...}, {VALUE, ...}, ...) TEXT, with no more values than variables in a group."},
		{CodeTooManyLines, "Configuration grows too large",
			"Replicators and definitions make more lines than gokeepalived reads. The rest of the repetition is left out.",
			"Repeat less."},
		{CodeLoneCondition, "A condition with nothing behind it",
			"A word that starts with @ at the start of a line is a condition on the rest of the line. Without a rest the line says nothing, whatever the config id.",
			"If it is a placeholder such as @VIP@, fill it in; else write the statement behind it, or delete the line."},
	}
}

// Explain finds a code in the tables.
func Explain(code string, tables ...[]CodeInfo) (CodeInfo, bool) {
	for _, t := range tables {
		for _, c := range t {
			if c.Code == code {
				return c, true
			}
		}
	}
	return CodeInfo{}, false
}
