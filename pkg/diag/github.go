package diag

import (
	"io"
	"strconv"
	"strings"
)

// WriteGitHub writes findings as workflow commands, which GitHub Actions turns
// into annotations of the changed lines. src is used to count columns in
// characters, nil counts bytes. Findings that follow from another one are left
// out: there is room for few.
func WriteGitHub(w io.Writer, l List, src Source) error {
	var b strings.Builder
	for i := range l {
		d := &l[i]
		if !d.CausedBy.IsZero() {
			continue
		}
		command := d.Severity.String()
		if d.Severity == Note {
			command = "notice"
		}
		b.WriteString("::" + command + " ")
		if d.Subject.File != "" {
			b.WriteString("file=" + githubProperty(d.Subject.File) + ",")
		}
		if d.Subject.Start.Line > 0 {
			from, to := columns(src, d.Subject)
			b.WriteString("line=" + strconv.Itoa(d.Subject.Start.Line) + ",col=" + strconv.Itoa(from) + ",endColumn=" + strconv.Itoa(to) + ",")
		}
		b.WriteString("title=" + githubProperty(d.Code) + "::")
		text := printable(message(d))
		for _, f := range d.Chain {
			text += "\n" + printable(f.What+" "+f.Range.String())
		}
		b.WriteString(githubData(text) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// githubData escapes the text of a workflow command.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(strings.ToValidUTF8(s, "\ufffd"))
}

// githubProperty escapes a property of a workflow command.
func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubData(s))
}
