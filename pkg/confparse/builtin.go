package confparse

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// randomMax is the greatest number of ${_RANDOM} without parameters.
const randomMax = 32767

// builtin is the value of a predefined name. Definitions of the file come
// before it.
func (r *reader) builtin(u use, at place) (text, bool) {
	least, most, ok := builtinBounds(u.name)
	if !ok {
		return text{}, false
	}
	if n := len(u.params); n < least || n > most {
		r.reportOnce(at, diag.CodeParameterCount,
			fmt.Sprintf("Definition %s requires between %d and %d parameters, %d specified.", u.name, least, most, n))
		return text{}, false
	}
	var s string
	switch u.name {
	case "_PWD":
		s = r.dir
	case "_INSTANCE":
		s = r.id
	case "_HASH":
		return text{s: "#", at: at, segs: []seg{{at: at, whole: true, literal: true}}}, true
	case "_BANG":
		return text{s: "!", at: at, segs: []seg{{at: at, whole: true, literal: true}}}, true
	case "_ENV":
		s, _ = r.set.getenv(strings.Clone(u.params[0]))
		if n := strings.IndexAny(s, "\n\x00"); n >= 0 {
			s = s[:n]
		}
	case "_RANDOM":
		var ok bool
		if s, ok = r.random(u, at); !ok {
			return text{}, false
		}
	}
	return text{s: s, at: at, segs: madeUp(s, at)}, true
}

// builtinBounds is how many parameters a predefined name takes.
func builtinBounds(name string) (least, most int, ok bool) {
	switch name {
	case "_PWD", "_INSTANCE", "_HASH", "_BANG":
		return 0, 0, true
	case "_RANDOM":
		return 0, 2, true
	case "_ENV":
		return 1, 1, true
	}
	return 0, 0, false
}

// random draws a number for ${_RANDOM [MIN [MAX]]}.
func (r *reader) random(u use, at place) (string, bool) {
	bounds := [2]uint64{0, randomMax}
	for i, p := range u.params {
		n, err := strconv.ParseUint(p, 10, 31)
		if err != nil {
			r.reportOnce(at, diag.CodeParameterNumber, "Definition "+u.name+" requires numeric parameters only.")
			return "", false
		}
		bounds[i] = n
	}
	lo, hi := bounds[0], bounds[1]
	if lo > hi {
		r.reportOnce(at, diag.CodeRandomRange, fmt.Sprintf("Definition %s: minimum %d is greater than maximum %d", u.name, lo, hi))
		hi = lo
	}
	return strconv.FormatUint(lo+r.rand.Uint64N(hi-lo+1), 10), true
}

// newRandom is the generator of ${_RANDOM}: the same seed gives every process
// that reads the configuration the same numbers.
func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }
