package misp

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// maxEventLinks is how many events of an observable have a link. MISP's search has all.
const maxEventLinks = 10

// Refer implements relay.Referrer: links to the newest events with the observable
// and to MISP's search. The link to the search is returned even if MISP doesn't respond.
func (s *session) Refer(ctx context.Context, o ctim.Observable) ([]relay.Link, error) {
	t, err := newTarget(o)
	if err != nil {
		return nil, nil // nothing to search for
	}
	found, err := s.find(ctx, o)
	var links []relay.Link
	for _, f := range newest(found.of(o), min(s.limit, maxEventLinks)) {
		if f.page == "" {
			continue
		}
		links = append(links, relay.Link{
			ID:          "ref-misp-event-" + string(f.event.UUID),
			Title:       fmt.Sprintf("Open the %s event '%s'", title, f.name()),
			Description: fmt.Sprintf("An event with this %s, reported by %s.", o.Type.Noun(), cmp.Or(f.event.Producer(), "an unnamed organisation")),
			URL:         f.page,
			Categories:  []string{title, "Event"},
		})
	}
	return append(links, relay.Link{
		ID:          fmt.Sprintf("ref-misp-search-%s-%s", o.Type, url.PathEscape(t.normal.Value)),
		Title:       "Search in " + title,
		Description: fmt.Sprintf("Find this %s in the events of %s.", o.Type.Noun(), title),
		URL:         s.Call().URL(searchPath(t.normal.Value)),
		Categories:  []string{"Search", title},
	}), err
}

// forPath replaces what MISP doesn't allow in a path: a slash, encoded or not, and an
// extension that selects another format.
var forPath = strings.NewReplacer("/", "_", ".json", "_json", ".xml", "_xml", ".csv", "_csv")

// forPattern replaces operators and escapes of patterns.
var forPattern = strings.NewReplacer("|", "_", "!", "_", "%", "_", `\`, "_")

// searchPath returns the path of the page on which MISP searches for a value. A value
// that a path can't contain is searched for on another page, as a pattern in which "_"
// is any character.
func searchPath(value string) string {
	page := "/attributes/index/searchvalue:"
	if pattern := forPath.Replace(value); pattern != value {
		page, value = "/events/index/searchattribute:", forPattern.Replace(pattern)
	}
	return page + strings.ReplaceAll(url.PathEscape(value), "+", "%2B") // MISP takes "+" for a space
}
