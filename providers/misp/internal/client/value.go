package client

import "strings"

// filter returns the "value" of a search that finds attributes with one of these
// values, or with one that starts with a prefix, whole or as a half of a
// composite, and no others. ok is false if there is no value to search for: MISP
// treats a blank value and "0" as no filter at all, and would return everything.
//
// In a plain string, MISP knows operators: "!" at the start excludes, "&&" and
// "||" separate values, and "%" at either end is a wildcard. In a list under
// "OR", only the wildcard remains.
func filter(values, prefixes []string) (value any, ok bool) {
	var list []string
	plain := len(prefixes) == 0
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
	if len(list) == 0 {
		return nil, false
	}
	for _, prefix := range prefixes {
		list = append(list, startsWith(prefix))
	}
	if len(list) == 1 && plain {
		return list[0], true
	}
	return map[string][]string{"OR": list}, true
}

// startsWith returns the pattern for values that start with this one. There is no
// narrower pattern for a value with "%" at its end: MISP recognises a pattern by
// "%" at its start or end, and only inside of one can "%" be escaped.
func startsWith(value string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(value) + "%"
}
