package checkers

import (
	"bytes"
	"crypto/md5"
	"hash"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// subjectLimit is how much of an answer a regex sees, header included. What a
// server sends beyond it is counted and digested, not kept.
const subjectLimit = 1 << 20

// answer takes an HTTP answer piece by piece and keeps no more of it than its
// conditions need.
type answer struct {
	url   *config.HTTPURL
	regex *compiledRegex

	head     []byte // until the header is complete
	complete bool
	status   int // 0: malformed

	hasLength bool
	length    uint64
	body      uint64 // bytes of it so far
	digest    hash.Hash
	subject   []byte // header and body for the regex
}

func newAnswer(url *config.HTTPURL, regex *compiledRegex) *answer {
	a := &answer{url: url, regex: regex}
	if url.Digest != nil {
		a.digest = md5.New()
	}
	return a
}

// add takes the next bytes; false when the header cannot be complete any more.
func (a *answer) add(p []byte) bool {
	if a.regex != nil {
		a.subject = append(a.subject, p[:min(len(p), subjectLimit-len(a.subject))]...)
	}
	if a.complete {
		a.addBody(p)
		return true
	}
	a.head = append(a.head, p...)
	end := bytes.Index(a.head, []byte("\r\n\r\n"))
	if end < 0 || end+4 > readSize {
		return len(a.head) < readSize
	}
	a.complete = true
	a.parseHead(a.head[:end+2])
	rest := a.head[end+4:]
	a.head = nil
	a.addBody(rest)
	return true
}

func (a *answer) parseHead(head []byte) {
	a.status = statusCode(head)
	a.length, a.hasLength = ContentLength(head)
}

// ContentLength finds Content-Length, in that spelling only, in the header of
// an HTTP answer.
func ContentLength(head []byte) (length uint64, found bool) {
	name := []byte("Content-Length:")
	at := bytes.Index(head, name)
	if at < 0 {
		return 0, false
	}
	value := bytes.TrimLeft(head[at+len(name):], " \t")
	digits := 0
	for digits < len(value) && value[digits] >= '0' && value[digits] <= '9' {
		digits++
	}
	n, err := strconv.ParseUint(string(value[:digits]), 10, 64)
	return n, err == nil
}

// statusCode is three digits between two spaces, 0 if there are none.
func statusCode(head []byte) int {
	line, _, _ := bytes.Cut(head, []byte("\r\n"))
	_, rest, found := bytes.Cut(line, []byte(" "))
	if !found || len(rest) < 4 || rest[3] != ' ' {
		return 0
	}
	code := 0
	for _, d := range rest[:3] {
		if d < '0' || d > '9' {
			return 0
		}
		code = code*10 + int(d-'0')
	}
	return code
}

// addBody digests the body, up to its announced length.
func (a *answer) addBody(p []byte) {
	if a.digest != nil {
		counted := uint64(len(p))
		if a.hasLength {
			counted = min(counted, a.length-min(a.length, a.body))
		}
		a.digest.Write(p[:counted])
	}
	a.body += uint64(len(p))
}

// judge looks at the conditions of the url in keepalived's order.
func (a *answer) judge() health.Outcome {
	if !a.complete {
		return bad(logtext.ReasonWebNoData)
	}
	o := health.Outcome{HasLength: a.hasLength, ContentLength: a.length, Received: a.body}
	fail := func(reason string) health.Outcome {
		o.Verdict, o.Text = health.Bad, reason
		return o
	}
	if !accepts(a.url, a.status) {
		return fail(logtext.ReasonWebStatus)
	}
	o.Passed = health.PassedStatus
	if a.digest != nil {
		if !bytes.Equal(a.digest.Sum(nil), a.url.Digest) {
			return fail(logtext.ReasonWebDigest)
		}
		o.Passed = health.PassedDigest
	}
	if a.regex != nil {
		if found, err := a.regex.matches(a.subject); err != nil || found == a.url.Regex.NoMatch {
			return fail(logtext.ReasonWebRegex)
		}
		o.Passed = health.PassedRegex
	}
	return o
}
