package normalize

import (
	"net/url"
	"strings"
)

// WebURL is the address of a page, or empty where the text is none: it is shown
// as a link, so it must be one that is safe to follow.
func WebURL(text string) string {
	text = strings.TrimSpace(text)
	page, err := url.Parse(text)
	if err != nil || page.Host == "" || page.Scheme != "https" && page.Scheme != "http" || strings.ContainsAny(text, " \t\r\n\"<>") {
		return ""
	}
	return text
}
