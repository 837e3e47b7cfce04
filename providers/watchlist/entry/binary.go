package entry

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// AppendBinary appends entries under a key, given as Key.Text, to b. The form is
// compact and fast to read. It has no version: its store must have one.
func AppendBinary(b []byte, key string, entries ...Entry) []byte {
	c := newCodec(key)
	c.out = b
	for i := range entries {
		c.entry(&entries[i])
	}
	return c.out
}

// ParseBinary returns the entries that AppendBinary wrote for the same key. Times are
// in UTC.
func ParseBinary(key, raw string) (entries []Entry, err error) {
	c := newCodec(key)
	c.in, c.reading = raw, true
	for len(c.in) > 0 && !c.malformed {
		entries = append(entries, Entry{})
		c.entry(&entries[len(entries)-1])
	}
	if c.malformed {
		return nil, errors.New("malformed entry")
	}
	return entries, nil
}

// codec appends entries to out, or reads them from in. The same calls do both, so the
// two can't differ. Numbers are varints. Texts and lists start with their length.
type codec struct {
	out       []byte
	in        string
	reading   bool
	malformed bool

	// kind and value are those of the key. An entry omits those that it shares.
	kind  ctim.ObservableType
	value string
}

func newCodec(key string) *codec {
	kind, value, _ := strings.Cut(key, "\x00")
	return &codec{kind: ctim.ObservableType(kind), value: value}
}

func (c *codec) entry(e *Entry) {
	wordOr(c, &e.Observable.Type, c.kind)
	wordOr(c, &e.Observable.Value, c.value)
	list(c, &e.With, (*codec).observable)
	c.flag(&e.Subdomains)
	number(c, &e.Disposition)
	word(c, &e.Severity)
	word(c, &e.Confidence)
	number(c, &e.Priority)
	word(c, &e.TLP)
	word(c, &e.Title)
	word(c, &e.Description)
	list(c, &e.Tags, word[string])
	word(c, &e.Source)
	word(c, &e.SourceURL)
	list(c, &e.ExternalIDs, word[string])
	c.flag(&e.Pattern)
	c.time(&e.FirstSeen)
	c.time(&e.ValidFrom)
	c.time(&e.ValidUntil)
	list(c, &e.Indicates, (*codec).threat)
	c.time(&e.Added)
}

func (c *codec) observable(o *ctim.Observable) {
	word(c, &o.Type)
	word(c, &o.Value)
}

func (c *codec) threat(t *ctim.Threat) {
	word(c, &t.Kind)
	word(c, &t.Name)
	word(c, &t.ID)
	word(c, &t.Description)
	word(c, &t.URL)
}

// number and the others change their argument only when reading, since entries may
// share lists.
func number[T ~int | ~int64](c *codec, n *T) {
	if !c.reading {
		c.out = binary.AppendUvarint(c.out, uint64(*n))
		return
	}
	read, size := binary.Uvarint([]byte(c.in[:min(len(c.in), binary.MaxVarintLen64)]))
	if size <= 0 {
		*n, c.in, c.malformed = 0, "", true
		return
	}
	*n, c.in = T(read), c.in[size:]
}

// length is number for the length of a text or list. Each element takes at least a byte.
func (c *codec) length(n int) int {
	if number(c, &n); c.reading && (n < 0 || n > len(c.in)) {
		c.in, c.malformed = "", true
		return 0
	}
	return n
}

func (c *codec) flag(f *bool) {
	n := 0
	if *f {
		n = 1
	}
	if number(c, &n); c.reading {
		*f = n == 1
	}
}

func word[T ~string](c *codec, s *T) {
	n := c.length(len(*s))
	if !c.reading {
		c.out = append(c.out, *s...)
		return
	}
	*s, c.in = T(c.in[:n]), c.in[n:]
}

// wordOr is word, but stores the usual value as "".
func wordOr[T ~string](c *codec, s *T, usual T) {
	switch {
	case c.reading:
		if word(c, s); *s == "" {
			*s = usual
		}
	case *s == usual:
		c.length(0)
	default:
		word(c, s)
	}
}

// time is the codec of the seconds since the zero time and, unless they are 0, the
// nanoseconds.
func (c *codec) time(t *time.Time) {
	zero := time.Time{}.Unix()
	seconds, nanos := t.Unix()-zero, t.Nanosecond()
	if number(c, &seconds); seconds == 0 {
		return
	}
	if number(c, &nanos); c.reading {
		*t = time.Unix(seconds+zero, int64(nanos)).UTC()
	}
}

func list[T any](c *codec, l *[]T, element func(*codec, *T)) {
	n := c.length(len(*l))
	if c.reading && n > 0 {
		*l = make([]T, n)
	}
	for i := range n {
		element(c, &(*l)[i])
	}
}
