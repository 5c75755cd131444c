package smtp

import (
	"bytes"
	"strings"
	"time"
)

// message is one alert.
type message struct {
	date    time.Time
	from    string
	to      []string
	subject string
	body    string
}

// dateFormat is RFC 5322 3.3.
const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

// bytes are the header and the body with CRLF line ends, not dot-stuffed: the
// order of the fields, and one To field with a line per address, are
// keepalived's.
func (m *message) bytes() []byte {
	var b bytes.Buffer
	field := func(name, value string) {
		b.WriteString(name + ": " + value + "\r\n")
	}
	field("Date", m.date.Format(dateFormat))
	field("From", headerAddress(m.from))
	field("Subject", oneLine(m.subject))
	field("X-Mailer", "Keepalived")
	to := make([]string, len(m.to))
	for i, a := range m.to {
		to[i] = headerAddress(a)
	}
	field("To", strings.Join(to, ",\r\n "))
	b.WriteString("\r\n" + oneLine(m.body) + "\r\n\r\n")
	return b.Bytes()
}

// oneLine keeps line breaks and other control characters of a configuration
// out of headers and commands.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// envelopeAddress is the address of a mailbox as written in the configuration:
// what is inside the last <...>, or all of it.
func envelopeAddress(mailbox string) string {
	mailbox = oneLine(mailbox)
	if open := strings.LastIndexByte(mailbox, '<'); open >= 0 {
		mailbox = mailbox[open+1:]
		if end := strings.IndexByte(mailbox, '>'); end >= 0 {
			mailbox = mailbox[:end]
		}
	}
	return strings.TrimSpace(mailbox)
}

// headerAddress is a mailbox for a header field: a display name with
// characters that mean something there is put into quotes.
func headerAddress(mailbox string) string {
	mailbox = strings.TrimSpace(oneLine(mailbox))
	open := strings.LastIndexByte(mailbox, '<')
	if open <= 0 {
		return mailbox
	}
	name, address := strings.TrimSpace(mailbox[:open]), mailbox[open:]
	switch {
	case name == "":
		return address
	case len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"':
		// quoted by hand
	case strings.ContainsAny(name, `()<>[]:;@\,."`):
		name = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return name + " " + address
}
