package pcre

// node is a part of a pattern, with all options resolved.
type node interface{ isNode() }

// sequence is nodes one after the other, alternation is branches of which one
// matches.
type (
	sequence    []node
	alternation []sequence
)

// oneOf is one character.
type oneOf struct{ set charSet }

// written is what regexp2 has under another spelling. length is how many
// characters it takes, -1 if that varies.
type written struct {
	text   string
	length int
}

// failure is (*FAIL).
type failure struct{}

// emptyClass is [] with allow_empty_class; PCRE2 ignores its quantifier.
var emptyClass = written{"(?!)", -1}

// capture is a group with a number; the same number may occur several times.
type capture struct {
	number int
	body   alternation
}

// atomic gives nothing back once it matched.
type atomic struct{ body alternation }

// look is an assertion about what comes, or came before.
type look struct {
	at               int
	behind, negative bool
	body             alternation
}

// quantifier says how a repetition decides.
type quantifier int

const (
	greedy quantifier = iota
	lazy
	possessive
)

// repeat is body from least to most times; most -1 is no limit.
type repeat struct {
	body        node
	least, most int
	kind        quantifier
}

// reference is to a group, by number, or by name if that is not "".
type reference struct {
	at     int
	number int
	name   string
}

// backReference matches what the group matched.
type backReference struct {
	to       reference
	caseless bool
}

// call matches the group's pattern again, as a subroutine.
type call struct{ to reference }

// keep is \K: what matched so far is no part of the match.
type keep struct{ at int }

// conditionKind is what a condition is about.
type conditionKind int

const (
	groupSet conditionKind = iota
	inCall
	never // (?(DEFINE)
	looking
)

// conditional matches yes or no.
type conditional struct {
	at   int
	kind conditionKind
	to   reference // for groupSet; for inCall if anyCall is false
	// anyCall: (?(R), which is about no one group.
	anyCall bool
	look    look
	yes, no sequence
}

func (sequence) isNode()      {}
func (alternation) isNode()   {}
func (oneOf) isNode()         {}
func (written) isNode()       {}
func (failure) isNode()       {}
func (capture) isNode()       {}
func (atomic) isNode()        {}
func (look) isNode()          {}
func (repeat) isNode()        {}
func (backReference) isNode() {}
func (call) isNode()          {}
func (keep) isNode()          {}
func (conditional) isNode()   {}
