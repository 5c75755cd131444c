package diag

import "strconv"

// Reported is the place that keepalived would name: the use of the outermost
// definition or replicator that the subject came out of, else the subject
// itself, unless Logged says otherwise.
func (d *Diagnostic) Reported() Range {
	if !d.Logged.IsZero() {
		return d.Logged
	}
	r := d.Subject
	for _, f := range d.Chain {
		if f.Kind == FrameInclude || f.Kind == FrameRelated {
			break
		}
		r = f.Range
	}
	return r
}

// LogLine is the finding as keepalived logs it: "(FILE: Line N) text", or
// "(Line N) text" in the file main. A finding without a line, or that
// keepalived logs without one, is the bare text. shown turns the names of
// ranges into those of messages; nil leaves them.
func LogLine(d Diagnostic, main string, shown func(file string) string) string {
	r := d.Reported()
	if d.Unplaced || r.Start.Line == 0 {
		return d.Summary
	}
	line := "Line " + strconv.Itoa(r.Start.Line) + ") " + d.Summary
	if r.File == main || r.File == "" {
		return "(" + line
	}
	if shown != nil {
		r.File = shown(r.File)
	}
	return "(" + r.File + ": " + line
}
