// Package pcre gives a PCRE2 pattern its meaning on another engine: it reads
// the syntax of PCRE2 10.42 (pcre2pattern(3)) with the options that
// regex_options knows, and writes the same pattern in the syntax of regexp2,
// which is .NET's.
//
//	pattern, options -> parse -> nodes -> write -> regexp2 pattern without options
//
// The two look alike and differ in what operators meet in a health check:
// whether a character is a byte, what \d, \w, \b and [[:alpha:]] are, where ^
// and $ match, how groups are numbered, possessive quantifiers, \h, \R, \K,
// \Q..\E, (?|..), subroutines. So nothing is handed through: each set of
// characters is computed here and written out, each group gets its number, and
// options are resolved where they apply. What regexp2 cannot do is an error
// that names it, never a pattern that matches something else.
//
// Nothing here matches; a configuration can be checked without the engine.
package pcre
