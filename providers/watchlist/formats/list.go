package formats

import (
	"errors"
	"io"
	"net/netip"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// readList reads a plain list: a value at the start of each line, whatever
// follows it.
func (f *file) readList() error {
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
			err = listLine(string(line), add)
		}
		if err == nil {
			err = f.ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// listed is what a line of a list names.
type listed struct {
	value      string
	observable ctim.Observable
	subdomains bool
	note       string
	// problem says why there is no observable.
	problem string
}

// listLine calls add for what a line names: nothing for a comment, one value
// mostly, several for a line of a hosts file.
func listLine(line string, add func(listed) error) error {
	line = strings.TrimSpace(line)
	if line == "" || isComment(line) {
		return nil
	}
	word, rest := line, ""
	if space := strings.IndexAny(line, " \t"); space >= 0 {
		word, rest = line[:space], strings.TrimSpace(line[space:])
	}
	if rest != "" {
		if names, ok := hostsNames(word, rest); ok {
			return addHosts(names, add)
		}
		if isRange(word, rest) {
			return add(listed{value: line, problem: rangeProblem})
		}
	}
	return add(listWord(word))
}

// isComment knows the comment signs of lists, and "!" and the heading of
// ad-block lists.
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

const rangeProblem = "a range of addresses: write it as networks, such as 198.51.100.0/24"

// isRange knows "first-last" and "first - last".
func isRange(word, rest string) bool {
	first, last, found := strings.Cut(word, "-")
	if !found || last == "" {
		dash := strings.HasPrefix(rest, "-")
		if !dash && !found {
			return false
		}
		last, _, _ = strings.Cut(strings.TrimLeft(rest, "- \t"), " ")
	}
	_, err := netip.ParseAddr(first)
	if err != nil {
		return false
	}
	_, err = netip.ParseAddr(last)
	return err == nil
}

// hostsNames are the names on a line of a hosts file, and whether it is one:
// an address that leads nowhere, and something that isn't a number after it.
func hostsNames(word, rest string) ([]string, bool) {
	if rest[0] == '#' || strings.Trim(rest, "0123456789") == "" {
		return nil, false
	}
	address, err := netip.ParseAddr(word)
	if err != nil {
		return nil, false
	}
	nowhere := address.IsUnspecified() || address.IsLoopback() || address.IsMulticast() ||
		address.IsLinkLocalUnicast() || word == "255.255.255.255" || word == "fe00::0"
	if !nowhere {
		return nil, false
	}
	names, _, _ := strings.Cut(rest, "#")
	return strings.Fields(names), true
}

// ownNames are the names that hosts files have for the machine itself.
var ownNames = map[string]bool{
	"localhost": true, "localhost.localdomain": true, "local": true, "localhost4": true, "localhost6": true,
	"localhost4.localdomain4": true, "localhost6.localdomain6": true, "broadcasthost": true, "0.0.0.0": true,
	"ip6-localhost": true, "ip6-loopback": true, "ip6-localnet": true, "ip6-mcastprefix": true,
	"ip6-allnodes": true, "ip6-allrouters": true, "ip6-allhosts": true,
}

func addHosts(names []string, add func(listed) error) error {
	for _, name := range names {
		if ownNames[strings.ToLower(name)] {
			continue
		}
		l := listed{value: name}
		var err error
		l.observable, err = normalize.Observable(ctim.Observable{Type: ctim.TypeDomain, Value: name})
		switch {
		case err != nil:
			l.problem = err.Error()
		case !strings.Contains(l.observable.Value, "."):
			l.problem = oneLabelProblem
		}
		if err := add(l); err != nil {
			return err
		}
	}
	return nil
}

// listWord reads a value as it stands in lists.
func listWord(word string) listed {
	l := listed{value: word}
	if isRange(word, "") {
		l.problem = rangeProblem
		return l
	}
	value := word
	switch {
	case strings.HasPrefix(word, "||"):
		name, options, closed := strings.Cut(word[2:], "^")
		if !closed || options != "" && options != "$important" && options != "$all" {
			l.problem = adblockProblem
			return l
		}
		value, l.subdomains = name, true
	case strings.HasPrefix(word, "@@"), strings.Contains(word, "##"), strings.Contains(word, "#@#"), strings.Contains(word, "#?#"):
		l.problem = adblockProblem
		return l
	default:
		value = strings.Trim(value, `"'`)
		value, l.subdomains = trimWildcard(value)
	}
	var err error
	l.observable, l.note, err = detectWord(value)
	switch {
	case err != nil:
		l.problem = err.Error()
	case l.subdomains && !isDomain(l.observable.Type):
		if strings.HasPrefix(word, "||") {
			l.subdomains = false // an address is all there is to it
			break
		}
		l.problem = errWildcard.Error()
	case isDomain(l.observable.Type) && !strings.Contains(l.observable.Value, "."):
		l.problem = oneLabelProblem
	}
	return l
}

const (
	adblockProblem = "an ad-block rule other than ||domain^"
	// A name such as "com" would stand for too much, and is mostly a word.
	oneLabelProblem = "a name without a dot"
)

// detectWord is detect for a word that may have a second column after a comma.
func detectWord(word string) (ctim.Observable, string, error) {
	o, note, err := detect(word)
	if err == nil {
		return o, note, nil
	}
	if end := strings.IndexAny(word, ",;|#"); end > 0 {
		if o, note, err := detect(strings.Trim(word[:end], `"'`)); err == nil {
			return o, note, nil
		}
	}
	return o, "", err
}
