// Package redact removes credentials and observables from a text before it is
// logged or sent.
package redact

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// mark replaces each value that is removed.
const mark = "[redacted]"

// minLength is the least length of a value to remove, in bytes. Shorter ones are
// likely to be part of other words.
const minLength = 4

// ellipsis ends a text that was cut.
const ellipsis = "…"

// Redactor removes values from texts. The zero value removes nothing.
type Redactor struct{ values []string } // folded

// maxLength is how many bytes of a value are searched for. It bounds memory, and errors and
// tokens are shorter.
const maxLength = 64 << 10

// New returns a Redactor for values. If a value is a URL or an email address, its
// host is removed too. Values of up to three bytes stay.
func New(values ...string) Redactor {
	var r Redactor
	for _, value := range values {
		value = strings.TrimSpace(value)
		all := forms(value[:min(len(value), maxLength)])
		slices.Sort(all)
		for _, form := range slices.Compact(all) {
			if folded := fold(form).text; len(folded) >= minLength {
				r.values = append(r.values, folded)
			}
		}
	}
	slices.Sort(r.values)
	r.values = slices.Compact(r.values)
	return r
}

// maxName is more than the length of any domain name in UTF-8, in bytes. The time of a
// conversion to punycode grows with the square of the length.
const maxName = 1024

// forms returns the texts to search for: the value, its host, both in the other
// spellings of an address, and the value in base64.
func forms(value string) []string {
	all := []string{
		value,
		base64.StdEncoding.EncodeToString([]byte(value)),
		base64.RawURLEncoding.EncodeToString([]byte(value)),
	}
	for _, name := range []string{value, host(value)} {
		all = append(all, name)
		if len(name) > maxName {
			continue
		}
		lower := strings.ToLower(name)
		if ascii, err := idna.Punycode.ToASCII(lower); err == nil {
			all = append(all, ascii)
		}
		if unicode, err := idna.Punycode.ToUnicode(lower); err == nil {
			all = append(all, unicode)
		}
		if address, err := netip.ParseAddr(name); err == nil {
			all = append(all, address.Unmap().String(), address.StringExpanded())
		}
	}
	return all
}

// host returns the host of a URL, with or without a scheme, or of an email
// address. It is empty if the value has none with a dot or a colon.
func host(value string) string {
	if !strings.Contains(value, "://") {
		value = "https://" + value
	}
	u, err := url.Parse(value)
	if err != nil || !strings.ContainsAny(u.Hostname(), ".:") {
		return ""
	}
	return u.Hostname()
}

// Text returns the text with each value replaced by "[redacted]": in either case,
// percent-encoded, escaped as in JSON, Go or HTML, or defanged. It also replaces
// the beginning of a value that was cut off with "…".
func (r Redactor) Text(text string) string {
	folded := fold(text)
	hidden := make([]bool, len(text))
	hide := func(from, to int) {
		for i := folded.start[from]; i < folded.end[to-1]; i++ {
			hidden[i] = true
		}
	}
	for _, value := range r.values {
		for from := range indexes(folded.text, value) {
			hide(from, from+len(value))
		}
		for end := range indexes(folded.text, ellipsis) {
			n := min(end, len(value)-1)
			for n >= minLength && folded.text[end-n:end] != value[:n] {
				n--
			}
			if n >= minLength {
				hide(end-n, end)
			}
		}
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !hidden[i]:
			b.WriteByte(text[i])
		case i == 0 || !hidden[i-1]:
			b.WriteString(mark)
		}
	}
	return b.String()
}

// indexes yields where part begins in text, also where it overlaps itself.
func indexes(text, part string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for from := 0; ; from++ {
			i := strings.Index(text[from:], part)
			if i < 0 || !yield(from+i) {
				return
			}
			from += i
		}
	}
}
