package redact

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// folded is a text in a form in which all spellings of a value are equal. Byte i of
// text comes from the bytes start[i] to end[i] of the original.
type folded struct {
	text       string
	start, end []int
}

func newFolded(size int) folded {
	return folded{start: make([]int, 0, size), end: make([]int, 0, size)}
}

// fold decodes a text and lower-cases it. Decoding ignores how often a text is encoded,
// so a value that itself looks encoded is equal to its encoded forms.
func fold(original string) folded {
	decoded := newFolded(len(original))
	var b strings.Builder
	for i := 0; i < len(original); {
		part, size := decode(original[i:])
		b.WriteString(part)
		for range len(part) {
			decoded.start, decoded.end = append(decoded.start, i), append(decoded.end, i+size)
		}
		i += size
	}
	decoded.text = b.String()
	return decoded.lower()
}

// lower lower-cases the text, in which letters may have been several encoded bytes.
func (f folded) lower() folded {
	out := newFolded(len(f.text))
	var b strings.Builder
	for i := 0; i < len(f.text); {
		r, size := utf8.DecodeRuneInString(f.text[i:])
		part := f.text[i : i+size]
		if r != utf8.RuneError {
			part = string(unicode.ToLower(r))
		}
		b.WriteString(part)
		for range len(part) {
			out.start, out.end = append(out.start, f.start[i]), append(out.end, f.end[i+size-1])
		}
		i += size
	}
	out.text = b.String()
	return out
}

// decode decodes the beginning of an encoded text. size is the number of its bytes, at
// least one.
func decode(encoded string) (text string, size int) {
	switch encoded[0] {
	case '%':
		digits := strings.TrimPrefix(encoded, "%")
		for len(digits) >= 4 && digits[:2] == "25" && isHex(digits[2:4]) { // encoded twice
			digits = digits[2:]
		}
		if len(digits) >= 2 && isHex(digits[:2]) {
			return plain(unhex(digits[:2])), len(encoded) - len(digits) + 2
		}
	case '\\':
		return unescape(encoded)
	case '&':
		if end := strings.IndexByte(encoded[:min(len(encoded), 12)], ';'); end > 0 {
			if entity := html.UnescapeString(encoded[:end+1]); entity != encoded[:end+1] {
				if len(entity) == 1 {
					entity = plain(entity[0])
				}
				return entity, end + 1
			}
		}
	case '[', '(':
		if len(encoded) >= 5 && strings.EqualFold(encoded[1:4], "dot") {
			return ".", 5
		}
	case 'h', 'H':
		if len(encoded) >= 4 && strings.EqualFold(encoded[:4], "hxxp") {
			return "http", 4
		}
	}
	return plain(encoded[0]), 1
}

// unescape decodes an escape of JSON or Go. Any other backslashes are removed.
func unescape(encoded string) (text string, size int) {
	rest := strings.TrimLeft(encoded, `\`)
	size = len(encoded) - len(rest)
	switch {
	case len(rest) >= 5 && rest[0] == 'u' && isHex(rest[1:5]):
		code, _ := strconv.ParseUint(rest[1:5], 16, 16)
		if code < utf8.RuneSelf {
			return plain(byte(code)), size + 5
		}
		return string(rune(code)), size + 5
	case len(rest) >= 3 && rest[0] == 'x' && isHex(rest[1:3]):
		return plain(unhex(rest[1:3])), size + 3
	case rest != "" && strings.ContainsRune("nrt", rune(rest[0])):
		return " ", size + 1
	}
	return "", size
}

// plain returns a decoded byte. White space and the plus sign, which is a space in a
// query, become a space. Brackets, as in evil[.]example and [2001:db8::1], and
// backslashes are removed.
func plain(c byte) string {
	switch c {
	case '+', '\n', '\r', '\t':
		return " "
	case '[', ']', '(', ')', '{', '}', '\\':
		return ""
	}
	return string([]byte{c})
}

func isHex(digits string) bool {
	_, err := strconv.ParseUint(digits, 16, 64)
	return err == nil && !strings.ContainsAny(digits, "+-_")
}

func unhex(digits string) byte {
	code, _ := strconv.ParseUint(digits, 16, 8)
	return byte(code)
}
