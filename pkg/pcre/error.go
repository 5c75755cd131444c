package pcre

import "fmt"

// Error says why a pattern cannot be used.
type Error struct {
	// Offset is the place in the pattern, in characters from 0.
	Offset int
	// Text says what is wrong there.
	Text string
	// Unsupported: PCRE2 would take it, we do not.
	Unsupported bool
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s at offset %d", e.Text, e.Offset)
}

// fail ends parsing or writing with an error; Translate catches it.
func fail(at int, text string) { panic(&Error{Offset: at, Text: text}) }

// unsupported ends parsing or writing at what PCRE2 has and regexp2 has not.
func unsupported(at int, what string) {
	panic(&Error{Offset: at, Text: what + " is not supported", Unsupported: true})
}
