package text

import (
	"bytes"
	"fmt"
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

// isUnsafe reports whether a terminal may act on r. Line ends and tabs stand between
// the tokens of JSON.
func isUnsafe(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}
