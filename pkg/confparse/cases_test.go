package confparse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// TestConfigCasesFindings compares the findings that keepalived counts, as
// line and kind, with those of the recorded cases about braces, keywords,
// values and duplicates. Each set is what the passes of keepalived say
// together.
func TestConfigCasesFindings(t *testing.T) {
	const (
		unknown, missing, unexpected, extra, open = codeUnknownKeyword, codeMissingOpen, codeUnexpectedOpen, codeExtraClose, codeMissingClose
		bad, adjusted                             = codeBadValue, codeAdjusted
	)
	cases := map[string]string{
		"003-comment-midword":       "",
		"010-dquote-unterminated":   "3 KA0020, 3 " + codeMissing,
		"014-no-line-continuation":  "3 " + unknown + ", 4 " + unknown,
		"017-bom":                   "1 " + unexpected + ", 1 " + unknown + ", 3 " + unknown + ", 4 " + unknown,
		"030-brace-next-line":       "",
		"031-brace-blank-between":   "",
		"032-brace-no-space":        "",
		"033-one-line-block":        "",
		"034-two-statements-line":   "",
		"035-missing-close":         "3 " + open,
		"036-extra-close":           "5 " + extra + ", 5 " + unknown + ", 7 " + bad,
		"037-missing-open":          "3 " + missing + ", 3 " + unknown + ", 4 " + bad + ", 4 " + unknown + ", 5 " + extra + ", 5 " + unknown,
		"038-extra-open":            "3 " + unexpected + ", 6 " + unknown,
		"039-open-at-top":           "2 " + unexpected + ", 6 " + unknown,
		"040-brace-in-quotes":       "4 " + bad,
		"041-brace-midword":         "3 " + unexpected + ", 3 " + unknown + ", 4 " + bad + ", 6 " + unknown,
		"042-close-then-text":       "",
		"043-unknown-block":         "2 " + unknown + ", 2 " + unexpected + ", 3 " + unknown + ", 4 " + unknown,
		"044-unknown-subblock":      "3 " + unknown + ", 3 " + unexpected + ", 6 " + unknown + ", 7 " + unknown + ", 8 " + unknown,
		"045-unknown-keyword-top":   "2 " + unknown,
		"046-unknown-keyword-block": "3 " + unknown,
		"047-keyword-prefix":        "2 " + unknown + ", 2 " + unexpected + ", 3 " + unknown + ", 4 " + unknown + ", 4 " + unexpected + ", 5 " + unknown,
		"048-empty-block":           "",
		"049-value-block-brace":     "8 " + codeExtraParameters,
		"050-arg-missing":           "3 " + codeMissing + ", 4 " + bad, // keepalived ends at line 3
		"051-arg-missing-handled":   "3 " + codeMissing + ", 4 " + bad,
		"052-arg-extra":             "",
		"053-number-forms":          "3 " + bad + ", 4 " + bad + ", 5 " + bad + ", 8 " + bad + ", 9 " + adjusted + ", 10 " + bad,
		"054-bool-forms":            "9 " + bad + ", 10 " + bad,
		"055-duplicate-global":      "",
		"056-list-without-brace":    "6 " + bad + ", 6 " + unknown + ", 7 " + extra + ", 7 " + unknown,
		"057-brace-on-value":        "3 " + unexpected + ", 5 " + unknown + ", 6 " + unknown,
		"058-name-too-long":         "3 " + adjusted,
		"062-def-undefined":         "3 " + bad + ", 4 " + bad + ", 4 " + unexpected + ", 4 " + unknown + ", 5 " + unknown + ", 6 " + unknown + ", 7 " + unknown,
		"063-def-not-env":           "3 " + bad + ", 3 " + unexpected + ", 3 " + unknown + ", 4 " + unknown,
		"127-duplicate-vs":          "",
		"128-clean-vs":              "",
		"129-vs-bad-address":        "7 " + bad + ", 2 " + codeBlock,
		"133-script-order":          "",
		"137-notify-script":         "",
		"143-deprecated":            "3 " + codeDeprecated,
		"146-duplicate-sync-group":  "7 " + codeDuplicate + ", 3 " + codeReference + ", 3 " + codeReference,
		"147-duplicate-bfd":         "5 " + codeDuplicate,
		"148-duplicate-real-server": "9 " + codeDuplicate,
	}
	dir := sharedDir(t, "spec", "config-cases")
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, found := Load(OSFiles(), name+".conf", caseEnv(dir, ""))
			got := map[string]int{}
			for _, f := range found {
				if f.Class > diag.ClassLog {
					got[fmt.Sprintf("%d %s", f.Reported().Start.Line, f.Code)]++
				}
			}
			for _, w := range strings.Split(want, ", ") {
				if w != "" {
					got[w]--
				}
			}
			for what, n := range got {
				if n != 0 {
					t.Errorf("%s: %+d\n%s", what, n, printFindings(name+".conf", found))
				}
			}
		})
	}
}
