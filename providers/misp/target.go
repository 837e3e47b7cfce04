package misp

import (
	"cmp"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// target is an observable to search for.
type target struct {
	// asked is the observable in the platform's spelling, for responses. normal is
	// normalized.
	asked, normal ctim.Observable
}

// newTarget fails if the value is not valid for its type.
func newTarget(o ctim.Observable) (target, error) {
	normal, err := normalize.Observable(o)
	return target{o, normal}, err
}

// valueKey identifies a value in all its spellings.
type valueKey struct {
	class ctim.ObservableType
	value string
}

func (t target) key() valueKey {
	return valueKey{class(t.normal.Type), foldCase(t.normal)}
}

// keysOf returns the keys of a value in MISP: none if it is not valid, two for a
// URL without a scheme.
func keysOf(o ctim.Observable) []valueKey {
	values := []string{o.Value}
	if o.Type == ctim.TypeURL && !strings.Contains(o.Value, "://") {
		values = append(values, "https://"+o.Value) // normalize assumes http://
	}
	var keys []valueKey
	for _, value := range values {
		if normal, err := normalize.Observable(ctim.Observable{Type: o.Type, Value: value}); err == nil {
			keys = append(keys, valueKey{class(normal.Type), foldCase(normal)})
		}
	}
	return keys
}

// foldCase returns a normalized value for comparisons. File names are in lower case,
// because Windows ignores their case.
func foldCase(normal ctim.Observable) string {
	if class(normal.Type) == ctim.TypeFileName {
		return strings.ToLower(normal.Value)
	}
	return normal.Value
}

// class returns one type for similar types, because MISP and the platform distinguish
// them differently.
func class(t ctim.ObservableType) ctim.ObservableType { return cmp.Or(classes[t], t) }

var classes = map[ctim.ObservableType]ctim.ObservableType{
	ctim.TypeIPv6:     ctim.TypeIP,
	ctim.TypeHostname: ctim.TypeDomain,
	ctim.TypeFilePath: ctim.TypeFileName,
}

// spellings returns the values to search for: the normalized and the requested one, and
// other spellings that MISP may have. MISP ignores case. prefixes are the beginnings of
// further spellings.
func (t target) spellings() (values, prefixes []string) {
	values = []string{t.normal.Value, strings.TrimSpace(t.asked.Value)}
	switch t.normal.Type {
	case ctim.TypeURL:
		values = append(values, urlSpellings(t.normal.Value)...)
		prefixes = []string{t.normal.Value + "#"} // fragments don't count
	case ctim.TypeIPv6:
		if address, err := netip.ParseAddr(t.normal.Value); err == nil {
			padded := address.StringExpanded()
			groups := strings.Split(padded, ":")
			for i, group := range groups {
				groups[i] = strings.TrimLeft(group[:3], "0") + group[3:]
			}
			values = append(values, padded, strings.Join(groups, ":"))
		}
	case ctim.TypeDomain, ctim.TypeHostname:
		if unicode, err := idna.ToUnicode(t.normal.Value); err == nil {
			values = append(values, unicode)
		}
	}
	return withoutRepeats(values), prefixes
}

// urlSpellings returns other spellings of a normal URL: without a scheme, with
// the default port, without the slash after the host.
func urlSpellings(normal string) []string {
	scheme, rest, _ := strings.Cut(normal, "://")
	port, known := map[string]string{"http": ":80", "https": ":443"}[scheme]
	if !known {
		return nil
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, path := rest[:end], rest[end:]
	spellings := []string{rest}
	if strings.LastIndexByte(host, ':') <= strings.LastIndexByte(host, ']') { // has no port
		spellings = append(spellings, scheme+"://"+host+port+path, host+port+path)
	}
	if path == "/" {
		spellings = append(spellings, scheme+"://"+host, host)
	}
	return spellings
}

// withoutRepeats drops values that differ from an earlier one only in case.
func withoutRepeats(values []string) []string {
	var kept []string
	seen := map[string]bool{}
	for _, value := range values {
		if folded := strings.ToLower(value); !seen[folded] {
			seen[folded] = true
			kept = append(kept, value)
		}
	}
	return kept
}
