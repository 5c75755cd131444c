package checkcmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// textsOf finds the text of a file in any of the configurations.
type textsOf []*confparse.FileSet

// Text implements diag.Source.
func (t textsOf) Text(file string) (string, bool) {
	for _, set := range t {
		if s, ok := set.Text(file); ok {
			return s, true
		}
	}
	return "", false
}

func (c *checked) write(w io.Writer, o options, deps Deps) error {
	all := c.all()
	switch o.format {
	case "json":
		return diag.WriteJSON(w, all)
	case "sarif":
		return diag.WriteSARIF(w, all, deps.Tool, c.texts, deps.Codes...)
	case "github":
		return diag.WriteGitHub(w, all, c.texts)
	}
	return c.writeText(w, o.color == "always" || o.color == "auto" && deps.Terminal)
}

// writeText writes both kinds of findings, and how many there are.
func (c *checked) writeText(w io.Writer, color bool) error {
	opt := diag.TextOptions{Color: color, Source: c.texts}
	if err := diag.WriteText(w, c.text, opt); err != nil {
		return err
	}
	before := len(c.text) > 0
	for _, part := range []struct {
		heading string
		found   diag.List
	}{{"Between the nodes:\n\n", c.peers}, {"On this machine:\n\n", c.machine}} {
		if len(part.found) == 0 {
			continue
		}
		if before {
			part.heading = "\n" + part.heading
		}
		before = true
		if _, err := io.WriteString(w, part.heading); err != nil {
			return err
		}
		if err := diag.WriteText(w, part.found, opt); err != nil {
			return err
		}
	}
	all := c.all()
	alone := all.Independent()
	s := strings.Join(c.files, ", ") + ": " + counts(alone)
	switch n := len(all) - len(alone); n {
	case 0:
	case 1:
		s += ", and 1 that follows from them"
	default:
		s += fmt.Sprintf(", and %d that follow from them", n)
	}
	s += "\n"
	if len(all) > 0 {
		s = "\n" + s
	}
	_, err := io.WriteString(w, s)
	return err
}

// counts is "2 errors, 1 warning".
func counts(l diag.List) string {
	errors, warnings, notes := l.Count()
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{errors, "error"}, {warnings, "warning"}, {notes, "note"}} {
		switch p.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+p.what)
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", p.n, p.what))
		}
	}
	if parts == nil {
		return "nothing found"
	}
	return strings.Join(parts, ", ")
}
