package formats

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// lineParser appends the observables that a line of a list names, or the reason why it
// names none. It appends nothing for comments, headings and the like.
type lineParser func(all []listed, line string) []listed

// listed is an observable that a line of a list names, or the problem with it.
type listed struct {
	reading
	// value is the observable in the file's spelling.
	value string
	// problem is why there is no observable, or "".
	problem string
}

// readList reads a list.
func (f *file) readList(parse lineParser) error {
	base := f.options.blank()
	var found []listed
	return f.eachRecord(&lines{buffer: f.buffer}, 0, func(line int, text string) error {
		found = found[:0]
		// A carriage return ends a line too, because some files are joined from others.
		for part := range strings.SplitSeq(text, "\r") {
			if part = strings.TrimSpace(part); part != "" {
				found = parse(found, part)
			}
		}
		for _, l := range found {
			record := Record{Line: line, Entry: base, Value: l.value, Skipped: l.problem}
			record.Entry.Observable, record.Entry.Subdomains, record.Entry.Description = l.observable, l.subdomains, l.note
			if err := f.add(&record); err != nil {
				return err
			}
		}
		return nil
	})
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

// withoutComments leaves out the comments.
func withoutComments(parse lineParser) lineParser {
	return func(all []listed, line string) []listed {
		if isComment(line) {
			return all
		}
		return parse(all, line)
	}
}

// plainList parses the lines of a list: values at the start of a line, hosts files and
// ad-block lists.
type plainList struct {
	// kind is the chosen type of the values, or "".
	kind ctim.ObservableType
	// below is noteRole below a heading of names of users, files or the like. They are not
	// indicators, even if they look like domains. It is referenceRole below one of
	// references, and otherwise "".
	below role
	// sink is the address before the names in a hosts file, or "" if it is a usual one.
	sink string
}

// parse is a lineParser. Lines of hosts files and ranges have several values.
func (p *plainList) parse(all []listed, line string) []listed {
	if isComment(line) {
		// Links in the comment at the start of a file are no list of references.
		if c, ok := heading(strings.TrimSpace(strings.TrimLeft(line, "#"))); ok && c.role == referenceRole {
			p.below = referenceRole
		} else if p.below == referenceRole {
			p.below = ""
		}
		return all
	}
	if bullet, rest := cutWord(line); isBullet(bullet) && rest != "" {
		line = rest
	}
	if name, value, found := strings.Cut(line, ": "); found && p.kind == "" {
		if c, _ := columnNamed(name); c.role == valueRole && !isWeak(c.kind) {
			line = strings.TrimSpace(value) // "Domain: a.example"
			if several, err := readCell("", line); err == nil && len(several) > 1 {
				for _, one := range several {
					all = append(all, listed{reading: one})
				}
				return all
			}
		}
	}
	word, rest := cutWord(line)
	if names, ok := hostsNames(word, rest, p.sink); ok {
		for _, name := range names {
			if !slices.Contains(localNames, strings.ToLower(name)) {
				all = append(all, blockedName(name, false))
			}
		}
		return all
	}
	if addresses, ok := rangeOf(line); ok {
		networks, err := readRange(addresses)
		if err != nil {
			return append(all, listed{value: line, problem: err.Error()})
		}
		for _, network := range networks {
			all = append(all, listed{value: line, reading: network})
		}
		return all
	}
	l := p.word(word)
	if l.problem != "" {
		if name, ok := heading(strings.Trim(line, quotes)); ok {
			p.below = name.role
			return all
		}
		if p.below == referenceRole && !strings.Contains(line, "://") && strings.ContainsFunc(line, isLetter) {
			p.below = "" // another heading
		}
	}
	switch {
	case l.problem != "":
	case p.below == referenceRole && isLink(word):
		l.problem = linkProblem
	case p.below == noteRole && (isDomain(l.observable.Type) || l.observable.Type == ctim.TypeEmail):
		l.problem = "below a heading of names or the like, which aren't indicators by themselves"
	}
	l.note = joinNotes(l.note, noteOf(rest))
	return append(all, l)
}

// cutWord returns the first word of a line, and the rest.
func cutWord(line string) (word, rest string) {
	space := strings.IndexAny(line, " \t")
	if space < 0 {
		return line, ""
	}
	return line[:space], strings.TrimSpace(line[space:])
}

// isBullet reports whether a word marks an item of a list: a bullet, or a number such as
// "1." or "2)".
func isBullet(word string) bool {
	switch word {
	case "-", "*", "\u2022":
		return true
	}
	number := strings.TrimRight(word, ".)")
	return len(number)+1 == len(word) && number != "" && strings.Trim(number, "0123456789") == ""
}

// isLink reports whether a value is a link that is not defanged.
func isLink(value string) bool { return ctim.WebURL(value) != "" && !strings.Contains(value, "[") }

// heading parses the heading of the lines below, such as "SHA-256 hashes:", like the
// name of a column. Its role is noteRole for names, referenceRole, or another one. ok is
// false for other lines.
func heading(line string) (c column, ok bool) {
	name, marked := strings.CutSuffix(line, ":")
	c, _ = columnNamed(name)
	if c.role == referenceRole && !strings.HasPrefix(strings.ToLower(name), "ref") {
		c.role = unknownRole // "Links" may be the indicators
	}
	if strings.Contains(name, ":") || !marked && c.role != valueRole && c.role != referenceRole {
		return column{}, false
	}
	if isWeak(c.kind) && c.kind != ctim.TypeEmail {
		c.role = noteRole
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
// a name before it. The result is without spaces.
func rangeOf(line string) (addresses string, ok bool) {
	first, last, found := strings.Cut(line, "-")
	if !found || len(line) > 200 || last == "" || strings.IndexByte(" 0123456789abcdefABCDEF:", last[0]) < 0 {
		return "", false
	}
	first = strings.TrimSpace(first)
	if _, err := netip.ParseAddr(first); err != nil {
		first = first[strings.LastIndexByte(first, ':')+1:]
	}
	last, _, _ = strings.Cut(strings.TrimSpace(last), " ")
	for _, text := range []string{first, last} {
		if _, err := netip.ParseAddr(text); err != nil {
			return "", false
		}
	}
	return first + "-" + last, true
}

// hostsNames returns the names on a line of a hosts file. ok is false for other lines:
// those that don't begin with the sink or an address that isNowhere, or that continue
// with a number.
func hostsNames(word, rest, sink string) (names []string, ok bool) {
	if rest == "" || rest[0] == '#' || strings.Trim(rest, "0123456789") == "" {
		return nil, false
	}
	if !isNowhere(word) && word != "fe00::0" && word != sink {
		return nil, false
	}
	rest, _, _ = strings.Cut(rest, "#")
	return strings.Fields(rest), true
}

// sinkOf returns the address before nearly all names of a hosts file, or "" for other
// lists.
func sinkOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	sink := strings.Fields(lines[0])[0]
	sinks := share(lines, func(line string) bool {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != sink {
			return false
		}
		o, err := normalize.Detect(words[1])
		return err == nil && isDomain(o.Type)
	})
	if _, err := netip.ParseAddr(sink); err != nil || len(lines) < 3 || sinks < 0.9 {
		return ""
	}
	return sink
}

// localNames are names in hosts files for the machine itself.
var localNames = []string{
	"localhost", "localhost.localdomain", "local", "localhost4", "localhost6", "localhost4.localdomain4", "localhost6.localdomain6", "broadcasthost", "0.0.0.0",
	"ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts",
}

const (
	adblockProblem = "an ad-block rule other than ||domain^"
	linkProblem    = "below a heading of references, which aren't indicators"
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
	var err error
	word = strings.TrimRight(word, ",;")
	if !strings.HasSuffix(word, "::") { // of an IPv6 network
		word = strings.TrimSuffix(word, ":")
	}
	plain := strings.Trim(word, quotes)
	if l.reading, err = readValue(p.kind, plain); err != nil {
		if end := strings.IndexAny(plain, ",;|#"); end > 0 { // a second column
			if r, cutErr := readValue(p.kind, strings.Trim(plain[:end], quotes)); cutErr == nil {
				l.reading, err = r, nil
			}
		}
	}
	if err != nil {
		l.problem = err.Error()
	}
	return l
}

// adblockRule parses ||domain^, with options that don't narrow it.
func adblockRule(rule string) listed {
	name, options, closed := strings.Cut(rule[2:], "^")
	for option := range strings.SplitSeq(strings.TrimPrefix(options, "$"), ",") {
		closed = closed && slices.Contains([]string{"", "important", "all", "document", "doc", "popup"}, option)
	}
	if !closed || strings.ContainsAny(name, "*/") {
		return listed{value: rule, problem: adblockProblem}
	}
	l := blockedName(name, true)
	if r, err := readValue("", name); err == nil && !isDomain(r.observable.Type) {
		l = listed{reading: r} // an address has no subdomains
	}
	l.value = rule
	return l
}
