package smtp

import (
	netmail "net/mail"
	"strings"
	"testing"
	"time"
)

func TestAddresses(t *testing.T) {
	tests := map[string]struct{ envelope, header string }{
		"a@b.example":                         {"a@b.example", "a@b.example"},
		" a@b.example ":                       {"a@b.example", "a@b.example"},
		"<a@b.example>":                       {"a@b.example", "<a@b.example>"},
		"Ops <a@b.example>":                   {"a@b.example", "Ops <a@b.example>"},
		"Ops Team, Inc. <ops@example.com>":    {"ops@example.com", `"Ops Team, Inc." <ops@example.com>`},
		"Keep A. Lived <ka@example.com>":      {"ka@example.com", `"Keep A. Lived" <ka@example.com>`},
		`"Ops, Inc." <ops@example.com>`:       {"ops@example.com", `"Ops, Inc." <ops@example.com>`},
		`a\b <ops@example.com>`:               {"ops@example.com", `"a\\b" <ops@example.com>`},
		`the "big" one <ops@example.com>`:     {"ops@example.com", `"the \"big\" one" <ops@example.com>`},
		"a <b> <c@d>":                         {"c@d", `"a <b>" <c@d>`},
		"a <b@c":                              {"b@c", "a <b@c"},
		"x@y>\r\nDATA":                        {"x@y>  DATA", "x@y>  DATA"},
		"Grüße <a@b>":                         {"a@b", "Grüße <a@b>"},
		"evil <a@b>\r\nBcc: all@example.com>": {"a@b", "evil <a@b>  Bcc: all@example.com>"},
	}
	for in, want := range tests {
		if got := envelopeAddress(in); got != want.envelope {
			t.Errorf("envelope of %q is %q, want %q", in, got, want.envelope)
		}
		if got := headerAddress(in); got != want.header {
			t.Errorf("header of %q is %q, want %q", in, got, want.header)
		}
	}
}

func TestMessage(t *testing.T) {
	m := message{
		date: time.Date(2026, 11, 20, 23, 3, 42, 0, time.UTC),
		from: "Keep A. Lived <ka@example.com>", to: []string{"admin@example.com", "Ops Team, Inc. <ops@example.com>"},
		subject: "[RTR1] VRRP Instance VI_1 - Entering BACKUP state", body: "=> VRRP Instance is no longer owning VRRP VIPs <=",
	}
	want := strings.ReplaceAll(`Date: Fri, 20 Nov 2026 23:03:42 +0000
From: "Keep A. Lived" <ka@example.com>
Subject: [RTR1] VRRP Instance VI_1 - Entering BACKUP state
X-Mailer: Keepalived
To: admin@example.com,
 "Ops Team, Inc." <ops@example.com>

=> VRRP Instance is no longer owning VRRP VIPs <=

`, "\n", "\r\n")
	if got := string(m.bytes()); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// No configured text can add a header or end the message.
func FuzzMessage(f *testing.F) {
	f.Add("a@b", "X <c@d>", "[R] s\r\nBcc: x@y", "b\r\n.\r\n")
	f.Add("\x00", "\xff\n", "\n\n", "\r")
	f.Fuzz(func(t *testing.T, from, to, subject, body string) {
		m := message{date: time.Unix(0, 0), from: from, to: []string{to, to}, subject: subject, body: body}
		text := m.bytes()
		if got := strings.Count(string(text), "\r\n"); got != 9 {
			t.Errorf("%d lines in %q", got, text)
		}
		if got := strings.Count(string(text), "\n"); got != 9 {
			t.Errorf("a bare line feed in %q", text)
		}
		parsed, err := netmail.ReadMessage(strings.NewReader(string(text)))
		if err == nil && len(parsed.Header) != 5 {
			t.Errorf("header %q", parsed.Header)
		}
		for _, a := range []string{from, to} {
			if got := envelopeAddress(a); strings.ContainsAny(got, "\r\n") {
				t.Errorf("envelope %q", got)
			}
		}
	})
}
