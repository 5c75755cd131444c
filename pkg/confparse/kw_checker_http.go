package confparse

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/pcre"
)

// urlDraft is a url block while it is read.
type urlDraft struct {
	config.HTTPURL
	virtualhost string
	regex       config.HTTPRegex
	maxSet      bool
}

var (
	httpGet = newTable(connectKeywords, retryKeywords("1", "3"), httpKeywords(httpURL))
	sslGet  = newTable(connectKeywords, retryKeywords("1", "3"), httpKeywords(sslURL), []Keyword[checkerDraft]{
		Bool("tls_compliant", func(c *checkerDraft) *bool { return &c.HTTP.TLSCompliant }, Meta{
			Process: ProcChecker, Default: "no", Since: "2.3.0", Bad: "Invalid tls_compliant parameter %v", Doc: "Say goodbye with close_notify.",
		}),
	})
	httpURL = newTable(urlKeywords)
	sslURL  = newTable(urlKeywords, []Keyword[urlDraft]{
		Bool("tls_compliant", func(u *urlDraft) *bool { return &u.TLSCompliant }, Meta{
			Process: ProcChecker, Default: "no", Since: "2.3.0", Bad: "Invalid tls_compliant parameter %v", Doc: "Say goodbye with close_notify for this url.",
		}),
	})
)

func httpKeywords(url *table[urlDraft]) []Keyword[checkerDraft] {
	return []Keyword[checkerDraft]{
		Number("nb_get_retry", func(c *checkerDraft) *int { return &c.Retry }, within(0, maxUint32).tolerant(), Meta{
			Process: ProcChecker, Default: "as retry", Alias: "retry", Deprecated: "nb_get_retry is deprecated - please use 'retry'",
			Bad: "Invalid nb_get_retry value '%v'", Doc: "Same as retry.",
		}),
		ReplacedText("virtualhost", "<STRING>", func(c *checkerDraft) *string { return &c.virtualhost }, "HTTP_GET virtualhost is already set - replacing it with %v", Meta{
			Process: ProcChecker, Default: "RS value, else VS value", Missing: "HTTP_GET virtualhost name missing", Doc: "Host header.",
		}),
		Enum("http_protocol", func(c *checkerDraft) *config.HTTPProtocol { return &c.HTTP.Protocol }, []choice[config.HTTPProtocol]{
			{"1.0", config.HTTP10}, {"1.1", config.HTTP11}, {"1.0C", config.HTTP10Close}, {"1.0c", config.HTTP10Close},
		}, Meta{
			Process: ProcChecker, Args: "1.0|1.1|1.0C", Range: "1.0c too", Default: "1.0", Missing: "Missing http_protocol version", Bad: "Invalid http_protocol version %v",
			Doc: "Version of HTTP; 1.0C is 1.0 with Connection: close.",
		}),
		Bool("enable_sni", func(c *checkerDraft) *bool { return &c.sni }, Meta{
			Process: ProcChecker, Default: "no", Bad: "Invalid enable_sni parameter %v", Doc: "Send the server name.",
		}),
		Custom("sni_name", "[<STRING>]", Meta{
			Process: ProcChecker, Default: "none", Bare: "SNI on with the default name", Since: "2.3.0", Doc: "Server name to send; it turns SNI on.",
		}, func(d *decoder, c *checkerDraft, s *Line) bool {
			if len(s.Words) == 1 {
				if c.HTTP.SNIName != "" {
					return d.refuse(s, "HTTP_GET sni_name is already set - ignoring sni_name without a name", "")
				}
				c.sni = true
				return true
			}
			if c.HTTP.SNIName != "" {
				d.adjust(s.Words[1], "HTTP_GET sni_name is already set - replacing it with "+s.Words[1].Text, "the earlier value is replaced")
			}
			c.HTTP.SNIName, c.sni = s.Words[1].Text, true
			return true
		}),
		Bool("fast_recovery", func(c *checkerDraft) *bool { return &c.HTTP.FastRecovery }, Meta{
			Process: ProcChecker, Default: "no", Bad: "Invalid fast_recovery parameter %v", Doc: "Do not wait delay_loop between urls while coming up.",
		}),
		Block("url", "", url, Meta{
			Process: ProcChecker, Repeat: RepeatList, Required: true, OnBad: "the url is dropped", Doc: "One request.",
		}, func(u *urlDraft) *config.Block { return &u.Block }, func(*decoder, *checkerDraft, *Line) (*urlDraft, string) {
			return &urlDraft{}, ""
		}, closeURL),
	}
}

func closeURL(d *decoder, c *checkerDraft, u *urlDraft) {
	if u.Path == "" {
		d.drop(&u.Block, codeIncomplete, "HTTP/SSL_GET checker url has no path - ignoring", "write path")
		d.lacking(&u.Block, "path", d.cause)
		d.misses(c.Head, "url", u.Head)
		return
	}
	if len(u.StatusCodes) == 0 {
		u.StatusCodes = []config.StatusRange{{First: 200, Last: 299}}
	}
	if u.regex.Pattern == "" && u.regex.NoMatch {
		d.about(u.At("regex_no_match"), logFinding(codeLogOnly, "regex_no_match specified without regex", "it is ignored"))
	}
	if u.maxSet && u.regex.MinOffset > u.regex.MaxOffset {
		d.about(u.At("regex_max_offset"), logFinding(codeLogOnly, "regex min offset is greater than max offset", "both are ignored"))
		u.regex.MinOffset, u.regex.MaxOffset, u.maxSet = 0, 0, false
	}
	if u.regex.Pattern != "" {
		r := u.regex
		u.Regex = &r
		d.checkRegex(u)
	}
	c.urls = append(c.urls, u)
}

// checkRegex finds out whether the pattern can be used. keepalived does so when
// its checkers start, and goes on without it.
func (d *decoder) checkRegex(u *urlDraft) {
	_, err := pcre.Translate(u.Regex.Pattern, u.Regex.Options)
	if err == nil {
		return
	}
	hint := "mend the pattern"
	if bad := (*pcre.Error)(nil); errors.As(err, &bad) && bad.Unsupported {
		hint = "PCRE2 can do it, gokeepalived cannot: write the pattern without it"
	}
	d.advise(u.At("regex"), u.Head, diag.Error, codeRegex, "regex cannot be used: "+err.Error(), "the url is checked without it", hint)
}

func closeHTTP(d *decoder, _ *realDraft, c *checkerDraft) bool {
	if len(c.urls) == 0 {
		d.drop(&c.Block, codeIncomplete, "HTTP/SSL_GET checker has no urls specified - ignoring", "write url { path / }")
		d.lacking(&c.Block, "url", d.cause)
		return false
	}
	return true
}

var urlKeywords = []Keyword[urlDraft]{
	ReplacedText("path", "<STRING>", func(u *urlDraft) *string { return &u.Path }, "HTTP_GET path is already set - replacing it with %v", Meta{
		Process: ProcChecker, Required: true, Doc: "Path of the request.",
	}),
	Custom("digest", "<HEX>", Meta{
		Process: ProcChecker, Repeat: RepeatFirst, Range: "exactly 32 hex digits (MD5)", Default: "not checked", Doc: "MD5 of the body.",
	}, func(d *decoder, u *urlDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		if u.Digest != nil {
			return d.duplicate(w, "Digest '%v' is a duplicate")
		}
		if len(w.Text) != 32 {
			return d.refuse(w, "digest '"+w.Text+"' character length should be 32 rather than "+itoa(len(w.Text)), "")
		}
		sum, err := hex.DecodeString(w.Text)
		if err != nil {
			return d.refuse(w, "digest '"+w.Text+"' is not a valid hex string", "")
		}
		u.Digest = sum
		return true
	}),
	Custom("status_code", "<N>|<N>-<N>...", Meta{
		Process: ProcChecker, Repeat: RepeatMerge, Range: "100-599", Default: "200-299", OnBad: "that item is ignored", Doc: "Accepted status codes.",
	}, func(d *decoder, u *urlDraft, s *Line) bool {
		for _, w := range s.Words[1:] {
			r, ok := parseStatus(w.Text)
			if !ok {
				d.refuse(w, "Invalid HTTP_GET status code '"+w.Text+"'", "100 to 599")
				continue
			}
			u.StatusCodes = append(u.StatusCodes, r)
		}
		return len(u.StatusCodes) > 0
	}),
	ReplacedText("virtualhost", "<STRING>", func(u *urlDraft) *string { return &u.virtualhost }, "HTTP_GET virtualhost is already set - replacing it with %v", Meta{
		Process: ProcChecker, Default: "checker's, RS, then VS value", Missing: "Missing HTTP_GET virtualhost name", Doc: "Host header of this request.",
	}),
	Custom("regex", "<PATTERN>", Meta{
		Process: ProcChecker, Range: "one word or quoted string with escapes", Default: "not checked", Doc: "PCRE2 pattern for header and body. Not supported: recursion, (*ACCEPT) and the verbs for backtracking, line ends other than LF, and with utf \\C, \\X and caseless back references.",
	}, func(d *decoder, u *urlDraft, s *Line) bool {
		words, problem := SplitEscaped(s.Raw())
		if problem != "" {
			return d.refuse(s, problem, "")
		}
		if len(words) != 2 {
			return d.refuse(s, "regex wrong number of parameters", "one word is wanted; quote a pattern with blanks")
		}
		if u.regex.Pattern != "" {
			d.adjust(s.Words[1], "HTTP_GET regex is already set - replacing it with "+words[1], "the earlier value is replaced")
		}
		u.regex.Pattern = words[1]
		return true
	}),
	Flag("regex_no_match", func(u *urlDraft) *bool { return &u.regex.NoMatch }, true, Meta{
		Process: ProcChecker, Doc: "A match of the pattern is a failure.",
	}),
	Custom("regex_options", "<OPTION>...", Meta{
		Process: ProcChecker, Repeat: RepeatMerge, Range: strings.Join(pcre.Options, " "), Default: "none",
		Doc: "Options of the pattern, as PCRE2 has them. auto_callout, alt_verbnames, no_auto_possess, no_dotstar_anchor, no_start_optimize and use_offset_limit change no verdict.",
	}, func(d *decoder, u *urlDraft, s *Line) bool {
		for _, w := range s.Words[1:] {
			if !contains(pcre.Options, w.Text) {
				d.own(w, codeOwnDropped, "unknown regex option '"+w.Text+"'", "it is ignored", suggestWord(w.Text, pcre.Options))
				continue
			}
			u.regex.Options = append(u.regex.Options, w.Text)
		}
		return true
	}),
	regexOffset("regex_min_offset", "0", "Where a match may start.", func(u *urlDraft, n uint64) { u.regex.MinOffset = n }),
	regexOffset("regex_max_offset", "none", "Last place where a match may start.", func(u *urlDraft, n uint64) { u.regex.MaxOffset, u.maxSet = n, true }),
	Custom("regex_stack", "<START> <MAX>", Meta{
		Process: ProcChecker, Repeat: RepeatMerge, Range: "unsigned long, START <= MAX", Default: "default JIT stack", Status: StatusNoEffect,
		Doc: "Sizes of the stack of PCRE2's compiler; there is none here.",
	}, func(d *decoder, _ *urlDraft, s *Line) bool {
		if len(s.Words) < 3 {
			d.logOnly(s, codeMissing, "regex_stack requires start and max sizes", "the line is ignored")
			return false
		}
		start, err1 := strconv.ParseUint(s.Words[1].Text, 10, 64)
		most, err2 := strconv.ParseUint(s.Words[2].Text, 10, 64)
		if err1 != nil || err2 != nil || start > most {
			d.logOnly(s, codeBadValue, "regex_stack sizes are invalid", "the line is ignored")
			return false
		}
		return true
	}),
}

func regexOffset(name, value, doc string, set func(*urlDraft, uint64)) Keyword[urlDraft] {
	return Custom(name, "<N>", Meta{
		Process: ProcChecker, Range: "unsigned long", Default: value, OnBad: "0 is used", Doc: doc,
	}, func(d *decoder, u *urlDraft, s *Line) bool {
		if len(s.Words) < 2 {
			d.logOnly(s, codeMissing, name+" requires a number", "the line is ignored")
			return false
		}
		n, err := strconv.ParseUint(s.Words[1].Text, 10, 64)
		if err != nil {
			d.logOnly(s.Words[1], codeBadValue, "Invalid "+name+" "+s.Words[1].Text+" specified", "0 is used")
			n = 0
		}
		set(u, n)
		return true
	})
}

// parseStatus reads a code or a range of codes.
func parseStatus(word string) (r config.StatusRange, ok bool) {
	first, last, ranged := strings.Cut(word, "-")
	a, err := strconv.Atoi(first)
	if err != nil {
		return r, false
	}
	b := a
	if ranged {
		if b, err = strconv.Atoi(last); err != nil {
			return r, false
		}
	}
	return config.StatusRange{First: a, Last: b}, 100 <= a && a <= b && b <= 599
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
