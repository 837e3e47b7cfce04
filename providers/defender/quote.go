package defender

import (
	"strconv"
	"strings"
)

// quoteOData returns a text as a literal of OData, in which a quote is doubled.
func quoteOData(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// quoteKQL returns a text as a literal of the Kusto Query Language, whose escapes are
// those of Go: https://github.com/microsoft/Kusto-Query-Language/blob/master/grammar/KqlTokens.g4
func quoteKQL(text string) string { return strconv.QuoteToASCII(strings.ToValidUTF8(text, "\uFFFD")) }
