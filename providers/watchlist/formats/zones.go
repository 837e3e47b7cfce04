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
	// parse returns the names that a line blocks.
	parse lineParser
}

// syntaxes returns the formats that can be recognised by their rules, for one file.
func syntaxes() []syntax {
	return []syntax{
		{"dnsmasq", func(line string) bool { _, _, _, ok := dnsmasqRule(line); return ok }, parseDnsmasq},
		{"unbound", isUnboundRule, parseUnbound},
		{"a response policy zone", func(line string) bool { _, _, ok := zoneRecord(line); return ok }, (&zone{}).parse},
	}
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
	name, l.subdomains = trimWildcard(name)
	l.subdomains = subdomains || l.subdomains
	var err error
	l.observable, err = normalize.Observable(ctim.Observable{Type: ctim.TypeDomain, Value: name})
	switch {
	case err != nil:
		l.problem = err.Error()
	case isOneLabel(l.observable):
		l.problem = oneLabelProblem
	}
	return l
}

// isNowhere reports whether a text is an address that block lists use for blocked names.
func isNowhere(text string) bool {
	a, err := netip.ParseAddr(text)
	return err == nil && (a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a.IsLinkLocalUnicast()) || text == "255.255.255.255"
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

func parseDnsmasq(all []listed, line string) []listed {
	option, names, target, ok := dnsmasqRule(line)
	switch {
	case !ok, option != "address" && target != "": // it names another server
		return append(all, listed{value: line, problem: ruleProblem})
	case target != "" && target != "#" && !isNowhere(target):
		return append(all, listed{value: line, problem: answerProblem})
	}
	for _, name := range names {
		all = append(all, blockedName(name, true))
	}
	return all
}

func isUnboundRule(line string) bool {
	option, _, found := strings.Cut(line, ":")
	return found && (option == "local-zone" || option == "local-data")
}

func parseUnbound(all []listed, line string) []listed {
	option, rest, _ := strings.Cut(line, ":")
	words := strings.Fields(strings.ReplaceAll(rest, `"`, " "))
	l := listed{value: line, problem: ruleProblem}
	switch {
	case option == "server" && len(words) == 0:
		return all
	case option == "local-zone" && len(words) == 2:
		l = blockedName(words[0], true)
		switch words[1] {
		case "transparent", "typetransparent", "inform", "nodefault", "always_transparent":
			l = listed{value: line, problem: exceptionProblem}
		}
	case option == "local-data" && len(words) > 2:
		l = blockedName(words[0], false)
		if !isNowhere(words[len(words)-1]) {
			l = listed{value: line, problem: answerProblem}
		}
	}
	return append(all, l)
}

// zoneRecord parses a record of a response policy zone. ok is false if it isn't a rule.
func zoneRecord(line string) (owner, target string, ok bool) {
	words := strings.Fields(line)
	for i := 1; i < len(words)-1 && i < 4; i++ {
		switch strings.ToUpper(words[i]) {
		case "CNAME":
			return words[0], strings.ToLower(words[i+1]), true
		case "A", "AAAA":
			return words[0], ".", isNowhere(words[i+1])
		}
	}
	return "", "", false
}

// zone is the state of a response policy zone.
type zone struct {
	// origin ends the owners that are absolute, as in zones that are transferred. It has
	// dots at both ends, or is empty if it is unknown.
	origin string
}

// parse is a lineParser.
func (z *zone) parse(all []listed, line string) []listed {
	line, _, _ = strings.Cut(line, ";")
	owner, target, ok := zoneRecord(line)
	switch {
	case !ok && isZoneData(line):
		z.setOrigin(strings.Fields(strings.ToLower(line)))
		return all
	case !ok:
		return append(all, listed{value: line, problem: ruleProblem})
	case strings.HasPrefix(target, "rpz-passthru"):
		return append(all, listed{value: line, problem: exceptionProblem})
	}
	owner = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(owner), z.origin), ".")
	for _, trigger := range []string{".rpz-nsdname", ".rpz-nsip", ".rpz-client-ip"} {
		if strings.Contains(owner+".", trigger+".") {
			return append(all, listed{value: owner, problem: ruleProblem})
		}
	}
	if reversed, _, found := strings.Cut(owner, ".rpz-ip"); found {
		return append(all, reversedNetwork(reversed))
	}
	return append(all, blockedName(owner, false))
}

// setOrigin sets the origin if the words of a line name it: "$ORIGIN rpz.example.", or
// the owner of the SOA record.
func (z *zone) setOrigin(words []string) {
	switch {
	case len(words) < 2:
	case words[0] == "$origin":
		z.origin = "." + words[1]
	case slices.Contains(words, "soa") && len(words[0]) > 1 && strings.HasSuffix(words[0], "."):
		z.origin = "." + words[0]
	}
}

// isZoneData reports whether a line describes the zone itself.
func isZoneData(line string) bool {
	words := strings.Fields(line)
	if len(words) == 0 || strings.ContainsAny(words[0][:1], "$@()") || strings.Trim(words[0], "0123456789") == "" {
		return true
	}
	return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, "SOA") || strings.EqualFold(word, "NS") })
}

// reversedNetwork parses a network in the form of response policy zones: 24.0.2.0.192
// is 192.0.2.0/24, and 48.zz.db8.2001 is 2001:db8::/48.
func reversedNetwork(text string) listed {
	parts := strings.Split(text, ".")
	slices.Reverse(parts)
	bits := len(parts) - 1
	address := strings.Join(parts[:bits], ".")
	if bits != 4 {
		address = strings.Join(parts[:bits], ":")
		address = strings.NewReplacer(":zz:", "::", "zz:", "::", ":zz", "::").Replace(address)
	}
	o, err := normalize.Observable(ctim.Observable{Type: ctim.TypeIP, Value: address + "/" + parts[bits]})
	l := listed{value: text, reading: reading{observable: o}}
	if err != nil {
		l.problem = err.Error()
	}
	return l
}
