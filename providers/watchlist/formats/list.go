package formats

import (
	"errors"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// readList reads a list. read parses a line and calls add for what it names.
func (f *file) readList(read func(line string, add func(listed) error) error) error {
	base := f.options.blank()
	in := lines{buffer: f.buffer}
	add := func(l listed) error {
		if l.problem != "" {
			return f.skip(in.number, l.value, l.problem)
		}
		record := Record{Line: in.number, Entry: base, Value: shown(l.value)}
		record.Entry.Observable = l.observable
		record.Entry.Subdomains = l.subdomains
		record.Entry.Description = l.note
		return f.add(&record)
	}
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, errLongLine):
			err = f.skip(in.number, string(line), errLongLine.Error())
		case err == io.EOF:
			return nil
		case err != nil:
			f.readErr = err
		default:
			err = eachText(string(line), read, add)
		}
		if err == nil {
			err = f.ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// eachText calls read for a line, unless it is a comment. A carriage return in it ends
// a line too, because some files are joined from others.
func eachText(line string, read func(string, func(listed) error) error, add func(listed) error) error {
	for rest := line; rest != ""; {
		line, rest, _ = strings.Cut(rest, "\r")
		if text := strings.TrimSpace(line); text != "" && !isComment(text) {
			if err := read(text, add); err != nil {
				return err
			}
		}
	}
	return nil
}

// listed is an observable that a line of a list names, or the problem with it.
type listed struct {
	// value is the observable in the file's spelling.
	value      string
	observable ctim.Observable
	subdomains bool
	note       string
	// problem is why there is no observable, or "".
	problem string
}

// isComment reports whether a line is a comment, or the heading of an ad-block list.
// It must not be empty.
func isComment(line string) bool {
	switch line[0] {
	case '#', ';', '!':
		return true
	case '/':
		return strings.HasPrefix(line, "//")
	case '[':
		return strings.HasPrefix(line, "[Adblock") && strings.HasSuffix(line, "]")
	}
	return false
}

// plainList parses the lines of a list: values at the start of a line, hosts files and
// ad-block lists.
type plainList struct {
	// kind is the chosen type of the values, or "".
	kind ctim.ObservableType
	// names reports that the last heading is one of names or the like. Values below
	// it are not indicators, even if they look like some.
	names bool
	// sink is the address before blocked names in a hosts file, or "" for the usual
	// ones.
	sink string
}

// read calls add for each value of a line. Lines of hosts files and ranges have several.
func (p *plainList) read(line string, add func(listed) error) error {
	for _, bullet := range []string{"- ", "* ", "\u2022 "} {
		line = strings.TrimSpace(strings.TrimPrefix(line, bullet))
	}
	word, rest := line, ""
	if space := strings.IndexAny(line, " \t"); space >= 0 {
		word, rest = line[:space], strings.TrimSpace(line[space:])
	}
	if rest != "" {
		if names, ok := hostsNames(word, rest, p.sink); ok {
			return addHosts(names, add)
		}
	}
	if first, last, ok := rangeOf(line); ok {
		return addRange(line, first, last, add)
	}
	l := p.word(word)
	if l.problem != "" {
		if name, ok := heading(line); ok {
			p.names = isWeak(name.kind) || name.role == noteRole
			return nil
		}
	}
	if l.problem == "" && p.names && (isDomain(l.observable.Type) || l.observable.Type == ctim.TypeEmail) {
		l.problem = "below a heading of names or the like, which aren't indicators by themselves"
	}
	if l.problem == "" {
		l.note = joinNotes(l.note, noteOf(rest))
	}
	return add(l)
}

// heading parses the heading of the lines below, such as "SHA-256 hashes:", like the
// name of a column. ok is false for other lines.
func heading(line string) (c column, ok bool) {
	name, marked := strings.CutSuffix(line, ":")
	c = columnNamed(name)
	if !marked && c.role != valueRole {
		return column{}, false
	}
	for _, word := range wordsOf(name) {
		switch word {
		case "user", "users", "username", "usernames", "password", "passwords", "credentials", "agents", "filename", "filenames", "names", "path", "paths", "mutex", "mutexes", "registry":
			c.role = noteRole
			return c, true
		}
	}
	return c, len(line) < 80
}

// noteOf returns the text after a value, without the separator. A number alone is a
// count, not a note.
func noteOf(rest string) string {
	note := strings.TrimSpace(strings.TrimLeft(rest, "#;,|-–: \t"))
	if inside, found := strings.CutPrefix(note, "("); found {
		note = strings.TrimSuffix(inside, ")")
	}
	if strings.Trim(note, "0123456789.,") == "" {
		return ""
	}
	return decoded(note)
}

// rangeOf parses a range of addresses: "first-last" or "first - last", with or without
// a name before it.
func rangeOf(line string) (first, last string, ok bool) {
	first, last, found := strings.Cut(line, "-")
	if !found || len(line) > 200 || last == "" || strings.IndexByte(" 0123456789abcdefABCDEF:", last[0]) < 0 {
		return "", "", false
	}
	first = strings.TrimSpace(first)
	if _, err := netip.ParseAddr(first); err != nil {
		first = first[strings.LastIndexByte(first, ':')+1:]
	}
	last, _, _ = strings.Cut(strings.TrimSpace(last), " ")
	for _, text := range []string{first, last} {
		if _, err := netip.ParseAddr(text); err != nil {
			return "", "", false
		}
	}
	return first, last, true
}

func addRange(line, first, last string, add func(listed) error) error {
	networks, err := networksOf(first, last)
	if err != nil {
		return add(listed{value: line, problem: err.Error()})
	}
	for _, network := range networks {
		if err := add(listed{value: line, observable: network}); err != nil {
			return err
		}
	}
	return nil
}

// hostsNames returns the names on a line of a hosts file. ok is false for other lines:
// those that don't begin with the sink or an address that isNowhere, or that continue
// with a number.
func hostsNames(word, rest, sink string) (names []string, ok bool) {
	if rest == "" || rest[0] == '#' || strings.Trim(rest, "0123456789") == "" {
		return nil, false
	}
	address, err := netip.ParseAddr(word)
	if (err != nil || !isNowhere(address)) && word != "fe00::0" && word != sink {
		return nil, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	return strings.Fields(rest), true
}

// sinkOf returns the address before nearly all names of a hosts file, or "" for other
// lists.
func sinkOf(start []byte) string {
	all, sinking, sink := 0, 0, ""
	for _, line := range content(start) {
		words := strings.Fields(line)
		if all++; all == 1 {
			sink = words[0]
		}
		if len(words) > 1 && words[0] == sink {
			if o, err := normalize.Detect(words[1]); err == nil && isDomain(o.Type) {
				sinking++
			}
		}
	}
	if _, err := netip.ParseAddr(sink); err != nil || sinking < 3 || 10*sinking < 9*all {
		return ""
	}
	return sink
}

// localNames are the names of the machine itself in hosts files.
var localNames = []string{
	"localhost", "localhost.localdomain", "local", "localhost4", "localhost6", "localhost4.localdomain4", "localhost6.localdomain6", "broadcasthost", "0.0.0.0",
	"ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts",
}

func addHosts(names []string, add func(listed) error) error {
	for _, name := range names {
		if slices.Contains(localNames, strings.ToLower(name)) {
			continue
		}
		if err := add(blockedName(name, false)); err != nil {
			return err
		}
	}
	return nil
}

const (
	adblockProblem = "an ad-block rule other than ||domain^"
	// A name such as "com" would match too much, and is usually a word.
	oneLabelProblem = "a name without a dot"
)

// word parses the value at the start of a line.
func (p *plainList) word(word string) listed {
	l := listed{value: word}
	switch {
	case strings.HasPrefix(word, "||"):
		return adblockRule(word)
	case strings.HasPrefix(word, "@@"):
		l.problem = exceptionProblem
		return l
	case strings.Contains(word, "##"), strings.Contains(word, "#@#"), strings.Contains(word, "#?#"):
		l.problem = adblockProblem
		return l
	}
	r, err := p.readWord(strings.Trim(strings.TrimRight(word, ",;"), "\"'`<>"))
	if err != nil {
		l.problem = err.Error()
		return l
	}
	l.observable, l.subdomains, l.note = r.observable, r.subdomains, r.note
	if isDomain(l.observable.Type) && !strings.Contains(l.observable.Value, ".") && p.kind == "" {
		l.problem = oneLabelProblem
	}
	return l
}

// readWord parses a value that may have a second column after it, such as "a,b".
func (p *plainList) readWord(word string) (reading, error) {
	r, err := readValue(p.kind, word)
	if err == nil {
		return r, nil
	}
	if end := strings.IndexAny(word, ",;|#"); end > 0 {
		if r, err := readValue(p.kind, strings.Trim(word[:end], `"'`)); err == nil {
			return r, nil
		}
	}
	return r, err
}

// adblockRule parses ||domain^, with options that don't narrow it.
func adblockRule(rule string) listed {
	name, options, closed := strings.Cut(rule[2:], "^")
	options = strings.TrimPrefix(options, "$")
	for _, option := range strings.Split(options, ",") {
		switch option {
		case "", "important", "all", "document", "doc", "popup":
		default:
			closed = false
		}
	}
	if !closed || strings.ContainsAny(name, "*/") {
		return listed{value: rule, problem: adblockProblem}
	}
	l := blockedName(name, true)
	if r, err := readValue("", name); err == nil && !isDomain(r.observable.Type) {
		l = listed{observable: r.observable} // an address has no subdomains
	}
	l.value = rule
	return l
}
