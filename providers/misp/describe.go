package misp

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/relay"
)

const (
	// eventsPerCall is how many events one call describes.
	eventsPerCall = 20
	// describeTimeout bounds the descriptions: judgements don't depend on them.
	describeTimeout = 5 * time.Second
)

// describe adds galaxies, links and vulnerabilities to the events in the response.
func (b *batch) describe(ctx context.Context) error {
	return b.describeOnce.do(ctx, func() error {
		if b.whole {
			return nil
		}
		events := map[string]*mispevent.Event{}
		for _, findings := range b.findings {
			for _, f := range newest(findings, b.session.share) {
				if f.event.ID != "" {
					events[string(f.event.ID)] = f.event
				}
			}
		}
		ids := make([]string, 0, len(events))
		for id := range events {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		ctx, cancel := context.WithTimeout(ctx, describeTimeout)
		defer cancel()
		var group errgroup.Group
		for some := range slices.Chunk(ids, eventsPerCall) {
			group.Go(func() error { return b.addReferences(ctx, events, some) })
			group.Go(func() error { return b.addGalaxies(ctx, events, some) })
		}
		return group.Wait()
	})
}

func (b *batch) addReferences(ctx context.Context, events map[string]*mispevent.Event, ids []string) error {
	references, err := b.session.references(ctx, ids, eventsPerCall*(maxLinks+maxThreats))
	for _, r := range references {
		if event := events[string(r.event.ID)]; event != nil && isReference(&r.attribute) {
			event.Attributes = append(event.Attributes, r.attribute)
		}
	}
	return err
}

// addGalaxies adds galaxies to the events. Only events with a galaxy tag have any.
func (b *batch) addGalaxies(ctx context.Context, events map[string]*mispevent.Event, ids []string) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return !slices.ContainsFunc(events[id].Tags, mispevent.Tag.IsGalaxy)
	})
	if len(ids) == 0 {
		return nil
	}
	heads, err := b.session.heads(ctx, ids)
	for _, head := range heads {
		if event := events[string(head.ID)]; event != nil {
			event.Galaxies = head.Galaxies
		}
	}
	return err
}

// warning returns the warning about what is missing from a response, or nil. described is
// the error of describe. left is how many findings the response has no room for.
func (b *batch) warning(described error, left int) error {
	switch {
	case b.incomplete:
		return relay.Warningf(relay.CodeServiceUnavailable,
			"More attributes have this value than the relay reads, so the verdict ignores some. See %s for all of them.", title)
	case left > 0:
		return relay.Warningf(relay.CodeInvalidArgument,
			"The response has no room for all events. It has the newest of each observable, and the one that decides. Ask about fewer observables in one request.")
	case described != nil:
		return relay.Warningf(relay.CodeServiceUnavailable,
			"%s did not describe the events in time: descriptions of threats, vulnerabilities and links to reports may be missing.", title)
	default:
		return nil
	}
}
