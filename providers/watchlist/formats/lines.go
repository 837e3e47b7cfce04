package formats

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// errLongLine reports that a line is longer than maxLine.
var errLongLine = errors.New("the line is longer than 64 KB")

// lines reads a text line by line.
type lines struct {
	buffer *bufio.Reader
	// number is the number of the last line read, from 1.
	number int
}

// next returns the next line without its end. It is valid until the next call. For a
// line that is too long, it returns the start and errLongLine. The error after the last
// line is io.EOF.
func (l *lines) next() ([]byte, error) {
	line, err := l.buffer.ReadSlice('\n')
	if len(line) == 0 {
		return nil, err
	}
	l.number++
	if errors.Is(err, bufio.ErrBufferFull) {
		head := bytes.Clone(line[:4*maxShown])
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = l.buffer.ReadSlice('\n')
		}
		if err == nil || err == io.EOF {
			err = errLongLine
		}
		return head, err
	}
	if err == io.EOF {
		err = nil // the last line has no end
	}
	return bytes.TrimRight(line, "\r\n"), err
}

// endsInCR reports whether the first line of a text ends in a carriage return alone, as
// in some exports for the Macintosh.
func endsInCR(text []byte) bool {
	end := bytes.IndexAny(text, "\r\n")
	if end < 0 {
		return false
	}
	after := bytes.TrimLeft(text[end:], "\r")
	return text[end] == '\r' && len(after) > 0 && after[0] != '\n'
}

// carriageReturns replaces carriage returns by line feeds.
type carriageReturns struct{ r io.Reader }

func (c carriageReturns) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
