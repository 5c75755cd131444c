package track

import (
	"math"
	"strconv"
)

// fileNumber reads the number at the start of text by the rules of C's
// strtol with base 0: white space, a sign, 0x for hexadecimal, 0 for octal;
// whatever follows is ignored and text without a number is 0. A number that
// doesn't fit into 32 bits is not ok; digits is how it was written.
func fileNumber(text []byte) (value int, digits string, ok bool) {
	i := 0
	for i < len(text) && (text[i] == ' ' || text[i] >= '\t' && text[i] <= '\r') {
		i++
	}
	start := i
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		i++
	}
	negative := i > start && text[start] == '-'
	base := 10
	switch {
	case i+2 < len(text) && text[i] == '0' && text[i+1]|0x20 == 'x' && digit(text[i+2]) < 16:
		base = 16
		i += 2
	case i < len(text) && text[i] == '0':
		base = 8
	}
	first := i
	for i < len(text) && digit(text[i]) < base {
		i++
	}
	if i == first {
		return 0, "", true
	}
	digits = string(text[start:i])
	n, err := strconv.ParseUint(string(text[first:i]), base, 32)
	if err != nil || !negative && n > math.MaxInt32 || negative && n > -math.MinInt32 {
		return 0, digits, false
	}
	if negative {
		return -int(n), digits, true
	}
	return int(n), digits, true
}

// digit is the value of a digit in any base, 99 for other bytes.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}
