package confparse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// TestConfigCasesRead compares what reaches the keyword tables with what
// keepalived shows of it: each case prints the second words of its smtp_alert
// lines (other lines in full) with the line that keepalived names, "+" in
// front of a finding of the reader. Cases marked "differs" are those of
// docs/compatibility.md where keepalived is not followed.
func TestConfigCasesRead(t *testing.T) {
	tests := []struct{ name, args, want string }{
		{"003-comment-midword", "", "3 vrrp_garp_master_repeat 3; 4 vrrp_garp_master_delay 4"},
		{"004-comment-in-dquote", "", "3 vrrp_garp_master_repeat 3#4!5"},
		{"005-comment-in-squote", "", "3 router_id 'a; 4 vrrp_garp_master_repeat '3"},
		{"006-comment-escaped", "", "3 vrrp_garp_master_repeat 3#4!5"},
		{"007-squote-not-grouping", "", "3 'on'; 4 'on"},
		{"008-dquote-group", "", "3 on off; 4 on"},
		{"009-dquote-adjacent", "", "3 umask IRUSR | IWUSR; 4 o"},
		{"010-dquote-unterminated", "", "3 router_id; +3 Unterminated quote 'router_id \"abc'"},
		{"011-dquote-empty", "", "3 "},
		{"012-keyword-quoted", "", "3 router_id lb1; 4 nosuch word 1"},
		{"013-escape-line-level", "", `3 on\x20; 4 \x6fn`},
		{"014-no-line-continuation", "", `3 router_id\; 4 lb1`},
		{"015-whitespace-kinds", "", "3 router_id lb1; 4 maybe"},
		{"016-crlf", "", "3 router_id lb1; 4 maybe"},
		{"017-bom", "", "1 \ufeffglobal_defs; 3 router_id lb1; +1 The file starts with a byte order mark"},
		{"018-non-ascii", "", "3 router_id café; 4 \xe9t\xe9"},
		{"019-empty", "", ""},
		{"021-embedded-nul", "", "4 on; +3 configuration appears to have embedded NULs - ignoring line"},
		{"023-line-1023", "", "+3 line too long - ignoring"},
		// differs: keepalived counts the tail as a further line.
		{"024-line-1100-unknown", "", "3 tailword " + strings.Repeat("b", 60) + "; +3 line too long - ignoring"},
		{"025-comment-trailing-backslash", "", "3 router_id lb1; 4 maybe"},
		{"026-quote-in-comment", "", "3 router_id lb1; 4 maybe"},
		{"027-escaped-quote", "", `3 \`},
		{"034-two-statements-line", "", "2 router_id lb1 smtp_alert maybe"},
		{"040-brace-in-quotes", "", "3 router_id a{b}c; 4 {}"},
		{"041-brace-midword", "", "3 router_id a; 3 b; 4 maybe"},
		{"060-def-basic", "", "4 wrongvalue; 5 xwrongvaluey"},
		{"061-def-bare-terminator", "", "4 $V.x; 5 aee,b; 6 ee); 7 $V/x; 8 ee.x"},
		{"062-def-undefined", "", "3 $NOPE; 4 $; 4 NOPE; 5 a$b; 6 $; +3 Unknown definition 'NOPE'; +4 Unknown definition 'NOPE'"},
		{"063-def-not-env", "", "3 $; 3 PATH; +3 Unknown definition 'PATH'"},
		{"064-def-env", "env:KA_CASE_VAR=fromenv", "3 fromenv; 4 []"},
		{"065-def-redefine", "", "2 $A = one; 6 two; 8 three; 9 three"},
		{"066-def-multiline", "", "7 one; 7 two; 7 three; 8 four"},
		{"067-def-multiline-trailing", "", "6 $BLK tail; 7 smtp_alert; 7 two; +6 Multi-line definition 'BLK' is not at the end of the line"},
		{"068-def-keyword-position", "", "5 maybe"},
		{"069-def-self-recursive", "", "6 xyzedyx"},
		{"070-def-bad-names", "", "2 $1A=x; 3 $A-B=x; 5 $A; 7 fine"},
		// differs: the characters themselves.
		{"071-std-defs", "", "3 a#b!c; 4 #; +3 Literal '#'; +4 Literal '#'"},
		{"072-std-instance", "-i node7", "3 id-node7"},
		{"073-random-range", "", "3 r5; 4 r$; 4 _RANDOM 1 2 3; +4 Definition _RANDOM requires between 0 and 2 parameters, 3 specified."},
		{"074-def-empty", "", "4 ab; 5 router_id lb1"},
		{"075-def-in-quotes", "", "4 a ee b; 5 $V; 6 ee x"},
		// differs from 2.4.3, as 2.2.7 and the man page.
		{"076-def-to-condition", "-i one", "5 one"},
		{"077-def-to-seq", "", "4 r1; 4 r2"},
		{"078-def-in-multiline", "", "10 head; 10 v1; 11 w2"},
		{"079-def-too-long", "", "4 " + strings.Repeat("v", 600) + "; +4 Substitution of $V makes the line longer than 1023 bytes - not made"},
		{"080-cond-match", "-i one", "3 is-one; 6 not-two; 8 indented; +7 Nothing stands behind the condition @one"},
		{"081-cond-block", "-i one", "3 one"},
		{"082-cond-def", "-i one", "4 @one $W=twice; 5 @two $W=never; 7 one; 8 $W"},
		{"083-cond-case", "-i one", "6 tab; 8 one smtp_alert e"},
		{"084-cond-include", "-i one", "inc/bad.conf:1 smtp_bad_from_include 1"},
		// differs from 2.4.3, as 2.2.7 and the man page.
		{"085-multiline-comment-line", "", "7 one; 7 two"},
		{"086-multiline-nested", "", "10 b1; 10 a1; 10 a2; 10 b2"},
		{"087-std-pwd", "", "3 /cases/x; inc/sub/pwd.conf:1 /cases/inc/sub/x"},
		{"090-seq-one", "", "3 v1; 3 v2; 3 v3"},
		{"091-seq-range", "", "3 a4; 3 a3; 3 a2; 4 b10; 4 b15; 4 b20; 5 c-1; 5 c-2"},
		{"092-seq-hex", "", "3 x9; 3 xa; 3 xb"},
		{"093-seq-bad", "", "7 ~FOO(n, 2) smtp_alert 5; +3 Invalid ~SEQ specification '~SEQ smtp_alert 1'; +4 Invalid ~SEQ specification '~SEQ(n) smtp_alert 2'; " +
			"+5 Invalid ~SEQ specification '~SEQ(n, 1, 0, 3) smtp_alert 3'; +6 Invalid ~SEQ specification '~SEQx(n, -3) smtp_alert 4'"},
		{"094-seq-nested", "", "3 p1q1; 3 p1q2; 3 p2q1; 3 p2q2"},
		{"095-seq-multiline", "", "6 one-1; 6 two-1; 6 one-2; 6 two-2"},
		{"096-lst-simple", "", "3 l-red; 3 l-green; 4 t-a-b-; 4 t-c--"},
		{"097-lst-bad", "", "+3 Invalid ~LST specification '~LST(p) smtp_alert 1'; +4 Invalid ~LST specification '~LST({p, q}, {a, b, c}) smtp_alert 2'; " +
			"+5 Invalid ~LST specification '~LST smtp_alert 3'"},
		{"098-seq-zero-overshoot", "", "3 a1; 3 a0; 4 b1; 4 b3; 4 b5; 5 after5"},
		{"099-seq-block", "", "3 $p-1; 3 $p-2; 3 $p-1; 3 $p-2; 5 vrrp_sync_group g1; 5 group; 5 a1; 5 vrrp_sync_group g2; 5 group; 5 a2"},
		{"100-include-basic", "", "inc/frag.conf:2 from-frag; inc/sub/deep.conf:1 deep; inc/frag.conf:4 end-frag; 4 after"},
		{"101-include-missing", "", "+2 Config files missing 'inc/nosuch.conf'."},
		{"104-includew-wild", "", "+2 No config files matched 'inc/zz*.conf'."},
		{"105-includem-wild", "", ""},
		{"106-includea-glob", "", "inc/g1.conf:1 g1; inc/g2.conf:1 g2"},
		{"107-includeb-brace", "", "+3 Some config files missing: \"inc/{g1,g9}.conf\"."},
		{"108-include-brace", "", "inc/g1.conf:1 g1; +3 Some config files missing: \"inc/{g1,g9}.conf\"."},
		{"112-include-check-flags", "", "3 include_check match +brace_match -read; 4 include_check readable; 5 include_check read match; " +
			"+4 include_check type 'readable' is 'read'; +5 Duplicate include_check 'match' specified - ignoring"},
		{"114-include-word", "", "2 include; 3 includex inc/g1.conf; 4 include_inc/g1.conf"},
		{"115-include-block-open", "", "3 maybe"},
		{"116-include-def", "", "5 seen; inc/g1.conf:1 g1"},
		{"118-include-quoted", "", "+3 Config files missing '\"inc/g1.conf\"'."},
		// differs: reported at once, as an error.
		{"138-include-self", "", "+2 Configuration file '138-include-self.conf' includes itself - skipping"},
		{"139-include-check-scope", "", "inc/strict.conf:2 include_check; +3 Config files missing 'inc/nosuch.conf'."},
		{"149-random-bounds", "", "3 r9; 4 include_check match; 5 s$; 5 _RANDOM a; +5 Definition _RANDOM requires numeric parameters only."},
	}
	cases := sharedDir(t, "spec", "config-cases")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			main := tt.name + ".conf"
			env := caseEnv(cases, tt.args)
			lines, set, diags := Read(OSFiles(), main, env)
			checkPlaces(t, lines, set, diags)
			if got := caseSummary(main, lines, diags); strings.ReplaceAll(got, cases, "/cases") != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// caseEnv makes an Env of the fifth column of expected.tsv.
func caseEnv(dir, args string) Env {
	env := Env{HostName: "testhost", WorkDir: dir, Test: true}
	vars := map[string]string{}
	words := strings.Fields(args)
	for i, w := range words {
		switch {
		case w == "-i" && i+1 < len(words):
			env.ConfigID = words[i+1]
		case strings.HasPrefix(w, "--config-id="):
			_, env.ConfigID, _ = strings.Cut(w, "=")
		case w == "-e":
			env.IncludeCheckAll = true
		case strings.HasPrefix(w, "env:"):
			name, value, _ := strings.Cut(strings.TrimPrefix(w, "env:"), "=")
			vars[name] = value
		}
	}
	env.Getenv = func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}
	return env
}

func caseSummary(main string, lines []Line, diags diag.List) string {
	var parts []string
	at := func(r diag.Range) string {
		if r.File == main {
			return fmt.Sprint(r.Start.Line)
		}
		return fmt.Sprintf("%s:%d", r.File, r.Start.Line)
	}
	for i := range lines {
		l := &lines[i]
		if l.Kind != LineWords || l.Keyword() == "global_defs" {
			continue
		}
		words := l.Words
		if l.Keyword() == "smtp_alert" && len(words) > 1 {
			words = words[1:2]
		}
		var texts []string
		for _, w := range words {
			texts = append(texts, w.Text)
		}
		parts = append(parts, at(l.Range())+" "+strings.Join(texts, " "))
	}
	for _, d := range diags {
		parts = append(parts, "+"+at(d.Reported())+" "+d.Summary)
	}
	return strings.Join(parts, "; ")
}
