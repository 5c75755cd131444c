package confparse

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// limits are the bounds of a number and what happens outside of them.
type limits struct {
	min, max int64
	// junk after the digits ("10x") is an error to -t; a running keepalived
	// uses the digits all the same when lenient.
	lenient bool
	// zero becomes 1, with the message.
	zero string
	// low and high are keepalived's messages when numbers outside of the
	// bounds are brought to the nearer one.
	low, high string
	// use is the value that replaces a refused one.
	use *int64
}

func within(lo, hi int64) limits { return limits{min: lo, max: hi} }

func (l limits) tolerant() limits { l.lenient = true; return l }

// zeroIsOne accepts 0 and makes it 1, saying so.
func (l limits) zeroIsOne(message string) limits { l.zero = message; return l }

// orElse replaces a refused value by v instead of keeping the old one.
func (l limits) orElse(v int64) limits { l.use = &v; return l }

// clamped brings values outside of the bounds to the nearer one.
func (l limits) clamped(low, high string) limits { l.low, l.high = low, high; return l }

func (l limits) String() string {
	s := fmt.Sprintf("%d-%d", l.min, l.max)
	if l.min < 0 && l.max < math.MaxInt32 {
		s = fmt.Sprintf("%d to %d", l.min, l.max)
	}
	if l.zero != "" {
		s += "; 0 becomes 1 with a warning"
	}
	return s
}

type integer interface {
	~int | ~int32 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Number is a keyword with one whole number. A nil field only checks it.
func Number[T any, N integer](name string, field func(*T) *N, l limits, m Meta) Keyword[T] {
	return newEntry(name, "<N>", l.String(), m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, l)
		if ok && field != nil {
			*field(t) = N(n)
		}
		return ok
	}).shows(showNumber(field))
}

func showNumber[T any, N integer](field func(*T) *N) func(*T) string {
	if field == nil {
		return nil
	}
	return func(t *T) string { return fmt.Sprint(*field(t)) }
}

// showTime writes a duration as a number of units.
func showTime[T any](field func(*T) *time.Duration, unit time.Duration) func(*T) string {
	if field == nil {
		return nil
	}
	return func(t *T) string {
		return strconv.FormatFloat(float64(*field(t))/float64(unit), 'f', -1, 64)
	}
}

// OptionalNumber is a Number whose argument may be left out.
func OptionalNumber[T any, N integer](name string, field func(*T) *N, l limits, bare int64, m Meta) Keyword[T] {
	m.Bare = strconv.FormatInt(bare, 10)
	return newEntry(name, "[<N>]", l.String(), m, func(d *decoder, t *T, s *Line) bool {
		n, ok := bare, true
		if len(s.Words) > 1 {
			n, ok = d.number(s.Words[1], l)
		}
		if ok && field != nil {
			*field(t) = N(n)
		}
		return ok
	}).shows(showNumber(field))
}

// Span is a keyword with a whole number of units of time.
func Span[T any](name string, field func(*T) *time.Duration, l limits, unit time.Duration, m Meta) Keyword[T] {
	args, suffix := "<SECS>", " s"
	if unit == time.Microsecond {
		args, suffix = "<USECS>", " us"
	}
	return newEntry(name, args, l.String()+suffix, m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		n, ok := d.number(w, l)
		if ok && field != nil {
			*field(t) = duration(uint64(n), unit)
		}
		return ok
	}).shows(showTime(field, unit))
}

// duration is n units, or the longest duration there is.
func duration(n uint64, unit time.Duration) time.Duration {
	if n > uint64(math.MaxInt64)/uint64(unit) {
		return math.MaxInt64
	}
	return time.Duration(n) * unit
}

// number reads w; a refused one is reported, and false unless another value
// takes its place.
func (d *decoder) number(w Word, l limits) (int64, bool) {
	n, problem := d.readInteger(w, l)
	if problem == "" {
		if n == 0 && l.zero != "" {
			d.adjust(w, expand(l.zero, d.name(), d.spec.Keyword, w.Text), "1 is used")
			return 1, true
		}
		return n, true
	}
	bad := d.spec.Bad
	if bad == "" {
		bad = "%k '%v' invalid - ignoring"
	}
	if l.low != "" && outside(w.Text, n, l) {
		words, to := l.low, l.min
		if n > l.max {
			words, to = l.high, l.max
		}
		d.adjust(w, expand(words, d.name(), d.spec.Keyword, w.Text), fmt.Sprintf("%d is used", to))
		return to, true
	}
	d.refuse(w, expand(bad, d.name(), d.spec.Keyword, w.Text), problem)
	if l.use != nil {
		return *l.use, true
	}
	return 0, false
}

// outside reports whether a refused word is a number at all, beyond the limits.
func outside(word string, n int64, l limits) bool {
	_, rest, over := scanInteger(word)
	return rest == "" && (over || n < l.min || n > l.max)
}

// readInteger reads w within the limits. problem is what is wrong with it, in
// keepalived's words; n is then the number outside of the limits, or 0.
func (d *decoder) readInteger(w Word, l limits) (n int64, problem string) {
	n, rest, over := scanInteger(w.Text)
	kind := "integer"
	if l.min >= 0 {
		kind = "unsigned integer"
	}
	digits := strings.TrimLeft(w.Text, " \t\n\v\f\r")
	switch {
	case l.min >= 0 && strings.HasPrefix(digits, "-"):
		return 0, "negative number '" + w.Text + "'"
	case rest != "":
		if !l.lenient || d.env.Test || rest == w.Text || over || n < l.min || n > l.max {
			return 0, "invalid number '" + w.Text + "'"
		}
		d.adjust(w, "WARNING - invalid number '"+w.Text+"'", fmt.Sprintf("%d is used", n))
		return n, ""
	case over, l.min >= 0 && n > math.MaxUint32 && l.max <= math.MaxUint32,
		l.min < 0 && (n > math.MaxInt32 || n < math.MinInt32) && l.max <= math.MaxInt32:
		return n, fmt.Sprintf("number '%s' outside %s range", w.Text, kind)
	case n < l.min || n > l.max:
		return n, fmt.Sprintf("number '%s' outside range [%d, %d]", w.Text, l.min, l.max)
	}
	return n, ""
}

// scanInteger reads a decimal number as the C library does: blanks and a sign
// in front, "" is 0. rest is what follows the digits, the whole word if there
// are none; over says that the number does not fit.
func scanInteger(word string) (n int64, rest string, over bool) {
	i := 0
	for i < len(word) && isSpace(word[i]) {
		i++
	}
	negative := false
	if i < len(word) && (word[i] == '+' || word[i] == '-') {
		negative = word[i] == '-'
		i++
	}
	start := i
	for ; i < len(word) && '0' <= word[i] && word[i] <= '9'; i++ {
		digit := int64(word[i] - '0')
		if n > (math.MaxInt64-digit)/10 {
			over, n = true, math.MaxInt64
			continue
		}
		if !over {
			n = n*10 + digit
		}
	}
	if negative {
		n = -n
	}
	if i == start {
		return 0, word, false
	}
	return n, word[i:], over
}

// Decimal is a keyword with a time that may have decimals.
type decimal struct {
	// min and max are in microseconds.
	min, max uint64
	// places is how many decimals the unit allows.
	places int
	// unit is what the number counts: seconds, or milliseconds.
	unit time.Duration
	// zero becomes one unit, with the message.
	zero string
	// use replaces a refused value; keep says that there is one.
	use  time.Duration
	keep bool
}

// seconds is a time in seconds with up to six decimals.
func seconds(minMicros, maxMicros uint64) decimal {
	return decimal{min: minMicros, max: maxMicros, places: 6, unit: time.Second}
}

func (l decimal) orElse(v time.Duration) decimal { l.use, l.keep = v, true; return l }

func (l decimal) zeroIsOne(message string) decimal { l.zero = message; return l }

// bound writes microseconds as a number of units with all places.
func (l decimal) bound(micros uint64) string {
	per := uint64(l.unit / time.Microsecond)
	whole, part := micros/per, micros%per
	width := len(strconv.FormatUint(per, 10)) - 1
	frac := fmt.Sprintf("%0*d", width, part)
	return fmt.Sprintf("%d.%s", whole, frac[:min(l.places, width)])
}

func (l decimal) String() string {
	short := func(micros uint64) string {
		s := l.bound(micros)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	unit := " s"
	if l.unit == time.Millisecond {
		unit = " ms"
	}
	if l.max == math.MaxUint64-1 {
		return short(l.min) + " or more" + unit
	}
	return short(l.min) + "-" + short(l.max) + unit
}

// Timer is a keyword with a time that may have decimals. A nil field only
// checks it.
func Timer[T any](name string, field func(*T) *time.Duration, l decimal, m Meta) Keyword[T] {
	args := "<TIMER>"
	if l.unit == time.Millisecond {
		args = "<MS>"
	}
	return newEntry(name, args, l.String(), m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v, ok := d.timer(w, l)
		if ok && field != nil {
			*field(t) = v
		}
		return ok
	}).shows(showTime(field, l.unit))
}

// timer reads w; a refused one is reported, and false unless another value
// takes its place.
func (d *decoder) timer(w Word, l decimal) (time.Duration, bool) {
	micros, cut, problem := readDecimal(w.Text, l)
	if cut != 0 && problem == "" {
		used := l.bound(micros)
		d.adjust(w, "number '"+w.Text+"' has too many decimal places", used+" is used")
	}
	if problem != "" {
		bad := d.spec.Bad
		if bad == "" {
			bad = "%k '%v' is invalid"
		}
		d.refuse(w, expand(bad, d.name(), d.spec.Keyword, w.Text), problem)
		return l.use, l.keep
	}
	if micros == 0 && l.zero != "" {
		d.adjust(w, expand(l.zero, d.name(), d.spec.Keyword, w.Text), "1 is used")
		return l.unit, true
	}
	return duration(micros, time.Microsecond), true
}

// readDecimal reads a number of units as microseconds: digits with at most
// one point, no exponent, rounded half up to the places; cut is how many
// decimals were too many. problem is what is wrong with it.
func readDecimal(word string, l decimal) (micros uint64, cut int, problem string) {
	i := 0
	for i < len(word) && isSpace(word[i]) {
		i++
	}
	if i < len(word) && word[i] == '-' {
		return 0, 0, "negative number '" + word + "'"
	}
	if i < len(word) && word[i] == '+' {
		i++
	}
	const enough = math.MaxUint64 / 100
	var n uint64
	digits, decimals, point, over := 0, 0, false, false
	up := false
	for ; i < len(word); i++ {
		c := word[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits++
		if point && decimals == l.places {
			if cut == 0 {
				up = c >= '5'
			}
			cut++
			continue
		}
		if n > enough {
			over = true
		} else {
			n = n*10 + uint64(c-'0')
		}
		if point {
			decimals++
		}
	}
	scale := uint64(l.unit / time.Microsecond)
	for range decimals {
		scale /= 10
	}
	if up {
		n++
	}
	switch {
	case over || n > math.MaxUint64/scale:
		over, n = true, math.MaxUint64
	default:
		n *= scale
	}
	switch {
	case digits == 0 && word != "" || i < len(word):
		return n, 0, "invalid number '" + word + "'"
	case over || n < l.min && !(n == 0 && l.zero != "") || n > l.max:
		return n, 0, fmt.Sprintf("number '%s' outside range [%s, %s]", word, l.bound(l.min), l.bound(l.max))
	}
	return n, cut, ""
}
