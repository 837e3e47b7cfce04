// Package lucene writes values into queries in Lucene's syntax, which urlscan.io,
// Graylog and Elasticsearch use.
package lucene

import "strings"

// quoter escapes the two characters with a meaning inside quotes.
var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Quote returns value as a quoted phrase. All of its characters are literal:
// operators, brackets and wildcards too. Bytes that aren't UTF-8 become U+FFFD,
// because a server could read them, or drop them, together with the quotes. An empty
// or blank value becomes an empty phrase, which matches no text.
func Quote(value string) string {
	return `"` + quoter.Replace(strings.ToValidUTF8(strings.TrimSpace(value), "\uFFFD")) + `"`
}
