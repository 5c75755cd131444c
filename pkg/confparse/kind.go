package confparse

import (
	"math"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Keyword is one entry of a table: a word that may stand first on a line of a
// block whose settings are a T.
type Keyword[T any] interface {
	// Spec is the entry as plain data; Block is empty.
	Spec() Spec
	// decode reads one line into t and reports whether it took effect.
	decode(d *decoder, t *T, s *Line) bool
	// below are the rows of the block that the keyword opens.
	below(path string) []Spec
}

// entry is the Keyword that every kind makes.
type entry[T any] struct {
	spec Spec
	// key is the name under which the block remembers the line.
	key  string
	read func(d *decoder, t *T, s *Line) bool
	sub  interface{ specs(path string) []Spec }
	// most is how many words the line may have after the keyword, or unlimited.
	most int
	// show writes the present value of the field as the keyword would be
	// written; nil if the kind cannot.
	show func(t *T) string
}

// shows adds show to an entry.
func (e *entry[T]) shows(show func(*T) string) *entry[T] {
	e.show = show
	return e
}

func (e *entry[T]) Spec() Spec { return e.spec }

func (e *entry[T]) below(path string) []Spec {
	if e.sub == nil {
		return nil
	}
	return e.sub.specs(path)
}

func (e *entry[T]) decode(d *decoder, t *T, s *Line) bool {
	d.spec = &e.spec
	if e.spec.Status != StatusActed {
		d.unacted(s)
	}
	if e.spec.Deprecated != "" {
		d.deprecated(s, expand(e.spec.Deprecated, d.name(), e.spec.Keyword, ""), e.spec.LogOnly)
	}
	at, before := len(d.stack)-1, len(d.diags)
	if !e.read(d, t, s) {
		return false
	}
	if len(d.diags) == before {
		if e.spec.Repeat == RepeatLast {
			d.written(at, e.key, s)
		}
		if len(s.Words)-1 > e.most {
			d.surplus(s, e.most+1, d.stack[at].scope)
		}
	}
	d.record(at, e.key, s)
	return true
}

// newEntry fills in what the kind knows where meta is silent.
func newEntry[T any](name, args, limits string, m Meta, read func(*decoder, *T, *Line) bool) *entry[T] {
	if m.Args == "" {
		m.Args = args
	}
	if m.Range == "" {
		m.Range = limits
	}
	e := &entry[T]{spec: Spec{Keyword: name, Meta: m}, key: name, read: read}
	if m.Alias != "" {
		e.key = m.Alias
	}
	e.most = mostWords(m.Args)
	return e
}

// unlimited is the number of words of a keyword that takes any, or counts them
// by itself.
const unlimited = math.MaxInt

// mostWords is how many words args has at most; alternatives are joined by
// "or".
func mostWords(args string) int {
	if strings.Contains(args, "...") || strings.Contains(args, "options") || strings.Contains(args, "<SCRIPT>") {
		return unlimited
	}
	most := 0
	for alternative := range strings.SplitSeq(args, " or ") {
		most = max(most, len(strings.Fields(strings.ReplaceAll(alternative, "{block}", ""))))
	}
	return most
}

// table is the keywords of one kind of block.
type table[T any] struct {
	list   []Keyword[T]
	byName map[string]Keyword[T]
}

func newTable[T any](groups ...[]Keyword[T]) *table[T] {
	t := &table[T]{byName: map[string]Keyword[T]{}}
	for _, g := range groups {
		for _, k := range g {
			t.list = append(t.list, k)
			t.byName[k.Spec().Keyword] = k
		}
	}
	return t
}

// values are the present values of a block, by keyword, as far as the kinds
// can write them.
func (t *table[T]) values(of *T) map[string]string {
	out := map[string]string{}
	for _, k := range t.list {
		if e, ok := k.(*entry[T]); ok && e.show != nil {
			out[e.spec.Keyword] = e.show(of)
		}
	}
	return out
}

// specs are the rows of the table and of the blocks below it.
func (t *table[T]) specs(path string) []Spec {
	var out, below []Spec
	for _, k := range t.list {
		s := k.Spec()
		s.Block = path
		out = append(out, s)
		sub := s.Keyword
		if path != "" {
			sub = path + "/" + sub
		}
		below = append(below, k.below(sub)...)
	}
	return append(out, below...)
}

func (t *table[T]) names() []string {
	names := make([]string, len(t.list))
	for i, k := range t.list {
		names[i] = k.Spec().Keyword
	}
	return names
}

// scope is a table whose type of settings is forgotten, for the level stack.
type scope interface {
	// run finds and decodes one line; false if the table has no such keyword.
	run(d *decoder, target any, s *Line) bool
	// has reports whether the table has a keyword.
	has(word string) bool
	names() []string
}

func (t *table[T]) has(word string) bool { return t.byName[word] != nil }

func (t *table[T]) run(d *decoder, target any, s *Line) bool {
	k, ok := t.byName[s.Words[0].Text]
	if !ok {
		return false
	}
	k.decode(d, target.(*T), s)
	return true
}

// specRows is a block without keywords of its own: rows for the reference.
type specRows []Spec

func (r specRows) specs(path string) []Spec {
	out := make([]Spec, len(r))
	for i, s := range r {
		s.Block, s.Item = path, true
		if s.Block != "" && strings.HasPrefix(s.Keyword, "/") {
			// "/encap id" is the row "id" of the block "encap" below.
			sub, word, _ := strings.Cut(s.Keyword[1:], " ")
			s.Block, s.Keyword = path+"/"+sub, word
		}
		out[i] = s
	}
	return out
}

// expand fills a message: %v the value, %n the name of the block, %k the
// keyword.
func expand(message, name, keyword, value string) string {
	if !strings.Contains(message, "%") {
		return message
	}
	return strings.NewReplacer("%v", value, "%n", name, "%k", keyword).Replace(message)
}

// blockKind is a keyword that opens a block of settings of its own.
type blockKind[P, T any] struct {
	entry[P]
	table *table[T]
	// block is where T remembers its place; nil if it does not.
	block func(*T) *config.Block
	// closed is called at the closing brace; nil if nothing is to be done.
	closed func(d *decoder, p *P, t *T)
}

// Block is a keyword that opens a block with keywords of its own. open makes
// the settings of the block, or returns nil to have the block skipped; it
// names the block too. closed gets the finished settings.
func Block[P, T any](name, label string, tab *table[T], m Meta,
	block func(*T) *config.Block,
	open func(d *decoder, p *P, s *Line) (t *T, name string),
	closed func(d *decoder, p *P, t *T),
) Keyword[P] {
	args := "{block}"
	if label != "" {
		args = label + " " + args
	}
	k := &blockKind[P, T]{table: tab, block: block, closed: closed}
	k.entry = *newEntry(name, args, "", m, func(d *decoder, p *P, s *Line) bool {
		t, label := open(d, p, s)
		if t == nil {
			d.skip = true
			return false
		}
		var place *config.Block
		if block != nil {
			place = block(t)
		}
		d.push(level{scope: tab, target: t, parent: p, block: place, name: label, head: s, closer: k})
		return true
	})
	k.sub = tab
	return k
}

func (k *blockKind[P, T]) close(d *decoder, parent, target any) {
	if k.closed != nil {
		d.spec = &k.spec
		k.closed(d, parent.(*P), target.(*T))
	}
}

// ListBlock is a keyword whose block holds one entry per line. Each entry is
// given to add; done is called at the end with the number of lines.
func ListBlock[T any](name string, rows specRows, m Meta,
	add func(d *decoder, t *T, s *Line), done func(d *decoder, t *T, s *Line, lines int),
) Keyword[T] {
	e := newEntry(name, "{block}", "", m, func(d *decoder, t *T, s *Line) bool {
		n := 0
		d.list(s, func(entry *Line) {
			n++
			add(d, t, entry)
		})
		if done != nil {
			done(d, t, s, n)
		}
		return true
	})
	e.sub = rows
	return e
}

// Custom is a keyword with a syntax of its own; it is responsible for missing
// arguments.
func Custom[T any](name, args string, m Meta, read func(d *decoder, t *T, s *Line) bool) Keyword[T] {
	return newEntry(name, args, "", m, read)
}

// withRows adds rows of the reference below a keyword that reads its words by
// itself.
func withRows[T any](k Keyword[T], rows specRows) Keyword[T] {
	k.(*entry[T]).sub = rows
	return k
}

// expandObject fills %o.
func expandObject(message, object string) string {
	return strings.ReplaceAll(message, "%o", object)
}
