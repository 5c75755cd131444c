package snmp

import (
	"regexp"
	"strings"
	"testing"
)

// exception is a difference between the walks of the two daemons that is
// meant. Each must be met, so that none outlives its reason.
type exception struct {
	// name matches the OID below …9586.100.5, .1.3.6.1.2.1.68 or .207, as
	// "K.2.3.1.27.1", "68.1.3.1.7.3.51", "207...".
	name string
	// theirs and ours are patterns of the values; "" is a line that is not
	// there.
	theirs, ours string
	why          string
}

// anyTime is the pattern of a value that may also be the same by chance.
const anyTime = `Timeticks: .*`

var shorter = strings.NewReplacer(".1.3.6.1.4.1.9586.100.5.", "K.", ".1.3.6.1.2.1.68.", "68.", ".1.3.6.1.2.1.207.", "207.")

// table splits the lines of a walk.
func table(lines []string) (order []string, values map[string]string) {
	values = map[string]string{}
	for _, line := range lines {
		name, value, _ := strings.Cut(shorter.Replace(line), " = ")
		order = append(order, name)
		values[name] = value
	}
	return order, values
}

func matches(pattern, text string) bool {
	return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(text)
}

// compareWalks reports every difference that no exception allows, and every
// exception that did not occur.
func compareWalks(t testing.TB, theirs, ours []string, allowed []exception) {
	t.Helper()
	a, va := table(theirs)
	b, vb := table(ours)
	met := make([]bool, len(allowed))
	check := func(name string) {
		equal := va[name] == vb[name]
		for i, e := range allowed {
			if equal && e.theirs != anyTime {
				continue
			}
			if matches(e.name, name) && matches(e.theirs, va[name]) && matches(e.ours, vb[name]) {
				met[i] = true
				return
			}
		}
		if equal {
			return
		}
		t.Errorf("%s\n  keepalived %s\n  ours       %s", name, orNone(va[name]), orNone(vb[name]))
	}
	for _, name := range a {
		check(name)
	}
	for _, name := range b {
		if _, both := va[name]; !both {
			check(name)
		}
	}
	for i, e := range allowed {
		if !met[i] {
			t.Errorf("the exception for %s (%s) did not occur", e.name, e.why)
		}
	}
	t.Logf("%d objects of keepalived, %d of ours", len(a), len(b))
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
