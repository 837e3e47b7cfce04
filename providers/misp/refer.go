package misp

import (
	"context"
	"fmt"
	"net/url"

	"github.com/serverless-relay/relay/providers/misp/internal/client"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// maxEventLinks is how many events of an observable are linked to. The search
// page has them all.
const maxEventLinks = 10

// Refer implements relay.Referrer: the pages of the events in which the
// observable is, then MISP's search. The search is there also when the events
// can't be had.
func (s *session) Refer(ctx context.Context, o ctim.Observable) ([]relay.Link, error) {
	wanted, err := newTarget(o)
	if err != nil {
		return nil, nil // nothing to search for
	}
	found, err := s.find(ctx, o, min(s.limit, maxEventLinks), false)
	var links []relay.Link
	for _, f := range found.findings {
		if f.page == "" {
			continue
		}
		links = append(links, relay.Link{
			ID:          "ref-misp-event-" + string(f.event.UUID),
			Title:       "Open " + f.title(),
			Description: fmt.Sprintf("Read the MISP event with this %s by %s", o.Type.Noun(), f.indicator().Producer),
			URL:         f.page,
			Categories:  []string{client.Title, "Event"},
		})
	}
	value := url.PathEscape(wanted.normal.Value)
	return append(links, relay.Link{
		ID:          fmt.Sprintf("ref-misp-search-%s-%s", o.Type, value),
		Title:       "Search " + client.Title,
		Description: fmt.Sprintf("Look up this %s on %s", o.Type.Noun(), client.Title),
		URL:         s.client.Page("/attributes/index/searchvalue:" + value),
		Categories:  []string{"Search", client.Title},
	}), err
}
