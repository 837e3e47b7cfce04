package ctim

import (
	"net/url"
	"strings"
)

// WebURL returns the URL of a web page without surrounding space, or "" if text isn't
// one. The result is shown as a link, so it must be safe to follow. Some third parties
// pass on what their users write.
func WebURL(text string) string {
	text = strings.TrimSpace(text)
	page, err := url.Parse(text)
	if err != nil || page.Host == "" || page.Scheme != "https" && page.Scheme != "http" || strings.ContainsAny(text, " \t\r\n\"<>") {
		return ""
	}
	return text
}
