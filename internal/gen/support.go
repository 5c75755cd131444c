package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// coverage counts the keywords of a top-level block and of those in it.
type coverage struct {
	block              string
	acted, none, later int
	// open are the keywords that nothing acts on, without those that have no
	// effect on purpose.
	open []string
}

// coverages are those of all blocks, in the order of the table.
func coverages() []coverage {
	var out []coverage
	for _, s := range confparse.Keywords() {
		block, _, _ := strings.Cut(s.Block, "/")
		i := slices.IndexFunc(out, func(c coverage) bool { return c.block == block })
		if i < 0 {
			i = len(out)
			out = append(out, coverage{block: block})
		}
		c := &out[i]
		switch s.Status {
		case confparse.StatusActed:
			c.acted++
		case confparse.StatusNoEffect:
			c.none++
		case confparse.StatusPending, confparse.StatusUnsupported:
			c.later++
			if !slices.Contains(c.open, s.Keyword) {
				c.open = append(c.open, s.Keyword)
			}
		}
	}
	return out
}

// supportTable is the generated part of README.md.
func supportTable() string {
	var b strings.Builder
	b.WriteString("| block | acted on | accepted without effect | not acted on | which |\n|---|---:|---:|---:|---|\n")
	total := coverage{}
	for _, c := range coverages() {
		which := ""
		if len(c.open) > 0 {
			which = "`" + strings.Join(c.open, "` `") + "`"
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", blockTitle(c.block, "`"), c.acted, c.none, c.later, which)
		total.acted += c.acted
		total.none += c.none
		total.later += c.later
	}
	fmt.Fprintf(&b, "| **all** | **%d** | **%d** | **%d** | |\n\n", total.acted, total.none, total.later)
	b.WriteString("Words inside of lines (the parts of an address or a route) are counted too. What is not acted on is read and checked, and `gokeepalived check` says so.\n")
	return b.String()
}

// blockTitle is a block's path, in quotes unless it is none.
func blockTitle(block, quote string) string {
	switch block {
	case "":
		return "top level"
	case "(parser)":
		return "any line"
	}
	return quote + block + quote
}
