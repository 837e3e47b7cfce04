package guardduty

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// pageSize is the most findings that GuardDuty lists or describes in one response.
const pageSize = 50

// detector is the GuardDuty of an account in a region.
type detector struct {
	caller       *upstream.Caller
	region, path string
}

// connect returns the caller's detector. If the token doesn't have its ID, GuardDuty
// is asked. A region has one at most.
func connect(ctx context.Context, call *lookup.Call) (d detector, err error) {
	s := call.Settings.(settings)
	if d.region, err = regionOf(call.Claims); err != nil {
		return d, err
	}
	if _, own := keysOf(call.Claims); own && !s.OwnCredentials {
		return d, relay.Errorf(relay.CodeAuthorization,
			"The token has no AWS keys for %s. Set %s and %s in the module's settings. The relay's operator can lend its own credentials with GUARDDUTY_OWN_CREDENTIALS.",
			title, accessKeyClaim, secretKeyClaim)
	}
	address := s.URL
	if address.String() == "" {
		if address, err = upstream.ParseAddress("https://guardduty." + d.region + ".amazonaws.com"); err != nil {
			return d, err
		}
	}
	d.caller = call.At(title, address)
	id := call.Claims.Get(detectorClaim)
	if id == "" {
		var found struct{ DetectorIDs lenient.Texts }
		if err := d.do(ctx, upstream.Request{Path: "/detector"}, &found); err != nil {
			return d, err
		}
		if len(found.DetectorIDs) == 0 {
			return d, relay.Errorf(relay.CodeNotFound, "%s is not enabled in the region %s. Enable it there, or set another region in the module's settings.", title, d.region)
		}
		id = found.DetectorIDs[0]
	}
	d.path = "/detector/" + url.PathEscape(id)
	return d, nil
}

// do sends a request. All of them only read. GuardDuty answers 403 to wrong keys and
// to keys without the right to read findings, so there is no use in more requests.
func (d detector) do(ctx context.Context, r upstream.Request, into any) error {
	r.Repeatable = true
	err := d.caller.Do(ctx, r, into)
	if upstream.IsStatus(err, http.StatusForbidden) {
		d.caller.Stop(err)
	}
	return err
}

// check fails if there is no detector, or if it is suspended.
func check(ctx context.Context, call *lookup.Call) error {
	d, err := connect(ctx, call)
	if err != nil {
		return err
	}
	var found struct{ Status lenient.Text }
	if err := d.do(ctx, upstream.Request{Path: d.path}, &found); err != nil {
		return err
	}
	if !strings.EqualFold(string(found.Status), "ENABLED") {
		return relay.Errorf(relay.CodeServiceUnavailable, "The detector of %s in the region %s is suspended. Enable it in the AWS console.", title, d.region)
	}
	return nil
}

// criteria are conditions on the attributes of findings. All must be true.
type criteria map[string]map[string]any

func equals(values ...string) map[string]any { return map[string]any{"equals": values} }

// search returns the newest findings that meet one of the criteria, up to limit for each.
// cut is true if there may be more.
func (d detector) search(ctx context.Context, limit int, anyOf ...criteria) (found []finding, cut bool, err error) {
	lists, err := concurrently(ctx, anyOf, func(ctx context.Context, c criteria) ([]string, error) { return d.list(ctx, c, limit) })
	if err != nil {
		return nil, false, err
	}
	ids := slices.Concat(lists...)
	slices.Sort(ids)
	pages, err := concurrently(ctx, slices.Collect(slices.Chunk(slices.Compact(ids), pageSize)), d.describe)
	found = slices.Concat(pages...)
	slices.SortFunc(found, func(a, b finding) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	return found, slices.ContainsFunc(lists, func(ids []string) bool { return len(ids) == limit }), err
}

// list returns the IDs of the newest findings that meet the criteria, up to limit.
func (d detector) list(ctx context.Context, c criteria, limit int) (ids []string, err error) {
	body := map[string]any{
		"findingCriteria": map[string]criteria{"criterion": c},
		"sortCriteria":    map[string]string{"attributeName": "updatedAt", "orderBy": "DESC"},
		"maxResults":      min(limit, pageSize),
	}
	for last := ""; ; {
		var page struct {
			FindingIDs lenient.Texts
			NextToken  lenient.Text
		}
		if err := d.do(ctx, upstream.Request{Method: http.MethodPost, Path: d.path + "/findings", Body: body}, &page); err != nil {
			return nil, err
		}
		ids = append(ids, page.FindingIDs...)
		next := string(page.NextToken)
		if len(ids) >= limit || next == "" || next == last {
			return ids[:min(len(ids), limit)], nil
		}
		body["nextToken"], last = next, next
	}
}

// describe returns the findings with these IDs, at most pageSize.
func (d detector) describe(ctx context.Context, ids []string) ([]finding, error) {
	var page struct{ Findings lenient.List[finding] }
	body := map[string][]string{"findingIds": ids}
	err := d.do(ctx, upstream.Request{Method: http.MethodPost, Path: d.path + "/findings/get", Body: body}, &page)
	return page.Findings, err
}

// concurrently calls get for each item, and returns the results in order.
func concurrently[T, R any](ctx context.Context, items []T, get func(context.Context, T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	group, ctx := errgroup.WithContext(ctx)
	for i, item := range items {
		group.Go(func() (err error) {
			results[i], err = get(ctx, item)
			return err
		})
	}
	return results, group.Wait()
}
