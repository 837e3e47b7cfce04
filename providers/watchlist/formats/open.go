package formats

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// open removes a file's compression and encoding, and returns the start of its text,
// at most maxLine bytes. A file that isn't text is an error.
func (f *file) open() ([]byte, error) {
	start, err := f.peek()
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(start, []byte("\x1f\x8b")) {
		f.layout.Compression = "gzip"
		unpacked, err := gzip.NewReader(f.buffer)
		if err != nil {
			f.readErr = err
			return nil, err
		}
		f.buffer = bufio.NewReaderSize(unpacked, maxLine)
		if start, err = f.peek(); err != nil {
			return nil, err
		}
	}
	if name := packed(start); name != "" {
		return nil, f.problem(0, "compressed with %s: unpack it first", name)
	}
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		f.layout.Encoding = "UTF-16"
		f.buffer = bufio.NewReaderSize(transform.NewReader(f.buffer, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), maxLine)
	} else if bytes.HasPrefix(start, []byte("\xef\xbb\xbf")) {
		_, _ = f.buffer.Discard(3)
	}
	if start, err = f.peek(); err != nil {
		return nil, err
	}
	if f.layout.Encoding == "" && !utf8.Valid(start[:max(0, len(start)-utf8.UTFMax)]) {
		f.layout.Encoding = "Windows-1252 or another 8-bit encoding"
	}
	return start, f.checkText(start)
}

// peek returns the start of the file, at most maxLine bytes.
func (f *file) peek() ([]byte, error) {
	start, err := f.buffer.Peek(maxLine)
	if err != nil && err != io.EOF {
		f.readErr = err
		return nil, err
	}
	return start, nil
}

// packed returns the compression of a file, or "".
func packed(start []byte) string {
	for _, c := range [...]struct{ magic, name string }{
		{"\x1f\x8b", "gzip twice"},
		{"PK\x03\x04", "zip"},
		{"BZh", "bzip2"},
		{"\xfd7zXZ\x00", "xz"},
		{"\x28\xb5\x2f\xfd", "zstd"},
		{"7z\xbc\xaf\x27\x1c", "7z"},
	} {
		if bytes.HasPrefix(start, []byte(c.magic)) {
			return c.name
		}
	}
	return ""
}

// checkText returns an error for a file that is empty, binary, HTML or XML.
func (f *file) checkText(start []byte) error {
	text := bytes.TrimSpace(start)
	if len(text) == 0 {
		if len(start) < maxLine {
			return f.problem(0, "the file is empty")
		}
		return nil
	}
	if nul := bytes.IndexByte(start, 0); nul >= 0 {
		return f.problem(lineAt(start, nul), "not a text file: it has NUL bytes (save a text in UTF-16 with its byte order mark, or as UTF-8)")
	}
	if text[0] == '<' {
		return f.problem(1, "HTML or XML, which can't be read (STIX 1 and OpenIOC are XML; a web page may be a failed download)")
	}
	return nil
}

// decoded returns a text in UTF-8. Invalid bytes are read as Windows-1252.
func decoded(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(text[0])
		}
		b.WriteRune(r)
		text = text[size:]
	}
	return b.String()
}
