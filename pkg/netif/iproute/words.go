package iproute

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// words is a line that is being read.
type words struct {
	list  []string
	at    int
	names Names
}

func (w *words) more() bool { return w.at < len(w.list) }

// next returns the next word; keyword is for the message when there is none.
func (w *words) next(keyword string) (string, error) {
	if !w.more() {
		return "", fmt.Errorf("%s: value missing", keyword)
	}
	w.at++
	return w.list[w.at-1], nil
}

// peek is the next word without taking it, "" at the end.
func (w *words) peek() string {
	if !w.more() {
		return ""
	}
	return w.list[w.at]
}

// skip takes the next word if it is the given one.
func (w *words) skip(word string) bool {
	if w.peek() != word {
		return false
	}
	w.at++
	return true
}

// number reads an unsigned number up to limit, in any base that C knows.
func (w *words) number(keyword string, limit uint64) (uint64, error) {
	word, err := w.next(keyword)
	if err != nil {
		return 0, err
	}
	return parseNumber(keyword, word, limit)
}

func parseNumber(keyword, word string, limit uint64) (uint64, error) {
	n, err := strconv.ParseUint(word, 0, 64)
	if err != nil || n > limit {
		return 0, fmt.Errorf("%s: %q is not a number from 0 to %d", keyword, word, limit)
	}
	return n, nil
}

// named reads a number up to limit or a name of a table.
func (w *words) named(keyword string, table Table, limit uint64) (uint32, error) {
	word, err := w.next(keyword)
	if err != nil {
		return 0, err
	}
	return w.lookup(keyword, word, table, limit)
}

func (w *words) lookup(keyword, word string, table Table, limit uint64) (uint32, error) {
	if n, err := strconv.ParseUint(word, 0, 64); err == nil && n <= limit {
		return uint32(n), nil
	}
	if w.names != nil {
		if n, ok := w.names.Number(table, word); ok && uint64(n) <= limit {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s: %q is neither a number from 0 to %d nor a known name", keyword, word, limit)
}

func (w *words) address(keyword string) (netip.Addr, error) {
	word, err := w.next(keyword)
	if err != nil {
		return netip.Addr{}, err
	}
	return parseAddr(keyword, word)
}

func parseAddr(keyword, word string) (netip.Addr, error) {
	a, err := netip.ParseAddr(word)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%s: %q is not an address", keyword, word)
	}
	return a.Unmap(), nil
}

// parsePrefix reads an address with or without a length. The host bits are
// kept.
func parsePrefix(keyword, word string) (netip.Prefix, error) {
	text, bits, cut := strings.Cut(word, "/")
	a, err := parseAddr(keyword, text)
	if err != nil {
		return netip.Prefix{}, err
	}
	if !cut {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	n, err := parseNumber(keyword, bits, uint64(a.BitLen()))
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a, int(n)), nil
}

// everything reports whether a word stands for all destinations.
func everything(word string) bool {
	return word == "default" || word == "any" || word == "all"
}

// family keeps the family of a line: the first address or option that has
// one decides, and all must agree.
type family config.Family

func (f *family) want(keyword string, other config.Family) error {
	if *f == family(config.FamilyNone) {
		*f = family(other)
	}
	if *f != family(other) {
		return fmt.Errorf("%s: %v in an %v line", keyword, other, config.Family(*f))
	}
	return nil
}

// allOf is the prefix that matches every address of a family.
func allOf(f config.Family) netip.Prefix {
	if f == config.IPv6 {
		return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	}
	return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
}

// realms reads [SRC/]DST into the number of the kernel: source in the upper
// half.
func (w *words) realms() (uint32, error) {
	word, err := w.next("realms")
	if err != nil {
		return 0, err
	}
	source, destination, both := strings.Cut(word, "/")
	if !both {
		return w.lookup("realms", word, Realms, 255)
	}
	from, err := w.lookup("realms", source, Realms, 255)
	if err != nil {
		return 0, err
	}
	to, err := w.lookup("realms", destination, Realms, 255)
	return from<<16 | to, err
}
