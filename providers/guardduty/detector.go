package guardduty

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
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
	if keys, own := keysOf(call.Claims); !keys.HasKeys() || own && !s.OwnCredentials {
		return d, relay.Errorf(relay.CodeAuthorization, "The token has no AWS keys for %s. Set access_key_id and secret_access_key in the module's settings. "+
			"The relay's operator can lend its own credentials with GUARDDUTY_OWN_CREDENTIALS.", title)
	}
	address := s.URL
	if address.String() == "" {
		address, _ = upstream.ParseAddress("https://guardduty." + d.region + ".amazonaws.com") // the region is valid
	}
	d.caller = call.At(title, address)
	id := call.Claims.Get("detector_id")
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

// do sends a request. All requests only read.
func (d detector) do(ctx context.Context, r upstream.Request, into any) error {
	r.Repeatable = true
	return d.caller.Do(ctx, r, into)
}

// check fails if there is no detector, or if it is suspended.
func check(ctx context.Context, call *lookup.Call) error {
	d, err := connect(ctx, call)
	var found struct{ Status lenient.Text }
	if err == nil {
		err = d.do(ctx, upstream.Request{Path: d.path}, &found)
	}
	if err == nil && !strings.EqualFold(string(found.Status), "ENABLED") {
		err = relay.Errorf(relay.CodeServiceUnavailable, "The detector of %s in the region %s is suspended. Enable it in the AWS console.", title, d.region)
	}
	return err
}

// criteria are conditions on the attributes of findings. All must be true.
type criteria map[string]map[string]any

func equals(values ...string) map[string]any { return map[string]any{"equals": values} }

// search returns the newest findings that meet one of the criteria, up to limit for each.
// cut is true if there may be more.
func (d detector) search(ctx context.Context, limit int, anyOf ...criteria) (found []finding, cut bool, err error) {
	lists, errs := lookup.Each(anyOf, func(c criteria) ([]string, error) { return d.list(ctx, c, limit) })
	if err := cmp.Or(errs...); err != nil {
		return nil, false, err
	}
	ids := slices.Concat(lists...)
	slices.Sort(ids)
	chunks := slices.Collect(slices.Chunk(slices.Compact(ids), pageSize))
	pages, errs := lookup.Each(chunks, func(ids []string) ([]finding, error) { return d.describe(ctx, ids) })
	found = slices.Concat(pages...)
	slices.SortFunc(found, func(a, b finding) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	return found, slices.ContainsFunc(lists, func(ids []string) bool { return len(ids) == limit }), cmp.Or(errs...)
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
	for i := range page.Findings {
		f := &page.Findings[i]
		f.Region, f.Service.Count = lenient.Text(d.region), max(f.Service.Count, 1)
		f.Service.EventLastSeen.Time = cmp.Or(f.Service.EventLastSeen.Time, f.UpdatedAt.Time)
	}
	return page.Findings, err
}

const domainAttribute = "service.action.dnsRequestAction.domain"

// about returns criteria for findings with one of the values. Criteria can't have
// alternatives, so there is one for each attribute that may have a value of the type.
func about(t ctim.ObservableType, values ...string) (all []criteria) {
	if t == ctim.TypeDomain {
		return []criteria{{domainAttribute: equals(values...)}}
	}
	const nic = "resource.instanceDetails.networkInterfaces."
	attributes, version := []string{nic + "publicIp", nic + "privateIpAddresses.privateIpAddress"}, "V4"
	if t == ctim.TypeIPv6 {
		attributes, version = []string{nic + "ipv6Addresses"}, "V6"
	}
	for _, action := range []string{"networkConnectionAction", "awsApiCallAction", "portProbeAction.portProbeDetails", "kubernetesApiCallAction", "rdsLoginAttemptAction"} {
		attributes = append(attributes, "service.action."+action+".remoteIpDetails.ipAddress"+version)
	}
	for _, name := range attributes {
		all = append(all, criteria{name: equals(values...)})
	}
	return all
}

// batchLimit is how many findings a search about several observables returns.
const batchLimit = 100

// find looks for the newest findings with an observable. Those of a type are searched
// for together, with equal requests that are sent once. If there are too many findings
// for that, or the search fails, the observable is searched for alone.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	d, err := connect(ctx, call)
	if err != nil {
		return ctim.Finding{}, err
	}
	values, limit := batch(call.Observables, o), batchLimit
	if len(values) == 1 {
		limit = call.Limit
	}
	found, cut, err := d.search(ctx, limit, about(o.Type, values...)...)
	if len(values) > 1 && (cut || err != nil) {
		values = []string{o.Value}
		found, _, err = d.search(ctx, call.Limit, about(o.Type, o.Value)...)
	}
	var all ctim.Finding
	for _, f := range found {
		if len(values) == 1 || slices.Contains(slices.Concat(f.remotes(), f.addresses()), o) {
			all.Seen = append(all.Seen, f.seen(o))
		}
	}
	return all, err
}

// batch returns the values that are searched for together with o: those of its type, up
// to 50, which is how many a condition may have.
func batch(observables []ctim.Observable, o ctim.Observable) []string {
	var values []string
	for _, other := range observables {
		if other.Type == o.Type && !slices.Contains(values, other.Value) {
			values = append(values, other.Value)
		}
	}
	start := slices.Index(values, o.Value) / 50 * 50
	return values[start:min(start+50, len(values))]
}
