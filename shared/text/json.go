package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EscapeJSON returns JSON of the same value in which control characters and marks
// that change the direction of a text are escaped. encoding/json escapes only those
// below U+0020, and a terminal obeys others too.
func EscapeJSON(raw []byte) []byte {
	var b bytes.Buffer
	for start := 0; ; {
		at := bytes.IndexFunc(raw[start:], isUnsafe)
		if at < 0 {
			return append(b.Bytes(), raw[start:]...)
		}
		b.Write(raw[start : start+at])
		r, size := utf8.DecodeRune(raw[start+at:])
		fmt.Fprintf(&b, `\u%04x`, r)
		start += at + size
	}
}

func isUnsafe(r rune) bool {
	return r >= 0x7f && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
}

// Members iterates over the members of a JSON object, or over the elements of an
// array, whose names are empty. Other values have none. raw must begin with a valid
// value; what follows it is ignored. Names may repeat. From a string, names and values
// are parts of it, which costs no memory.
func Members[T string | []byte](raw T) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		at := skipSpace(raw, 0)
		if raw[at] != '{' && raw[at] != '[' {
			return
		}
		isObject := raw[at] == '{'
		for at = skipSpace(raw, at+1); raw[at] != '}' && raw[at] != ']'; at = skipSpace(raw, at) {
			name := ""
			if isObject {
				end := endOf(raw, at)
				name, _ = String(raw[at:end])
				at = skipSpace(raw, end)
			}
			end := endOf(raw, at)
			if !yield(name, raw[at:end]) {
				return
			}
			at = end
		}
	}
}

// String returns the value of a JSON string. ok is false if the value is another one.
func String[T string | []byte](raw T) (s string, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	for i := range len(raw) {
		if raw[i] == '\\' || raw[i] >= utf8.RuneSelf {
			return unescape([]byte(raw))
		}
	}
	return string(raw[1 : len(raw)-1]), true
}

func unescape(raw []byte) (s string, ok bool) {
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// skipSpace returns the offset of the next value, name or closing bracket.
func skipSpace[T string | []byte](raw T, at int) int {
	for at < len(raw) && strings.IndexByte(" \t\r\n,:", raw[at]) >= 0 {
		at++
	}
	return at
}

// endOf returns the offset after the value that begins at an offset.
func endOf[T string | []byte](raw T, at int) int {
	depth := 0
	for ; at < len(raw); at++ {
		switch c := raw[at]; {
		case c == '"':
			for at++; raw[at] != '"'; at++ {
				if raw[at] == '\\' {
					at++
				}
			}
			if depth == 0 {
				return at + 1
			}
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			if depth == 0 { // after a number or word
				return at
			}
			if depth--; depth == 0 {
				return at + 1
			}
		case depth == 0 && strings.IndexByte(" \t\r\n,", c) >= 0:
			return at
		}
	}
	return at
}
