package client

import "strings"

// filter is what to put into a search so that it finds attributes that have
// one of these values, whole or as a part of a composite, and no others. ok is
// false where nothing is left to search for: MISP takes a blank value, and "0",
// for no filter at all, and would answer with everything.
//
// A value that is a plain string in the search may be more to MISP: "!" at the
// start excludes, "&&" and "||" separate several values, and "%" at either end
// is a wildcard. In a list under "OR" only the last is left.
func filter(values []string) (value any, ok bool) {
	var list []string
	plain := true
	for _, v := range values {
		v = strings.TrimSpace(v)
		if v == "" || v == "0" {
			continue
		}
		if strings.HasPrefix(v, "%") || strings.HasSuffix(v, "%") {
			v = startsWith(v)
			plain = false
		}
		if strings.HasPrefix(v, "!") || strings.Contains(v, "&&") || strings.Contains(v, "||") {
			plain = false
		}
		list = append(list, v)
	}
	switch {
	case len(list) == 0:
		return nil, false
	case len(list) == 1 && plain:
		return list[0], true
	default:
		return map[string][]string{"OR": list}, true
	}
}

// startsWith is the pattern for values that start with this one. It is the
// narrowest that MISP takes for a value with a wildcard at its end: only a
// pattern that starts or ends with "%" is one at all, and in a pattern "%" can
// be escaped.
func startsWith(value string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value) + "%"
}
