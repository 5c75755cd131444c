package confparse

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// replicator is a ~SEQ, ~SEQx or ~LST with the values of its turns.
type replicator struct {
	name string
	vars []string
	// numbers is set for ~SEQ: turn i is start + i*step.
	numbers     bool
	hex         bool
	start, step int64
	turns       uint64
	// values has the members of each turn of a ~LST.
	values [][]text
}

// replicatorName is the ~WORD that s starts with, if that is one of the
// replicators.
func replicatorName(s string) string {
	if s == "" || s[0] != '~' {
		return ""
	}
	for _, name := range [...]string{"~SEQx", "~SEQ", "~LST"} {
		if strings.HasPrefix(s, name) && nameEnd(s, len(name)) == len(name) {
			return name
		}
	}
	return ""
}

// replicate processes the rest of the line t once per value. Its bad forms
// are reported and the line is dropped.
func (r *reader) replicate(t text, name string, st lineState) {
	code, what := diag.CodeSequence, "~SEQ"
	if name == "~LST" {
		code, what = diag.CodeListBlock, "~LST"
	}
	end := strings.IndexByte(t.s, ')') + 1
	var rep *replicator
	err := errors.New("there is no ')' after " + name + "(")
	if end > 0 {
		rep, err = r.parseReplicator(t.slice(0, end), name)
	}
	if err != nil {
		at := t.place(0, max(end, len(name)))
		r.reportWith(at, code, "Invalid "+what+" specification '"+t.s+"'", err.Error())
		return
	}
	at := t.place(0, end)
	for end < len(t.s) && isSpace(t.s[end]) {
		end++
	}
	body := t.slice(end, len(t.s))
	if st.more != nil && st.more.continues && startsDefinition(body.s) {
		d := &definition{}
		r.addLines(d, st.more)
		st.tail = d.lines
	}
	for turn := uint64(0); turn < rep.turns; turn++ {
		if !r.spend(at, 1) {
			return
		}
		step := &origin{file: at.from.file, parent: at.from, use: at.span, kind: diag.FrameRepeat, rep: rep, turn: int(turn)}
		r.setTurn(rep, turn)
		r.line(body.under(step), lineState{tail: st.tail})
	}
}

// setTurn defines the variables for one turn. They keep their last values.
func (r *reader) setTurn(rep *replicator, turn uint64) {
	if rep.numbers {
		r.defs[rep.vars[0]] = &definition{name: rep.vars[0], lines: []text{{s: rep.number(turn)}}, made: true}
		return
	}
	members := rep.values[turn]
	for i, name := range rep.vars {
		d := &definition{name: name, made: true, lines: []text{{}}}
		if i < len(members) && members[i].s != "" {
			d.lines[0], d.made = members[i], false
		}
		r.defs[name] = d
	}
}

func (rep *replicator) number(turn uint64) string {
	n := rep.start + int64(turn)*rep.step
	if rep.hex {
		return strconv.FormatInt(n, 16)
	}
	return strconv.FormatInt(n, 10)
}

// describe is "~SEQ with n=3".
func (rep *replicator) describe(turn int) string {
	var b strings.Builder
	b.WriteString(rep.name)
	b.WriteString(" with ")
	for i, v := range rep.vars {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(v)
		b.WriteByte('=')
		switch {
		case rep.numbers:
			b.WriteString(rep.number(uint64(turn)))
		case i < len(rep.values[turn]):
			b.WriteString(rep.values[turn][i].s)
		}
	}
	return b.String()
}

// parseReplicator reads the text up to the closing parenthesis.
func (r *reader) parseReplicator(t text, name string) (*replicator, error) {
	rep := &replicator{name: name}
	if name == "~LST" {
		spec, err := parseListSpec(t.s)
		if err != nil {
			return nil, err
		}
		return rep, rep.fillList(t, spec)
	}
	spec, err := parseSequenceSpec(t.s)
	if err != nil {
		return nil, err
	}
	rep.numbers, rep.hex = true, name == "~SEQx"
	rep.vars = []string{spec.Var}
	numbers := make([]int64, 0, 3)
	for _, w := range spec.Numbers {
		v := r.expand(t.slice(w.from(), w.to()))
		n, ok := cNumber(v.s)
		if !ok {
			return nil, errors.New("'" + v.s + "' is not a number")
		}
		numbers = append(numbers, n)
	}
	if rep.hex && (numbers[0] < 0 || numbers[len(numbers)-1] < 0) {
		return nil, errors.New("~SEQx is only valid for positive numbers")
	}
	return rep, rep.count(numbers)
}

// cNumber reads a number as C writes it: decimal, octal after a 0 or
// hexadecimal after 0x. Go's 0o7, 0b1 and 1_000 are none.
func cNumber(s string) (int64, bool) {
	digits := strings.TrimLeft(s, "+-")
	if len(digits) > 1 && digits[0] == '0' && strings.IndexByte("oObB", digits[1]) >= 0 || strings.Contains(s, "_") {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 0, 64)
	return n, err == nil
}

// count sets start, step and turns from the one to three numbers given.
func (rep *replicator) count(numbers []int64) error {
	end := numbers[len(numbers)-1]
	rep.start = 1
	if len(numbers) == 1 && end < 0 {
		rep.start = -1
	}
	if len(numbers) > 1 {
		rep.start = numbers[0]
	}
	rep.step = 1
	if end < rep.start {
		rep.step = -1
	}
	if len(numbers) == 3 {
		rep.step = numbers[1]
	}
	switch {
	case rep.step == 0:
		return errors.New("the step is 0")
	case rep.step > 0 && end < rep.start, rep.step < 0 && end > rep.start && len(numbers) == 3:
		return errors.New("the step leads away from the end")
	}
	// Unsigned, because the distance of two int64 may not fit one.
	distance, step := uint64(end)-uint64(rep.start), uint64(rep.step)
	if rep.step < 0 {
		distance, step = uint64(rep.start)-uint64(end), -step
	}
	rep.turns = distance/step + 1
	if rep.turns == 0 {
		rep.turns = distance / step
	}
	return nil
}

// fillList sets the variables and values of a ~LST. Definitions in the values
// are substituted where the variable is used.
func (rep *replicator) fillList(t text, spec *listSpec) error {
	for _, v := range spec.Vars.words() {
		if v.Text == "" || nameEnd(v.Text, 0) != len(v.Text) {
			return errors.New("'" + v.Text + "' is not a name of a variable")
		}
		rep.vars = append(rep.vars, v.Text)
	}
	for _, g := range spec.Values {
		members := g.words()
		if len(members) > len(rep.vars) {
			return errors.New("too many values for " + strconv.Itoa(len(rep.vars)) + " variables")
		}
		var values []text
		for _, m := range members {
			values = append(values, t.slice(m.from(), m.to()))
		}
		rep.values = append(rep.values, values)
	}
	rep.turns = uint64(len(rep.values))
	return nil
}
