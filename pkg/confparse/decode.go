package confparse

import (
	"fmt"
	"net/netip"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// decoder walks the logical lines as keepalived does: once per process, each
// pass acting on its own blocks and skipping the others by counting braces.
// That matters when braces are wrong: a "}" too many makes other processes
// read what was meant to be inside a block.
type decoder struct {
	env   Env
	files FileSystem
	lines []Line
	// next is the line after the one being decoded.
	next  int
	stack []level
	// opening is set between a block keyword and its brace, skip when the
	// block is to be skipped.
	opening, skip bool
	// headless: the block to be skipped is one of another pass.
	headless bool
	// depth is the number of braces that are open.
	depth int
	// cause is the subject of the finding that stray goes with, unknownLine the
	// last one without a keyword that fits.
	cause       diag.Range
	unknownLine *Line
	// closing is the brace of the block that is being closed.
	closing diag.Range
	// adrift is a cause that braces which match do not end: what it put out of
	// its block lasts up to the next block or to a brace too many.
	adrift diag.Range
	// lastClosed is the last block that was closed at the top level.
	lastClosed closedBlock
	// leftmost is the first block whose closing brace stands further left than
	// its keyword, which tells where a brace is missing.
	leftmost closedBlock
	// misplacedBraces is set once braces went wrong in any pass.
	misplacedBraces bool
	// refused are the values that were refused, by block and keyword.
	refused map[refusal]diag.Range
	// stray is the first brace of the pass that has no partner: what is found
	// behind it may be a consequence.
	stray *Line

	pass  Process
	diags diag.List
	// classes are those of diags; tooMany is set once a finding was left out,
	// lost if that was the last one.
	classes       [diag.ClassInclude + 1]bool
	tooMany, lost bool
	// parent is how many of diags come from the parent's pass.
	parent int
	// seen keeps passes from repeating each other: line and message.
	seen map[finding]int
	// guesses are hints about unknown words, homes the blocks of known ones.
	guesses map[strangeWord]keywordGuess
	homes   map[string][]string
	// missed are the names of trackers that were not found where they were used.
	missed map[string]bool
	// goneScripts are the heads of the scripts that were dropped, by name.
	goneScripts map[string]diag.Range
	// told are the keywords whose status was reported.
	told map[string]bool
	// spec is the keyword being decoded.
	spec *Spec
	// rulesWithout counts the rules without a preference, IPv4 and IPv6.
	rulesWithout [2]int
	// virtuals are the addresses of all instances, made when asked for.
	virtuals map[netip.Addr]bool
	// arena holds the settings of closed blocks.
	arena []config.Setting
	// seenReals are the real servers of the virtual server being resolved.
	seenReals map[netip.AddrPort]bool

	cfg    *config.Config
	names  names
	drafts drafts
}

// closedBlock is a block of the top level, by its keyword and closing brace.
type closedBlock struct{ head, brace *Line }

// String is a hint: which block the brace has closed.
func (c closedBlock) String() string {
	if c.head == nil {
		return ""
	}
	return "the } of line " + itoa(c.brace.Range().Start.Line) + " closes " + c.head.Keyword() + " of line " + itoa(c.head.Range().Start.Line) + ", which starts further right: is one missing before it?"
}

type finding struct {
	line    *Line
	summary string
}

// level is one open block.
type level struct {
	scope  scope
	target any
	parent any
	block  *config.Block
	// name is %n in messages: the instance, script, ... of the block.
	name   string
	head   *Line
	closer closer
	set    []config.Setting
}

// closer finishes a block at its closing brace.
type closer interface {
	close(d *decoder, parent, target any)
}

// walk makes one pass over all lines.
func (d *decoder) walk(pass Process) {
	d.pass = pass
	d.next, d.depth, d.stray = 0, 0, nil
	d.cause, d.adrift, d.unknownLine = diag.Range{}, diag.Range{}, nil
	d.lastClosed, d.leftmost = closedBlock{}, closedBlock{}
	d.opening = false
	d.stack = d.stack[:0]
	d.push(level{scope: topLevel, target: &d.drafts})
	d.opening = false
	for d.next < len(d.lines) {
		s := &d.lines[d.next]
		d.next++
		switch s.Kind {
		case LineOpen:
			d.depth++
			if !d.opening {
				if before := d.next - 2; before >= 0 && &d.lines[before] == d.unknownLine {
					d.blame(d.unknownLine.Words[0].Range())
				}
				d.syntax(s, codeUnexpectedOpen, "Unexpected '{' - ignoring", "the next '}' closes the block around it")
				if n := len(d.diags); d.next < len(d.lines) && d.lines[d.next].Kind == LineOpen && !d.lost && n > 0 && d.diags[n-1].Code == codeUnexpectedOpen {
					d.diags[n-1].Hint = "two braces look like a template that was not filled in"
				}
				d.strayed(s)
			}
			d.opening = false
		case LineClose:
			d.begin(s)
			d.closeBrace(s)
		case LineWords:
			d.begin(s)
			d.statement(s)
		}
	}
	for len(d.stack) > 1 {
		d.pop(nil)
	}
	if d.depth > 0 {
		d.missingClose(d.depth)
	}
}

// begin complains about a block that does not start with a brace; what
// follows is read as if it did.
func (d *decoder) begin(s *Line) {
	if d.opening {
		d.opening = false
		d.syntax(s, codeMissingOpen, "Missing '{' at beginning of configuration block", "the line is read as part of the block")
		d.strayed(s)
	}
}

func (d *decoder) closeBrace(s *Line) {
	head := d.stack[len(d.stack)-1].head
	d.endBlock(s)
	if d.depth == 0 && len(d.stack) == 1 {
		d.stray, d.cause = nil, d.adrift
		if head != nil {
			d.lastClosed = closedBlock{head, s}
		}
	}
}

// drift makes what stands at r the cause of what is lost from here on, unless
// there is one.
func (d *decoder) drift(r diag.Range) {
	if d.cause.IsZero() {
		d.adrift = r
		d.blame(r)
	}
}

// onCourse ends what drift began.
func (d *decoder) onCourse() {
	if !d.adrift.IsZero() {
		d.adrift, d.cause = diag.Range{}, diag.Range{}
	}
}

func (d *decoder) endBlock(s *Line) {
	inside := len(d.stack) > 1
	if inside {
		if head := d.stack[len(d.stack)-1].head; d.leftmost.head == nil && s.Range().Start.Column < head.Range().Start.Column && s.Range().File == head.Range().File {
			d.leftmost = closedBlock{head, s}
		}
		d.pop(s)
	}
	extra := !d.closed()
	if extra {
		effect := d.afterStray()
		if effect == "" {
			effect = "no block is open: one above was closed too early, or this brace is one too many"
		}
		d.syntax(s, codeExtraClose, "Extra '}' found", effect)
		d.blame(s.Range())
	}
	if inside {
		return
	}
	defer d.strayed(s)
	if extra {
		defer d.onCourse()
	}
	effect := "the brace is ignored"
	if since := d.afterStray(); since != "" {
		effect += "; " + since
	}
	d.syntax(s, codeUnknownKeyword, unknownKeyword+"}'", effect)
}

// strayed notes a brace without a partner.
func (d *decoder) strayed(s *Line) {
	if d.stray == nil {
		d.stray = s
		d.blame(s.Range())
	}
}

// blame makes what stands at r the cause of what the braces bring about from
// here on, unless there is one.
func (d *decoder) blame(r diag.Range) {
	d.misplacedBraces = true
	if d.cause.IsZero() {
		d.cause = r
	}
}

// afterStray says where braces began to go wrong, if they did.
func (d *decoder) afterStray() string {
	if d.stray == nil {
		return ""
	}
	return "the braces do not match since line " + itoa(d.stray.Range().Start.Line)
}

// closed counts a closing brace, and reports whether one was open.
func (d *decoder) closed() bool {
	if d.depth == 0 {
		return false
	}
	d.depth--
	return true
}

func (d *decoder) statement(s *Line) {
	top := &d.stack[len(d.stack)-1]
	if len(d.stack) == 1 && d.depth == 0 && top.scope.has(s.Words[0].Text) {
		d.onCourse()
	}
	if !top.scope.run(d, top.target, s) {
		d.unknown(s, top.scope)
	}
	if d.skip {
		d.skip = false
		d.skipBlock()
		d.headless = false
	}
}

// skipBlock passes over the block that follows, without looking inside. A
// block without its brace is not skipped.
func (d *decoder) skipBlock() {
	if d.next >= len(d.lines) {
		return
	}
	head := &d.lines[d.next-1]
	if d.lines[d.next].Kind != LineOpen {
		switch at := openQuoteOf(head); {
		case !at.IsZero():
			d.drift(at)
		case d.headless:
			// The pass that reads the block reports it.
			d.drift(d.lines[d.next].Range())
		}
		return
	}
	depth := 0
	for d.next < len(d.lines) {
		switch d.lines[d.next].Kind {
		case LineOpen:
			depth++
			d.depth++
		case LineClose:
			depth--
			d.closed()
		case LineWords:
		}
		d.next++
		if depth == 0 {
			if len(d.stack) == 1 {
				d.lastClosed = closedBlock{head, &d.lines[d.next-1]}
			}
			return
		}
	}
}

// list reads the entries of a list block up to its closing brace. Without an
// opening brace the entries are read all the same.
func (d *decoder) list(s *Line, entry func(*Line)) {
	spec := d.spec
	open := d.next < len(d.lines) && d.lines[d.next].Kind == LineOpen
	if len(s.Words) > 1 {
		d.extraParameters(s, open)
	}
	if open {
		d.next++
		d.depth++
	} else if d.next < len(d.lines) {
		defer d.becauseOf(len(d.diags), d.openless(s))
	}
	for d.next < len(d.lines) {
		line := &d.lines[d.next]
		d.next++
		switch line.Kind {
		case LineClose:
			if !d.closed() {
				d.syntax(line, codeExtraClose, "Extra '}' found", "")
			}
			return
		case LineOpen:
			d.depth++
			d.drift(line.Range())
			d.strayed(line)
		case LineWords:
		}
		d.spec = spec
		n := len(d.diags)
		entry(line)
		if d.keywordInList(line) && len(d.diags) > n {
			d.diags[n].Hint = s.Keyword() + " of line " + itoa(s.Range().Start.Line) + " is open here: is a } missing before it?"
			d.drift(d.diags[n].Subject)
			defer d.becauseOf(len(d.diags), d.diags[n].Subject)
		}
	}
}

// keywordInList reports whether an entry of a list looks like the next block
// of the block around it.
func (d *decoder) keywordInList(line *Line) bool {
	return line.Kind == LineWords && d.next < len(d.lines) && d.lines[d.next].Kind == LineOpen &&
		d.stack[len(d.stack)-1].scope.has(line.Words[0].Text) && d.cause.IsZero()
}

func (d *decoder) extraParameters(s *Line, open bool) {
	extra := ""
	for _, w := range s.Words[1:] {
		extra += " " + w.Text
	}
	f := diag.Diagnostic{
		Code: codeExtraParameters, Severity: diag.Error, Class: diag.ClassConfig,
		Summary: fmt.Sprintf("Block %s has extra parameters%s ...", s.Keyword(), extra),
		Effect:  "the words before the brace are ignored",
	}
	if !open {
		f.Effect = "the lines from here to the next } are taken for its entries"
		f.Hint = "write: " + s.Keyword() + " {" + extra + " }"
	}
	d.report(s.Words[1], f)
	d.noteRefusal(s.Words[1].Range())
}

// openless reports a list without its opening brace, whose entries are read up
// to the next closing one. What it returns is the cause of what is found until
// then: the words that stand in place of the brace, if there are any.
func (d *decoder) openless(s *Line) diag.Range {
	first := &d.lines[d.next]
	d.logOnly(first, codeMissingOpen, "Missing '{' at beginning of configuration block", "the lines from here to the next } are taken for entries of "+s.Keyword())
	cause := first.Range()
	if len(s.Words) > 1 {
		cause = s.Words[1].Range()
		d.follows(cause)
	}
	d.drift(cause)
	d.strayed(first)
	return cause
}

// becauseOf says of the findings from number n on that they follow from cause.
func (d *decoder) becauseOf(n int, cause diag.Range) {
	for i := n; i < len(d.diags); i++ {
		if d.diags[i].CausedBy.IsZero() && d.diags[i].Subject != cause {
			d.diags[i].CausedBy = cause
		}
	}
}

// push opens a level; its brace is still to come.
func (d *decoder) push(l level) {
	n := len(d.stack)
	if n < cap(d.stack) {
		d.stack = d.stack[:n+1]
		l.set = d.stack[n].set[:0]
		d.stack[n] = l
	} else {
		d.stack = append(d.stack, l)
	}
	if l.head != nil && l.block != nil {
		l.block.Head = l.head.Range()
	}
	d.opening = true
}

// pop closes the innermost level at s, or at the end of the input.
func (d *decoder) pop(s *Line) {
	n := len(d.stack) - 1
	l := &d.stack[n]
	if l.block != nil {
		l.block.Range = l.block.Head
		if s != nil {
			l.block.Range = l.block.Head.To(s.Range())
		}
		if before := l.block.Set; before != nil {
			// global_defs may come in several pieces.
			l.block.Set = append(before[:len(before):len(before)], l.set...)
		} else {
			l.block.Set = d.keep(l.set)
		}
	}
	if l.closer != nil {
		if s != nil {
			d.closing = s.Range()
		}
		l.closer.close(d, l.parent, l.target)
		d.closing = diag.Range{}
	}
	d.stack = d.stack[:n]
}

// keep copies the settings of a block out of the level stack.
func (d *decoder) keep(set []config.Setting) []config.Setting {
	const chunk = 512
	if len(set) == 0 {
		return nil
	}
	if cap(d.arena)-len(d.arena) < len(set) {
		d.arena = make([]config.Setting, 0, max(chunk, len(set)))
	}
	from := len(d.arena)
	d.arena = append(d.arena, set...)
	return d.arena[from:len(d.arena):len(d.arena)]
}

// record notes in the block at level i that the line took effect.
func (d *decoder) record(i int, keyword string, s *Line) {
	l := &d.stack[i]
	l.set = append(l.set, config.Setting{Keyword: keyword, Range: s.Range()})
}

// has reports whether keyword took effect in the block that is open now, or in
// an earlier piece of it.
func (d *decoder) has(keyword string) bool {
	l := &d.stack[len(d.stack)-1]
	for i := range l.set {
		if l.set[i].Keyword == keyword {
			return true
		}
	}
	return l.block != nil && l.block.Has(keyword)
}

// name is that of the innermost open block that has one.
func (d *decoder) name() string {
	for i := len(d.stack) - 1; i > 0; i-- {
		if d.stack[i].name != "" {
			return d.stack[i].name
		}
	}
	return ""
}
