package confparse

import (
	"slices"
	"testing"
)

func TestMatchName(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "abc", true},
		{"*", ".abc", false},
		{".*", ".abc", true},
		{`\.*`, ".abc", true},
		{"?abc", ".abc", false},
		{"[.]abc", ".abc", false},
		{"a*c", "abbc", true},
		{"a*c", "abbd", false},
		{"a*b*c", "aXbYbZc", true},
		{"*.conf", "a.conf", true},
		{"*.conf", "a.conf~", false},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"[abc]x", "bx", true},
		{"[a-c]x", "cx", true},
		{"[a-c]x", "dx", false},
		{"[!a-c]x", "dx", true},
		{"[^a-c]x", "ax", false},
		{"[]a]x", "]x", true},
		{"[!]a]x", "]x", false},
		{"[a-]x", "-x", true},
		{"[[:digit:][:upper:]]x", "7x", true},
		{"[[:digit:][:upper:]]x", "ax", false},
		{"[[:nosuch:]]x", "ax", false},
		{"[ab", "[ab", true},
		{"[", "[", true},
		{`\*x`, "*x", true},
		{`\*x`, "ax", false},
		{`[\]]x`, "]x", true},
		{`a\`, `a\`, true},
		{"é*", "étoile", true},
	}
	for _, tt := range tests {
		if got := matchName(tt.pattern, tt.name); got != tt.want {
			t.Errorf("matchName(%q, %q) = %v", tt.pattern, tt.name, got)
		}
	}
}

func TestExpandBraces(t *testing.T) {
	tests := []struct {
		pattern string
		want    []string
	}{
		{"a", []string{"a"}},
		{"{b,a}.conf", []string{"b.conf", "a.conf"}},
		{"{foo/{,cat,dog},bar}", []string{"foo/", "foo/cat", "foo/dog", "bar"}},
		{"{a,b}{1,2}", []string{"a1", "a2", "b1", "b2"}},
		{"{a}", []string{"a"}},
		{"{}", []string{"{}"}},
		{"{a", []string{"{a"}},
		{"a}", []string{"a}"}},
		{"{a{b,c}", []string{"{ab", "{ac"}},
		{`\{a,b}`, []string{`\{a,b}`}},
		{"{a,}", []string{"a", ""}},
	}
	for _, tt := range tests {
		if got := expandBraces(tt.pattern); !slices.Equal(got, tt.want) {
			t.Errorf("expandBraces(%q) = %q, want %q", tt.pattern, got, tt.want)
		}
	}
	if n := len(expandBraces("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")); n > mostAlternatives {
		t.Errorf("%d alternatives", n)
	}
}

func TestGlob(t *testing.T) {
	files := mapFiles{"/etc/k/a.conf": "", "/etc/k/b.conf": "", "/etc/k/d1/x.conf": "", "/etc/k/d2/x.conf": "", "/etc/k/d2/y.conf": "", "/etc/o": "", "/etc/k/we[1].conf": ""}
	tests := []struct {
		pattern string
		want    []string
		missing int
	}{
		{"a.conf", []string{"a.conf"}, 0},
		{"*.conf", []string{"a.conf", "b.conf", "we[1].conf"}, 0},
		{"d*/x.conf", []string{"d1/x.conf", "d2/x.conf"}, 0},
		{"d*/*", []string{"d1/x.conf", "d2/x.conf", "d2/y.conf"}, 0},
		{"*/*.conf", []string{"d1/x.conf", "d2/x.conf", "d2/y.conf"}, 0},
		{"d*/nosuch", nil, 0},
		{"nosuch*", nil, 0},
		{"nosuch", nil, 1},
		{"nosuch/*", nil, 1},
		{"/etc/o", []string{"/etc/o"}, 0},
		{"/etc/?", []string{"/etc/k", "/etc/o"}, 0},
		{"//etc//o", []string{"//etc//o"}, 0},
		{"../o", []string{"../o"}, 0},
		{"./d2//x.conf", []string{"./d2//x.conf"}, 0},
		{"d1/", []string{"d1/"}, 0},
		{"{b,nosuch,a}.conf", []string{"b.conf", "a.conf"}, 1},
		{"{d2,d1}/*", []string{"d2/x.conf", "d2/y.conf", "d1/x.conf"}, 0},
		{`we\[1\].conf`, []string{"we[1].conf"}, 0},
		{"we[1].conf", nil, 0},
		{"[.conf", nil, 1},
	}
	for _, tt := range tests {
		m := glob(files, "/etc/k", tt.pattern)
		if !slices.Equal(m.names, tt.want) || len(m.missing) != tt.missing {
			t.Errorf("glob(%q) = %q, missing %q; want %q, %d missing", tt.pattern, m.names, m.missing, tt.want, tt.missing)
		}
	}
}
