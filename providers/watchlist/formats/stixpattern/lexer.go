package stixpattern

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// tokenKind is the symbol of a punctuation token, or one of these.
type tokenKind string

const (
	endToken     tokenKind = "the end"
	nameToken    tokenKind = "a name"
	literalToken tokenKind = "a value"
)

type token struct {
	kind tokenKind
	// literal is set for literalToken.
	literal    Literal
	start, end int
}

type lexer struct {
	input string
	at    int
}

// symbols lists the longer ones first, so that "<=" isn't read as "<".
var symbols = strings.Fields("== != <> <= >= = < > [ ] ( ) : . , *")

// synonyms are the symbols with another spelling.
var synonyms = map[string]tokenKind{"==": "=", "<>": "!="}

func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	start := l.at
	rest := l.input[start:]
	if rest == "" {
		return token{kind: endToken, start: start, end: start}, nil
	}
	switch c := rest[0]; {
	case c == '\'':
		return l.quoted(start, String)
	case (c == 't' || c == 'h' || c == 'b') && strings.HasPrefix(rest[1:], "'"):
		l.at++
		return l.quoted(start, map[byte]LiteralKind{'t': Timestamp, 'h': Hex, 'b': Binary}[c])
	case isDigit(c), (c == '-' || c == '+') && len(rest) > 1 && isDigit(rest[1]):
		return l.number(start), nil
	case isNameStart(c):
		return l.name(start), nil
	}
	for _, symbol := range symbols {
		if strings.HasPrefix(rest, symbol) {
			l.at += len(symbol)
			return token{kind: cmp.Or(synonyms[symbol], tokenKind(symbol)), start: start, end: l.at}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, errorAt(start, "%q has no meaning here", r)
}

// skip passes over space and comments.
func (l *lexer) skip() error {
	for {
		l.at += len(l.input[l.at:]) - len(strings.TrimLeftFunc(l.input[l.at:], unicode.IsSpace))
		switch rest := l.input[l.at:]; {
		case strings.HasPrefix(rest, "//"):
			line, _, _ := strings.Cut(rest, "\n")
			l.at += len(line)
		case strings.HasPrefix(rest, "/*"):
			length := strings.Index(rest[2:], "*/")
			if length < 0 {
				return errorAt(l.at, "the comment has no end")
			}
			l.at += 2 + length + 2
		default:
			return nil
		}
	}
}

// quoted reads a string in single quotes, in which a backslash takes the next
// character as it is.
func (l *lexer) quoted(start int, kind LiteralKind) (token, error) {
	l.at++
	var text strings.Builder
	for l.at < len(l.input) {
		c := l.input[l.at]
		switch {
		case c == '\'':
			l.at++
			t := l.literal(start, kind, text.String())
			if problem := t.literal.problem(); problem != "" {
				return token{}, errorAt(start, "%s", problem)
			}
			return t, nil
		case c == '\\' && l.at+1 < len(l.input):
			l.at++
			c = l.input[l.at]
		}
		text.WriteByte(c)
		l.at++
	}
	return token{}, errorAt(start, "the string has no closing quote")
}

// problem returns the reason why the text is invalid for its kind, or "".
func (l Literal) problem() string {
	var err error
	problem := ""
	switch l.Kind {
	case Timestamp:
		_, err = time.Parse(time.RFC3339, l.Text)
		problem = "not a timestamp"
	case Hex:
		_, err = hex.DecodeString(l.Text)
		problem = "not hexadecimal"
	case Binary:
		_, err = base64.StdEncoding.DecodeString(l.Text)
		problem = "not base64"
	}
	if err == nil {
		return ""
	}
	return problem
}

func (l *lexer) number(start int) token {
	l.at++
	kind := Integer
	for l.at < len(l.input) {
		c := l.input[l.at]
		point := c == '.' && kind == Integer && l.at+1 < len(l.input) && isDigit(l.input[l.at+1])
		if point {
			kind = Float
		} else if !isDigit(c) {
			break
		}
		l.at++
	}
	return l.literal(start, kind, l.input[start:l.at])
}

func (l *lexer) literal(start int, kind LiteralKind, text string) token {
	return token{kind: literalToken, literal: Literal{kind, text, l.input[start:l.at]}, start: start, end: l.at}
}

func (l *lexer) name(start int) token {
	for l.at < len(l.input) && (isNameStart(l.input[l.at]) || isDigit(l.input[l.at]) || l.input[l.at] == '-') {
		l.at++
	}
	return token{kind: nameToken, start: start, end: l.at}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}
