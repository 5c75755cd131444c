package logging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// consoleStamp and fileStamp are strftime's %c in the C locale, the second
// with nanoseconds.
const (
	consoleStamp = "Mon Jan _2 15:04:05 2006"
	fileStamp    = "Mon Jan _2 15:04:05.000000000 2006"
)

// textOutput writes lines to a stream.
type textOutput struct {
	w     io.Writer
	ident string
	pid   int
	json  bool
	stamp string
	buf   bytes.Buffer
}

func (o *textOutput) setIdent(ident string) { o.ident = ident }
func (o *textOutput) reopen()               {}
func (o *textOutput) close()                {}

func (o *textOutput) write(lines []line) {
	o.buf.Reset()
	for i := range lines {
		if o.json {
			o.appendJSON(&lines[i])
			continue
		}
		o.buf.WriteString(lines[i].at.Format(o.stamp))
		o.buf.WriteString(": ")
		appendPrintable(&o.buf, lines[i].text)
		o.buf.WriteByte('\n')
	}
	// An error here has nowhere to go.
	_, _ = o.w.Write(o.buf.Bytes())
}

func (o *textOutput) appendJSON(l *line) {
	o.buf.WriteString(`{"time":"`)
	o.buf.WriteString(l.at.Format("2006-01-02T15:04:05.000000Z07:00"))
	fmt.Fprintf(&o.buf, `","level":"%s","process":`, levelName(l.level))
	appendValue(&o.buf, o.ident)
	fmt.Fprintf(&o.buf, `,"pid":%d,"message":`, o.pid)
	appendValue(&o.buf, l.text)
	for _, a := range l.attrs {
		o.buf.WriteByte(',')
		appendValue(&o.buf, a.Key)
		o.buf.WriteByte(':')
		appendValue(&o.buf, plain(a.Value))
	}
	o.buf.WriteString("}\n")
}

// plain is the value of an attribute as JSON shows it.
func plain(v slog.Value) any {
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindDuration:
		return v.Duration().String()
	case slog.KindTime:
		return v.Time().Format(time.RFC3339Nano)
	case slog.KindGroup:
		group := map[string]any{}
		for _, a := range v.Group() {
			group[a.Key] = plain(a.Value)
		}
		return group
	}
	if err, ok := v.Any().(error); ok {
		return err.Error()
	}
	return v.Any()
}

func appendValue(buf *bytes.Buffer, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		text, _ = json.Marshal(fmt.Sprint(v))
	}
	buf.Write(text)
}

// appendPrintable writes s with every control character as '#' and three octal
// digits, the way syslog daemons do, so that no text from outside can make a
// line of its own.
func appendPrintable(buf *bytes.Buffer, s string) {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			fmt.Fprintf(buf, "#%03o", c)
		} else {
			buf.WriteByte(c)
		}
	}
}
