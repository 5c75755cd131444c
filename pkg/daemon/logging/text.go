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
	// lost counts the lines that w did not take since it last took some, why
	// is the reason; torn says that the last one is there in part.
	lost int
	why  error
	torn bool
}

func (o *textOutput) setIdent(ident string) { o.ident = ident }
func (o *textOutput) reopen()               {}
func (o *textOutput) close()                {}

func (o *textOutput) write(lines []line) {
	o.buf.Reset()
	if o.torn {
		o.buf.WriteByte('\n')
	}
	if o.lost > 0 {
		o.append(&line{at: lines[0].at, level: slog.LevelWarn, text: fmt.Sprintf(textNotTaken, o.lost, o.why)})
	}
	for i := range lines {
		o.append(&lines[i])
	}
	n, err := o.w.Write(o.buf.Bytes())
	if err == nil {
		o.lost, o.torn = 0, false
		return
	}
	// What was written of the lines that say this is no loss.
	o.lost += min(bytes.Count(o.buf.Bytes()[n:], []byte{'\n'}), len(lines))
	o.why = err
	o.torn = n > 0 && o.buf.Bytes()[n-1] != '\n' || n == 0 && o.torn
}

func (o *textOutput) append(l *line) {
	if o.json {
		o.appendJSON(l)
		return
	}
	o.buf.WriteString(l.at.Format(o.stamp))
	o.buf.WriteString(": ")
	appendPrintable(&o.buf, l.text)
	o.buf.WriteByte('\n')
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
