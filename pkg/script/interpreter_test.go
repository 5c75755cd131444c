package script

import (
	"strings"
	"testing"
)

func TestInterpreter(t *testing.T) {
	tests := map[string]struct {
		name  string
		shell bool // only a shell can run it
	}{
		"#!/bin/sh\necho":        {name: "/bin/sh"},
		"#! \t/bin/sh -e\n":      {name: "/bin/sh"},
		"#!/usr/bin/env python3": {name: "/usr/bin/env"},
		"#!/bin/sh":              {name: "/bin/sh"},
		"#!\n/bin/sh":            {},
		"#!":                     {},
		"\x7fELF\x02":            {},
		"echo x\n":               {shell: true},
		" #!/bin/sh\n":           {shell: true},
		"":                       {shell: true},
	}
	for head, want := range tests {
		if got := Interpreter([]byte(head)); got != want.name {
			t.Errorf("interpreter of %q is %q, want %q", head, got, want.name)
		}
		if got := needsShell([]byte(head)); got != want.shell {
			t.Errorf("%q needs a shell: %v", head, got)
		}
	}
}

func FuzzInterpreter(f *testing.F) {
	for _, s := range []string{"#!/bin/sh -x\n", "#! \n", "\x7fELF", "#!a\x00b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		name := Interpreter(head)
		if strings.ContainsAny(name, " \t\n\x00") {
			t.Errorf("%q has the interpreter %q", head, name)
		}
		if name != "" && needsShell(head) {
			t.Errorf("%q has an interpreter and needs a shell", head)
		}
	})
}
