package confparse

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// TestReadLikeKeepalived makes random lines and compares how they are read
// with how keepalived 2.2.7 reads them: smtp_alert prints the second word of
// every line that is not a boolean. Left out is where 2.4.3 or we differ:
// comments that end in a backslash, two conditions on a line, an escaped #
// beside a definition, definitions that use themselves.
func TestReadLikeKeepalived(t *testing.T) {
	binary := keepalived227(t)
	for name, generate := range map[string]func(*rand.Rand) []string{
		"words": randomWords, "definitions": randomUses, "statements": randomStatements,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "k.conf")
			for seed := range uint64(12) {
				lines := generate(rand.New(rand.NewPCG(seed, 1)))
				text := strings.Join(lines, "\n") + "\n"
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				want := alertsOfKeepalived(t, binary, path)
				if want == "" {
					t.Fatalf("seed %d: keepalived shows nothing", seed)
				}
				got := alertsOfRead(path)
				if got == want {
					continue
				}
				g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
				for i := range max(len(g), len(w)) {
					if i >= len(g) || i >= len(w) || g[i] != w[i] {
						t.Errorf("seed %d: read %q, keepalived %q\n%s", seed, g[min(i, len(g)-1)], w[min(i, len(w)-1)], text)
						break
					}
				}
			}
		})
	}
}

// keepalived227 finds the binary, or skips the test.
func keepalived227(t *testing.T) string {
	t.Helper()
	nstest.Require(t, "keepalived")
	path, err := exec.LookPath("keepalived")
	if err != nil {
		t.Fatal(err)
	}
	if version, _ := exec.Command(path, "-v").CombinedOutput(); !bytes.Contains(version, []byte("v2.2.7")) {
		nstest.Missing(t, "keepalived", fmt.Errorf("another version than 2.2.7: %.40s", version))
	}
	return path
}

var alertMessage = regexp.MustCompile(`(?m)^\(Line (\d+)\) Invalid value '(.*)' for global smtp_alert specified$`)

func alertsOfKeepalived(t *testing.T, binary, path string) string {
	t.Helper()
	out, err := exec.Command(binary, "-t", "-f", path, "-i", "one").CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, m := range alertMessage.FindAllSubmatch(out, -1) {
		fmt.Fprintf(&b, "%s %q\n", m[1], m[2])
	}
	return b.String()
}

func alertsOfRead(path string) string {
	lines, _, _ := Read(OSFiles(), path, Env{ConfigID: "one", WorkDir: "/"})
	var b strings.Builder
	for i := range lines {
		l := &lines[i]
		if l.Keyword() == "smtp_alert" && len(l.Words) > 1 {
			fmt.Fprintf(&b, "%d %q\n", l.Range().Start.Line, l.Words[1].Text)
		}
	}
	return b.String()
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func inGlobalDefs(head []string, n int, line func() string) []string {
	lines := append(head, "global_defs {")
	for range n {
		lines = append(lines, line())
	}
	return append(lines, "}")
}

// randomWords are quotes, comments and backslashes.
func randomWords(r *rand.Rand) []string {
	return inGlobalDefs(nil, 40, func() string {
		s := "smtp_alert "
		for range 1 + r.IntN(7) {
			s += pick(r, "a", "b c", `"`, `"`, "#", "!", `\`, `\#`, `\!`, `\"`, `\\`, "'", " ", "\t", `x"y"`, `"a b"`, `"#"`, "\v")
		}
		return strings.TrimRight(s, `\`) + " ."
	})
}

// randomUses are uses of definitions in all positions.
func randomUses(r *rand.Rand) []string {
	head := []string{"$A=val", "$B=x y", "$C=${A}z", `$Q="q # r"`, "$E="}
	return inGlobalDefs(head, 40, func() string {
		s := "smtp_alert "
		for range 1 + r.IntN(7) {
			s += pick(r, "a", "$A", "${A}", "$B", "${B}", "$C", "${C}", "$Q", "${E}", " ", ".", ",", ")", `"`, `"x y"`, "$", "${NO", "$NO", "-", "$A$B", "${A}${B}")
		}
		return s
	})
}

// randomStatements are conditions, definitions, replicators and multi-line
// definitions.
func randomStatements(r *rand.Rand) []string {
	head := []string{
		"$V=val", "$W=ww", "$n=N", "$m=M", "$p=P", "$q=Q",
		`$BLK= \`, `smtp_alert b1$n \`, `@one smtp_alert b2 $V \`, `@two smtp_alert b3 \`, `smtp_alert b4${V}`,
		`$BLK2=smtp_alert c1 \`, `$BLK \`, `smtp_alert c2`, "$C1=smtp_alert x$n",
	}
	return inGlobalDefs(head, 25, func() string { return randomStatement(r, 0) })
}

func randomStatement(r *rand.Rand, depth int) string {
	word := func() string {
		return pick(r, "a", "$n", "${n}", "x${m}y", "$V", "${V}", "$p", "$q", "${p}", `"q $n"`, "v$n", "w", "")
	}
	number := func() string { return strconv.Itoa(r.IntN(9) - 3) }
	switch k := r.IntN(20); {
	case k < 9:
		return "smtp_alert " + word() + " " + word() + pick(r, "", " # c", " "+word())
	case k < 11:
		return pick(r, "@one ", "@two ", "@^one\t", "@^two  ", "@ ", "@^ ") + "smtp_alert " + word()
	case k < 14 && depth < 3:
		s := pick(r, "~SEQ", "~SEQ", "~SEQ", "~SEQx") + pick(r, "", " ") + "(" + pick(r, "n", "m")
		numbers := []string{number()}
		if r.IntN(2) == 0 {
			numbers = append(numbers, number())
			if r.IntN(3) == 0 {
				numbers = append(numbers[:1], pick(r, "1", "2", "-1", "3"), numbers[1])
			}
		}
		for _, n := range numbers {
			s += pick(r, ",", ", ", " , ") + n
		}
		return s + ")" + pick(r, "", " ") + randomStatement(r, depth+1)
	case k < 16 && depth < 3:
		s := "~LST(" + pick(r, "p", "q")
		for range 1 + r.IntN(3) {
			s += ", " + pick(r, "r", "g", "b1", "$V")
		}
		return s + ") " + randomStatement(r, depth+1)
	case k < 17 && depth < 3:
		s := "~LST({p, q}"
		for range 1 + r.IntN(3) {
			s += ", {" + pick(r, "r", "g") + pick(r, "", ",b", ", b1") + "}"
		}
		return s + ") " + randomStatement(r, depth+1)
	case k < 19:
		return pick(r, "$V=1", "$V=$W", "$V=${n}x", "$V=a b", "$W=1", "$W=two", "$W=", "$n=1", "$n=two")
	}
	return pick(r, "$BLK", "smtp_alert $BLK", "$BLK2", "$C1")
}
