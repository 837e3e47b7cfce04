package importer

import (
	"bufio"
	"encoding/binary"
	"io"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// codec writes items into a temporary file, or reads them: the same calls in the
// same order do both, so that they can't differ. An import of millions spends
// more time on this than on anything else but the store.
type codec struct {
	w   *bufio.Writer
	r   *bufio.Reader
	err error
	buf []byte
}

// item writes the item, or reads into it. The error after the last is io.EOF.
func (c *codec) item(i *item) error {
	c.number(&i.File)
	if c.err != nil {
		return c.err
	}
	c.number(&i.Line)
	c.number(&i.Number)
	c.text(&i.Value)
	e := &i.Entry
	c.observable(&e.Observable)
	list(c, &e.With, (*codec).observable)
	c.flag(&e.Subdomains)
	word(c, &e.Severity)
	word(c, &e.Confidence)
	word(c, &e.TLP)
	disposition := int(e.Disposition)
	c.number(&disposition)
	e.Disposition = ctim.Disposition(disposition)
	c.number(&e.Priority)
	for _, text := range []*string{&e.Title, &e.Description, &e.Source, &e.SourceURL} {
		c.text(text)
	}
	list(c, &e.Tags, (*codec).text)
	list(c, &e.ExternalIDs, (*codec).text)
	c.flag(&e.Pattern)
	for _, t := range []*time.Time{&e.FirstSeen, &e.ValidFrom, &e.ValidUntil, &e.Added} {
		c.time(t)
	}
	list(c, &e.Indicates, (*codec).threat)
	if c.err == io.EOF {
		c.err = io.ErrUnexpectedEOF
	}
	return c.err
}

func (c *codec) observable(o *ctim.Observable) {
	word(c, &o.Type)
	c.text(&o.Value)
}

func (c *codec) threat(t *threat.Threat) {
	word(c, &t.Kind)
	for _, text := range []*string{&t.Name, &t.ID, &t.Description, &t.URL} {
		c.text(text)
	}
}

// number is the codec of whole numbers, on which the others are built.
func (c *codec) number(n *int) {
	switch {
	case c.err != nil:
	case c.w != nil:
		c.buf = binary.AppendVarint(c.buf[:0], int64(*n))
		_, c.err = c.w.Write(c.buf)
	default:
		var read int64
		read, c.err = binary.ReadVarint(c.r)
		*n = int(read)
	}
}

func (c *codec) flag(f *bool) {
	n := 0
	if *f {
		n = 1
	}
	c.number(&n)
	*f = n == 1
}

func (c *codec) text(text *string) {
	n := len(*text)
	c.number(&n)
	switch {
	case c.err != nil || n == 0:
	case c.w != nil:
		_, c.err = c.w.WriteString(*text)
	default:
		raw := make([]byte, n)
		_, c.err = io.ReadFull(c.r, raw)
		*text = string(raw)
	}
}

func (c *codec) time(t *time.Time) {
	isSet := !t.IsZero()
	if c.flag(&isSet); !isSet {
		return
	}
	seconds, nanos := int(t.Unix()), t.Nanosecond()
	c.number(&seconds)
	c.number(&nanos)
	if c.r != nil {
		*t = time.Unix(int64(seconds), int64(nanos)).UTC()
	}
}

// word is the codec of texts of other types.
func word[T ~string](c *codec, w *T) {
	text := string(*w)
	c.text(&text)
	*w = T(text)
}

// list is the codec of lists, with that of their elements.
func list[T any](c *codec, l *[]T, element func(*codec, *T)) {
	n := len(*l)
	if c.number(&n); c.r != nil && n > 0 && c.err == nil {
		*l = make([]T, n)
	}
	for i := range *l {
		element(c, &(*l)[i])
	}
}
