package agentx

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// MaxOID is how many numbers an object identifier may have (RFC 2741 5.1).
const MaxOID = 128

// OID is an object identifier.
type OID []uint32

var errOID = errors.New("not an object identifier")

// ParseOID reads "1.3.6.1", with or without a leading dot.
func ParseOID(s string) (OID, error) {
	var o OID
	for part := range strings.SplitSeq(strings.TrimPrefix(s, "."), ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil || len(o) == MaxOID {
			return nil, errOID
		}
		o = append(o, uint32(n))
	}
	return o, nil
}

// String is the dotted form without a leading dot.
func (o OID) String() string {
	b := make([]byte, 0, 4*len(o))
	for i, n := range o {
		if i > 0 {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, uint64(n), 10)
	}
	return string(b)
}

// Compare orders as SNMP does: by the first number that differs, else the
// shorter comes first.
func (o OID) Compare(p OID) int { return slices.Compare(o, p) }

// HasPrefix reports whether o is p or below it.
func (o OID) HasPrefix(p OID) bool { return len(o) >= len(p) && slices.Equal(o[:len(p)], p) }

// Append returns a new identifier with more numbers at the end.
func (o OID) Append(n ...uint32) OID {
	return append(append(make(OID, 0, len(o)+len(n)), o...), n...)
}
