package confparse

import (
	"net/netip"
	"strings"
)

// Flag is a keyword whose presence sets its field to value; further words are
// ignored.
func Flag[T any](name string, field func(*T) *bool, value bool, m Meta) Keyword[T] {
	if value {
		if m.Default == "" {
			m.Default, m.Bare = "off", "on"
		}
		m.Repeat = RepeatOnce
	}
	return newEntry(name, "", "", m, func(_ *decoder, t *T, _ *Line) bool {
		if field != nil {
			*field(t) = value
		}
		return true
	}).shows(showBool(field))
}

func showBool[T any](field func(*T) *bool) func(*T) string {
	if field == nil {
		return nil
	}
	return func(t *T) string {
		if *field(t) {
			return "yes"
		}
		return "no"
	}
}

// Bool is a keyword with an optional yes or no; alone it means yes.
func Bool[T any](name string, field func(*T) *bool, m Meta) Keyword[T] {
	if m.Bare == "" {
		m.Bare = "yes"
	}
	return newEntry(name, "[<BOOL>]", "", m, func(d *decoder, t *T, s *Line) bool {
		v, ok := d.boolean(s)
		if ok && field != nil {
			*field(t) = v
		}
		return ok
	}).shows(showBool(field))
}

// LaxBool is a Bool that takes any other word for yes, as those keywords do
// whose argument keepalived never looks at: "off" means off here.
func LaxBool[T any](name string, field func(*T) *bool, m Meta) Keyword[T] {
	if m.Bare == "" {
		m.Bare = "on"
	}
	if m.Default == "" {
		m.Default = "off"
	}
	return newEntry(name, "[<BOOL>]", "", m, func(d *decoder, t *T, s *Line) bool {
		v := true
		if len(s.Words) > 1 {
			if b, known := parseBool(s.Words[1].Text); known {
				v = b
			}
		}
		if field != nil {
			*field(t) = v
		}
		return true
	}).shows(showBool(field))
}

// OptionalBool is a Bool whose field can tell "not written" from no.
func OptionalBool[T any](name string, field func(*T) **bool, m Meta) Keyword[T] {
	if m.Bare == "" {
		m.Bare = "yes"
	}
	return newEntry(name, "[<BOOL>]", "", m, func(d *decoder, t *T, s *Line) bool {
		v, ok := d.boolean(s)
		if ok {
			*field(t) = &v
		}
		return ok
	})
}

func (d *decoder) boolean(s *Line) (value, ok bool) {
	if len(s.Words) == 1 {
		return true, true
	}
	w := s.Words[1]
	if v, known := parseBool(w.Text); known {
		return v, true
	}
	bad := d.spec.Bad
	if bad == "" {
		bad = "Invalid value '%v' for global %k specified"
	}
	d.refuse(w, expand(bad, d.name(), d.spec.Keyword, w.Text), "not one of on, true, yes, off, false, no")
	return false, false
}

func parseBool(word string) (value, known bool) {
	switch word {
	case "on", "true", "yes":
		return true, true
	case "off", "false", "no":
		return false, true
	}
	return false, false
}

// choice is one word of an Enum.
type choice[E any] struct {
	word  string
	value E
}

// Enum is a keyword with one of a few words.
func Enum[T, E any](name string, field func(*T) *E, choices []choice[E], m Meta) Keyword[T] {
	words := make([]string, len(choices))
	for i, c := range choices {
		words[i] = c.word
	}
	return newEntry(name, strings.Join(words, "|"), "", m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		for _, c := range choices {
			if c.word == w.Text {
				if field != nil {
					*field(t) = c.value
				}
				return true
			}
		}
		d.refuse(w, expand(d.spec.Bad, d.name(), d.spec.Keyword, w.Text), "not one of "+strings.Join(words, ", "))
		return false
	})
}

// Text is a keyword with one word that is taken as it is.
func Text[T any](name, args string, field func(*T) *string, m Meta) Keyword[T] {
	return newEntry(name, args, "", m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if ok && field != nil {
			*field(t) = w.Text
		}
		return ok
	}).shows(showText(field))
}

func showText[T any](field func(*T) *string) func(*T) string {
	if field == nil {
		return nil
	}
	return func(t *T) string { return *field(t) }
}

// ReplacedText is a Text that complains when it replaces an earlier one.
func ReplacedText[T any](name, args string, field func(*T) *string, twice string, m Meta) Keyword[T] {
	return newEntry(name, args, "", m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if p := field(t); *p != "" {
			d.adjust(w, expand(twice, d.name(), d.spec.Keyword, w.Text), "the earlier value is replaced")
		}
		*field(t) = w.Text
		return true
	}).shows(showText(field))
}

// FirstText is a Text whose second line is refused.
func FirstText[T any](name, args string, field func(*T) *string, twice string, m Meta) Keyword[T] {
	m.Repeat = RepeatFirst
	return newEntry(name, args, "", m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if d.has(name) {
			return d.duplicate(w, twice)
		}
		if field != nil {
			*field(t) = w.Text
		}
		return true
	})
}

// duplicate refuses the second line of a keyword.
func (d *decoder) duplicate(w Word, twice string) bool {
	d.complain(w, codeDuplicate, expand(twice, d.name(), d.spec.Keyword, w.Text), "the line is ignored", "")
	return false
}

// Interface is a keyword with the name of an interface, at most 15 bytes.
func Interface[T any](name string, field func(*T) *string, tooLong string, m Meta) Keyword[T] {
	return newEntry(name, "<IFNAME>", "1-15 characters", m, func(d *decoder, t *T, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if len(w.Text) > maxInterfaceName {
			return d.refuse(w, expand(tooLong, d.name(), d.spec.Keyword, w.Text), "an interface name has at most 15 bytes")
		}
		if field != nil {
			*field(t) = w.Text
		}
		return true
	})
}

// maxInterfaceName is IFNAMSIZ without its NUL.
const maxInterfaceName = 15

// parseIP reads an address as inet_pton does: no zone, nothing after it.
func parseIP(word string) (netip.Addr, bool) {
	if strings.IndexByte(word, '%') >= 0 {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(word)
	return a, err == nil
}

// parseHost reads an address and drops what follows a "-" or "/", as
// keepalived's reader of server and peer addresses does.
func parseHost(word string) (a netip.Addr, dropped string, ok bool) {
	if i := strings.IndexAny(word, "-/"); i >= 0 {
		word, dropped = word[:i], word[i:]
	}
	a, ok = parseIP(word)
	return a, dropped, ok
}

// host reads an address; text after it that is dropped is reported, which
// keepalived does not do.
func (d *decoder) host(w Word) (netip.Addr, bool) {
	a, dropped, ok := parseHost(w.Text)
	if ok && dropped != "" {
		d.own(w, codeOwnDropped, "'"+dropped+"' after the address "+a.String()+" is ignored",
			"one address is used", "write the address alone")
	}
	return a, ok
}
