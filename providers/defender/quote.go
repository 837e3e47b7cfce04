package defender

import (
	"fmt"
	"strings"
)

// quoteOData returns a text as a literal of OData, in which a quote is doubled.
func quoteOData(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// quoteKQL returns a text as a literal of the Kusto Query Language. Everything but
// plain ASCII is escaped, so that nothing can end the literal:
// https://learn.microsoft.com/kusto/query/scalar-data-types/string
func quoteKQL(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r >= ' ' && r <= '~':
			out.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\U%08x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	out.WriteByte('"')
	return out.String()
}
