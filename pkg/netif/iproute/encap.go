package iproute

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// encap reads "ip|ip6|mpls|ila ..." behind the word encap.
func (w *words) encap() (*Encap, error) {
	kind, err := w.next("encap")
	if err != nil {
		return nil, err
	}
	switch kind {
	case "ip":
		return w.encapIP(&Encap{Kind: EncapIP}, config.IPv4, "tos", "ttl")
	case "ip6":
		return w.encapIP(&Encap{Kind: EncapIP6}, config.IPv6, "tc", "hoplimit")
	case "mpls":
		return w.encapMPLS()
	case "ila":
		return w.encapILA()
	}
	return nil, fmt.Errorf("encap: unknown type %q", kind)
}

// encapIP reads the options of a tunnel header: it ends at the first word
// that is none.
func (w *words) encapIP(e *Encap, f config.Family, tos, ttl string) (*Encap, error) {
	for {
		word := w.peek()
		var err error
		switch word {
		case "id":
			w.at++
			var n uint64
			n, err = w.number(word, 1<<64-1)
			e.ID = &n
		case "dst", "src":
			w.at++
			to := &e.Destination
			if word == "src" {
				to = &e.Source
			}
			if *to, err = w.address(word); err == nil && config.FamilyOf(*to) != f {
				err = fmt.Errorf("encap %s: %v is not %v", word, *to, f)
			}
		case tos:
			w.at++
			var n uint32
			n, err = w.named(word, DSFields, 255)
			v := uint8(n)
			e.TOS = &v
		case ttl:
			w.at++
			var n uint64
			n, err = w.number(word, 255)
			v := uint8(n)
			e.TTL = &v
		case "flags":
			w.at++
			var n uint64
			n, err = w.number(word, 1<<16-1)
			v := uint16(n)
			e.Flags = &v
		default:
			if e.ID == nil && !e.Destination.IsValid() {
				return nil, fmt.Errorf("encap: neither id nor dst")
			}
			return e, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (w *words) encapMPLS() (*Encap, error) {
	word, err := w.next("encap mpls")
	if err != nil {
		return nil, err
	}
	e := &Encap{Kind: EncapMPLS}
	for text := range strings.SplitSeq(word, "/") {
		n, err := parseNumber("encap mpls", text, 1<<20-1)
		if err != nil {
			return nil, err
		}
		e.Labels = append(e.Labels, uint32(n))
	}
	return e, nil
}

func (w *words) encapILA() (*Encap, error) {
	word, err := w.next("encap ila")
	if err != nil {
		return nil, err
	}
	groups := strings.Split(word, ":")
	if len(groups) != 4 {
		return nil, fmt.Errorf("encap ila: %q is not four groups", word)
	}
	e := &Encap{Kind: EncapILA}
	for _, g := range groups {
		n, err := strconv.ParseUint(g, 16, 16)
		if err != nil {
			return nil, fmt.Errorf("encap ila: %q is not a 16 bit group", g)
		}
		e.Locator = e.Locator<<16 | n
	}
	return e, nil
}
