// Package extract finds the observables that a text mentions: a report, a mail or a
// log, defanged or not.
package extract

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// Observables returns the observables in a text, normalized, without duplicates, in
// the order of the text. It finds addresses, networks, domains, URLs, e-mail
// addresses, hashes and MAC addresses, and values of any type in the form
// type:"value", as package normalize defines them.
//
// A word that is probably something else counts only if it is alone on its line: the
// name of a file such as report.zip, a loopback or unspecified address, and a name such
// as System.Net. The time is linear in the length of the text.
func Observables(text string) []ctim.Observable {
	f := finder{seen: map[ctim.Observable]bool{}}
	for line := range strings.Lines(strings.ToValidUTF8(text, " ")) {
		f.line(line)
	}
	return f.found
}

// finder collects observables.
type finder struct {
	found []ctim.Observable
	seen  map[ctim.Observable]bool
}

// add normalizes an observable and reports whether it is valid.
func (f *finder) add(kind ctim.ObservableType, value string) bool {
	o, err := normalize.Observable(ctim.Observable{Type: kind, Value: value})
	if err != nil {
		return false
	}
	f.keep(o)
	return true
}

func (f *finder) keep(o ctim.Observable) {
	if !f.seen[o] {
		f.seen[o] = true
		f.found = append(f.found, o)
	}
}

// typed is a value with its type as the platform writes it. Quotes in the value are
// escaped by a backslash.
var typed = regexp.MustCompile(`\b([a-z][a-z0-9_]*):"((?:[^"\\]|\\.)*)"`)

// encoded is a URL in which the scheme is percent-encoded, as in the links of mail
// filters.
var encoded = regexp.MustCompile(`(?i)\b(?:h(?:tt|xx)ps?|ftp)%3a%2f%2f[^\s"'<>&]+`)

func (f *finder) line(line string) {
	line = strings.Map(visible, line)
	if strings.Contains(line, `:"`) {
		line = f.typed(line)
	}
	var decoded []string
	if strings.Contains(line, "%") {
		decoded = encoded.FindAllString(line, -1)
	}
	line = refang(line)
	words := strings.FieldsFunc(line, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"<>`|“”„‟«»，、", r)
	})
	for _, word := range words {
		f.word(word, len(words) == 1)
	}
	for _, link := range decoded {
		if text, err := url.QueryUnescape(link); err == nil {
			f.word(refang(text), false)
		}
	}
}

// typed finds the values with a type, and returns the line without them.
func (f *finder) typed(line string) string {
	return typed.ReplaceAllStringFunc(line, func(match string) string {
		parts := typed.FindStringSubmatch(match)
		kind := ctim.ObservableType(parts[1])
		if slices.Contains(observableTypes(), kind) && f.add(kind, unescape.Replace(parts[2])) {
			return " "
		}
		return match
	})
}

var observableTypes = sync.OnceValue(ctim.Words[ctim.ObservableType])

var unescape = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// visible drops characters without a width, which hide in copied text.
func visible(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r): // zero width, soft hyphen, direction
		return -1
	case unicode.IsControl(r) && r != '\t':
		return ' '
	}
	return r
}

// word finds the observables in a word without space. alone reports that nothing else is
// on its line.
func (f *finder) word(word string, alone bool) {
	before, link := cutLink(word)
	for link != "" {
		var next string
		link, next = cutNextLink(link)
		f.plain(before, alone && link == "")
		f.link(link)
		before, link = "", next
	}
	f.plain(before, alone)
}

// cutLink cuts a word before the scheme of its first URL.
func cutLink(word string) (before, link string) {
	colon := strings.Index(word, "://")
	if colon < 0 {
		return word, ""
	}
	start := colon
	for start > 0 && isSchemeByte(word[start-1]) {
		start--
	}
	return word[:start], word[start:]
}

func isSchemeByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'
}

// linkEnd is where one URL ends and another begins in the same word.
var linkEnd = regexp.MustCompile(`[,;|)\]}]+[A-Za-z][A-Za-z0-9+.-]*://`)

func cutNextLink(link string) (first, next string) {
	at := linkEnd.FindStringIndex(link)
	if at == nil {
		return link, ""
	}
	next = strings.TrimLeft(link[at[0]:], ",;|)]}")
	return link[:at[0]], next
}

// link finds the URL at the beginning of a text.
func (f *finder) link(text string) {
	text = trimEnd(text)
	if f.add(ctim.TypeURL, text) {
		return
	}
	// Something is appended to it, as in Markdown or JSON.
	if end := strings.IndexAny(text, `)]},;'`); end > 0 {
		f.add(ctim.TypeURL, trimEnd(text[:end]))
	}
}

// plain finds observables in a text without space and without a scheme: the whole
// text, otherwise its parts between punctuation, otherwise their parts between colons.
func (f *finder) plain(text string, alone bool) {
	if f.whole(text, alone) {
		return
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(`,;()[]{}='&*!?`, r) }) {
		if part == text || !f.whole(part, false) {
			for piece := range strings.SplitSeq(part, ":") {
				f.whole(piece, false)
			}
		}
	}
}

// checked are the types that can't be mistaken for prose in the form type:value,
// because normalize checks their values.
var checked = map[string]ctim.ObservableType{
	"ip": ctim.TypeIP, "ipv6": ctim.TypeIPv6, "domain": ctim.TypeDomain, "url": ctim.TypeURL, "email": ctim.TypeEmail, "mailto": ctim.TypeEmail,
	"md5": ctim.TypeMD5, "sha1": ctim.TypeSHA1, "sha256": ctim.TypeSHA256,
}

// longest is the maximum length of a value, in bytes.
const longest = 8192

var macAddress = regexp.MustCompile(`^(?i)[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})$`)

// whole keeps a text that is one observable, and reports whether it is.
func (f *finder) whole(text string, alone bool) bool {
	text = trimEnd(strings.TrimLeft(text, `([{'*,;:=.!?&#@-~`))
	if text == "" || len(text) > longest {
		return false
	}
	if name, value, ok := strings.Cut(text, ":"); ok {
		if kind, ok := checked[strings.ToLower(name)]; ok && value != "" && f.add(kind, value) {
			return true
		}
	}
	if macAddress.MatchString(text) {
		return f.add(ctim.TypeMACAddress, strings.ReplaceAll(text, "-", ":"))
	}
	o, err := normalize.Detect(text)
	if err != nil || !alone && isDoubtful(text, o) {
		return false
	}
	f.keep(o)
	return true
}

// trimEnd removes the punctuation after a word. A closing bracket stays if the word
// has the opening one.
func trimEnd(word string) string {
	unopened := map[rune]int{
		')': strings.Count(word, ")") - strings.Count(word, "("),
		']': strings.Count(word, "]") - strings.Count(word, "["),
		'}': strings.Count(word, "}") - strings.Count(word, "{"),
	}
	for word != "" {
		last, size := utf8.DecodeLastRuneInString(word)
		if !strings.ContainsRune(".,;:!?'*…’\\", last) {
			if unopened[last] <= 0 {
				break
			}
			unopened[last]--
		}
		word = word[:len(word)-size]
	}
	return word
}

// fileEndings are top-level domains that are more often file extensions.
var fileEndings = map[string]bool{"cc": true, "md": true, "mov": true, "pl": true, "ps": true, "py": true, "rs": true, "sh": true, "so": true, "zip": true}

// isDoubtful reports whether an observable in prose is probably something else.
func isDoubtful(text string, o ctim.Observable) bool {
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		address, err := netip.ParseAddr(o.Value)
		if err == nil && (address.IsUnspecified() || address.IsLoopback()) {
			return true
		}
		return o.Type == ctim.TypeIPv6 && !strings.ContainsAny(o.Value, "0123456789") // a::b is code
	case ctim.TypeDomain:
		dot := strings.LastIndexByte(text, '.')
		last := text[dot+1:]
		first, _ := utf8.DecodeRuneInString(last)
		title := unicode.IsUpper(first) && strings.ToUpper(last) != last
		return title || strings.Count(text, ".") == 1 && fileEndings[strings.ToLower(last)]
	case ctim.TypeEmail:
		_, host, _ := strings.Cut(o.Value, "@")
		_, err := normalize.Detect(host)
		return err != nil
	}
	return false
}
