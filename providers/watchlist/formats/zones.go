package formats

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// syntax is a format of block lists for a name server.
type syntax struct {
	name string
	// isRule reports whether a line is a rule of this syntax.
	isRule func(line string) bool
	// read calls add for each name that a line blocks, or with the reason why it
	// blocks none. Lines that are neither rules nor mistakes are ignored.
	read func(line string, add func(listed) error) error
}

// syntaxes returns the formats that can be recognised by their rules.
func syntaxes() []syntax {
	return []syntax{
		{"dnsmasq", func(line string) bool { _, _, _, ok := dnsmasqRule(line); return ok }, readDnsmasq},
		{"unbound", isUnboundRule, readUnbound},
		{"a response policy zone", func(line string) bool { _, _, ok := zoneRecord(line); return ok }, readZone},
	}
}

// isMajority reports whether at least half of a text's lines are rules.
func (s syntax) isMajority(text []byte) bool {
	all, rules := 0, 0
	for _, line := range content(text) {
		if all++; s.isRule(line) {
			rules++
		}
	}
	return rules > 0 && 2*rules >= all
}

const (
	exceptionProblem = "an exception, which is not blocked"
	answerProblem    = "a name with another address, which is not blocked"
	ruleProblem      = "not a rule that blocks a name"
)

// blockedName returns a name that a rule blocks, with its subdomains if subdomains is
// true.
func blockedName(name string, subdomains bool) listed {
	l := listed{value: name}
	name, wildcard := trimWildcard(name)
	l.subdomains = subdomains || wildcard
	var err error
	l.observable, err = normalize.Observable(ctim.Observable{Type: ctim.TypeDomain, Value: name})
	switch {
	case err != nil:
		l.problem = err.Error()
	case !strings.Contains(l.observable.Value, "."):
		l.problem = oneLabelProblem
	}
	return l
}

// isNowhere reports whether block lists answer a blocked name with this address.
func isNowhere(address netip.Addr) bool {
	return address.IsUnspecified() || address.IsLoopback() || address.IsMulticast() || address.IsLinkLocalUnicast() ||
		address == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// dnsmasqRule parses a line such as address=/a.example/b.example/0.0.0.0.
func dnsmasqRule(line string) (option string, names []string, target string, ok bool) {
	option, rest, found := strings.Cut(line, "=/")
	switch option {
	case "address", "server", "local", "rev-server", "ipset", "nftset":
	default:
		return "", nil, "", false
	}
	parts := strings.Split(rest, "/")
	return option, parts[:len(parts)-1], parts[len(parts)-1], found && len(parts) > 1
}

func readDnsmasq(line string, add func(listed) error) error {
	option, names, target, ok := dnsmasqRule(line)
	problem := ""
	switch {
	case !ok:
		problem = ruleProblem
	case target == "" || target == "#" && option == "address":
	case option != "address":
		problem = ruleProblem // it names another server
	default:
		if address, err := netip.ParseAddr(target); err != nil || !isNowhere(address) {
			problem = answerProblem
		}
	}
	if problem != "" {
		return add(listed{value: line, problem: problem})
	}
	for _, name := range names {
		if err := add(blockedName(name, true)); err != nil {
			return err
		}
	}
	return nil
}

func isUnboundRule(line string) bool {
	option, _, found := strings.Cut(line, ":")
	return found && (option == "local-zone" || option == "local-data")
}

func readUnbound(line string, add func(listed) error) error {
	option, rest, _ := strings.Cut(line, ":")
	words := strings.Fields(strings.ReplaceAll(rest, `"`, " "))
	switch {
	case option == "server" && len(words) == 0:
		return nil
	case option == "local-zone" && len(words) == 2:
		switch words[1] {
		case "transparent", "typetransparent", "inform", "nodefault", "always_transparent":
			return add(listed{value: line, problem: exceptionProblem})
		}
		return add(blockedName(words[0], true))
	case option == "local-data" && len(words) > 2:
		address, err := netip.ParseAddr(words[len(words)-1])
		if err != nil || !isNowhere(address) {
			return add(listed{value: line, problem: answerProblem})
		}
		return add(blockedName(words[0], false))
	}
	return add(listed{value: line, problem: ruleProblem})
}

// zoneRecord parses a record of a response policy zone. ok is false if it isn't a rule.
func zoneRecord(line string) (owner, target string, ok bool) {
	words := strings.Fields(line)
	for i := 1; i < len(words)-1 && i < 4; i++ {
		switch strings.ToUpper(words[i]) {
		case "CNAME":
			return words[0], strings.ToLower(words[i+1]), true
		case "A", "AAAA":
			address, err := netip.ParseAddr(words[i+1])
			return words[0], ".", err == nil && isNowhere(address)
		}
	}
	return "", "", false
}

func readZone(line string, add func(listed) error) error {
	line, _, _ = strings.Cut(line, ";")
	owner, target, ok := zoneRecord(line)
	switch {
	case !ok && isZoneData(strings.Fields(line)):
		return nil
	case !ok:
		return add(listed{value: line, problem: ruleProblem})
	case strings.HasPrefix(target, "rpz-passthru"):
		return add(listed{value: line, problem: exceptionProblem})
	}
	owner = strings.TrimSuffix(strings.ToLower(owner), ".")
	for _, trigger := range []string{".rpz-nsdname", ".rpz-nsip", ".rpz-client-ip"} {
		if strings.Contains(owner+".", trigger+".") {
			return add(listed{value: owner, problem: ruleProblem})
		}
	}
	if reversed, _, found := strings.Cut(owner, ".rpz-ip"); found {
		return add(reversedNetwork(reversed))
	}
	return add(blockedName(owner, false))
}

// isZoneData reports whether a line describes the zone itself.
func isZoneData(words []string) bool {
	if len(words) == 0 || strings.ContainsAny(words[0][:1], "$@()") || strings.Trim(words[0], "0123456789") == "" {
		return true
	}
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, "SOA") || strings.EqualFold(word, "NS") })
}

// reversedNetwork parses a network in the form of response policy zones: 24.0.2.0.192
// is 192.0.2.0/24.
func reversedNetwork(text string) listed {
	l := listed{value: text}
	parts := strings.Split(text, ".")
	bits := parts[0]
	var b strings.Builder
	separator := "."
	if len(parts) != 5 {
		separator = ":"
	}
	for i := len(parts) - 1; i > 0; i-- {
		if b.Len() > 0 {
			b.WriteString(separator)
		}
		if parts[i] != "zz" { // two colons
			b.WriteString(parts[i])
		}
	}
	address := b.String()
	if separator == ":" && strings.HasSuffix(address, ":") && !strings.HasSuffix(address, "::") {
		address += ":"
	}
	var err error
	l.observable, err = normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: address + "/" + bits})
	if err != nil {
		l.problem = err.Error()
	}
	return l
}
