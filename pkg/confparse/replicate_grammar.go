package confparse

import (
	"errors"
	"io"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// sequenceSpec is ~SEQ(VAR, [START, [STEP,]] END).
type sequenceSpec struct {
	Name    string     `parser:"@Word '('"`
	Var     string     `parser:"@Word"`
	Numbers []specWord `parser:"(',' @@)+ ')'"`
}

// listSpec is ~LST(VAR, VALUE...) or ~LST({VAR...}, {VALUE...}...).
type listSpec struct {
	Name   string      `parser:"@Word '('"`
	Vars   listGroup   `parser:"@@"`
	Values []listGroup `parser:"(',' @@)+ ')'"`
}

type listGroup struct {
	One  *specWord  `parser:"  @@"`
	Many []specWord `parser:"| '{' @@ (',' @@)* '}'"`
}

func (g listGroup) words() []specWord {
	if g.One != nil {
		return []specWord{*g.One}
	}
	return g.Many
}

type specWord struct {
	Pos  lexer.Position
	Text string `parser:"@Word"`
}

func (w specWord) from() int { return w.Pos.Offset }
func (w specWord) to() int   { return w.Pos.Offset + len(w.Text) }

var (
	sequenceGrammar = participle.MustBuild[sequenceSpec](participle.Lexer(specLexer{}))
	listGrammar     = participle.MustBuild[listSpec](participle.Lexer(specLexer{}))
)

func parseSequenceSpec(s string) (*sequenceSpec, error) {
	spec, err := sequenceGrammar.ParseString("", s)
	if err != nil {
		return nil, plainError(err)
	}
	if len(spec.Numbers) > 3 {
		return nil, errors.New("there are more than three numbers")
	}
	if nameEnd(spec.Var, 0) != len(spec.Var) || spec.Var == "" {
		return nil, errors.New("'" + spec.Var + "' is not a name of a variable")
	}
	return spec, nil
}

func parseListSpec(s string) (*listSpec, error) {
	spec, err := listGrammar.ParseString("", s)
	return spec, plainError(err)
}

// plainError drops the position, which the finding has already, and the names
// of the grammar, which mean nothing to the reader of a message.
func plainError(err error) error {
	var unexpected *participle.UnexpectedTokenError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &unexpected):
		return errors.New("it does not read like one")
	case unexpected.Unexpected.EOF():
		return errors.New("it is not complete")
	}
	return errors.New("'" + unexpected.Unexpected.Value + "' does not fit there")
}

// specLexer makes tokens of what stands in the parentheses: the characters
// (){}, and words. Blanks separate. Where a word is missing between two of
// these characters it makes an empty one.
type specLexer struct{}

const (
	wordToken  lexer.TokenType = -2
	punctToken lexer.TokenType = -3
)

// Symbols implements lexer.Definition.
func (specLexer) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{"EOF": lexer.EOF, "Word": wordToken, "Punct": punctToken}
}

// Lex implements lexer.Definition.
func (l specLexer) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return l.LexString(name, string(b))
}

// LexString implements lexer.StringDefinition.
func (specLexer) LexString(_ string, s string) (lexer.Lexer, error) {
	return &specTokens{s: s}, nil
}

type specTokens struct {
	s  string
	at int
	// before is the last punctuation if nothing came after it.
	before byte
}

// Next implements lexer.Lexer.
func (l *specTokens) Next() (lexer.Token, error) {
	for l.at < len(l.s) && isSpace(l.s[l.at]) {
		l.at++
	}
	pos := lexer.Position{Offset: l.at, Line: 1, Column: l.at + 1}
	if l.at == len(l.s) {
		return lexer.EOFToken(pos), nil
	}
	c := l.s[l.at]
	if strings.IndexByte("(){},", c) < 0 {
		l.before = 0
		end := wordEnd(l.s, l.at)
		t := lexer.Token{Type: wordToken, Value: l.s[l.at:end], Pos: pos}
		l.at = end
		return t, nil
	}
	if (l.before == ',' || l.before == '{' || l.before == '(') && (c == ',' || c == '}' || c == ')') {
		l.before = 0
		return lexer.Token{Type: wordToken, Pos: pos}, nil
	}
	l.before = c
	l.at++
	return lexer.Token{Type: punctToken, Value: string(c), Pos: pos}, nil
}

// wordEnd is the end of the word at s[i]; a ${NAME} in it belongs to it.
func wordEnd(s string, i int) int {
	for i < len(s) && !isSpace(s[i]) && strings.IndexByte("(){},", s[i]) < 0 {
		if s[i] == '$' {
			if u, ok := parseUse(s, i); ok && u.braces {
				i = u.end
				continue
			}
		}
		i++
	}
	return i
}
