// Package urlscan asks urlscan.io for scans of web pages, and has it scan URLs. Its API:
// https://docs.urlscan.io/apis/urlscan-openapi
package urlscan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/lucene"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const site = "https://urlscan.io/" // the address of links

// Provider is urlscan.io.
var Provider = lookup.Source{
	Name: "urlscan", Title: "urlscan.io", URL: "https://urlscan.io",
	Types:       []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your urlscan.io API key"}},
	Auth:        upstream.Header("API-Key", "key"), Refusal: http.StatusForbidden,
	Check: check, Find: find, Page: page,
}.With(func(s *lookup.Session) relay.Session { return session{s} })

// ask sends a request. Keys of another form than urlscan.io's are refused with status 400.
func ask(ctx context.Context, call *lookup.Call, r upstream.Request, into any) error {
	err := call.Do(ctx, r, into)
	var status *upstream.StatusError
	var refusal struct{ Message lenient.Text }
	if errors.As(err, &status) && status.Status == http.StatusBadRequest && json.Unmarshal(status.Body, &refusal) == nil &&
		strings.Contains(strings.ToLower(string(refusal.Message)), "api key") {
		return call.Fail(http.StatusUnauthorized, string(refusal.Message))
	}
	return err
}

// check requests the quotas of the key. For an unknown key, urlscan.io returns those of
// the relay's address.
func check(ctx context.Context, call *lookup.Call) error {
	type quota struct {
		Day struct{ Limit, Remaining lenient.Int }
	}
	var answer struct {
		Scope  lenient.Text // user, team or ip-address
		Limits struct{ Search, Retrieve, Private, Unlisted quota }
	}
	err := ask(ctx, call, upstream.Request{Path: "/api/v1/quotas"}, &answer)
	if err == nil && answer.Scope == "ip-address" {
		return call.Fail(http.StatusUnauthorized, "")
	}
	quotas := relay.Quotas{}
	for name, q := range map[string]quota{
		"daily searches": answer.Limits.Search, "daily results": answer.Limits.Retrieve,
		"daily private scans": answer.Limits.Private, "daily unlisted scans": answer.Limits.Unlisted,
	} {
		if q.Day.Limit > 0 {
			quotas[name] = relay.Quota{Limit: int(q.Day.Limit), Remaining: int(q.Day.Remaining)}
		}
	}
	if len(quotas) > 0 {
		call.SetQuotas(quotas)
	}
	return err
}

// searchFor returns the query for scans of pages at an observable.
func searchFor(o ctim.Observable) string {
	value := lucene.Quote(o.Value)
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		return "page.ip:" + value
	case ctim.TypeURL: // before redirects or after
		return "task.url.keyword:" + value + " OR page.url.keyword:" + value
	default:
		return "page.domain:" + value
	}
}

// page returns the page about an address or a name, or the search for a URL.
func page(_ *lookup.Call, o ctim.Observable) string {
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		return site + "ip/" + url.PathEscape(o.Value)
	case ctim.TypeURL:
		return site + "search/#" + url.PathEscape(searchFor(o))
	default:
		return site + "domain/" + url.PathEscape(o.Value)
	}
}

// A search returns up to maxScans scans. The verdicts of the newest, up to maxVerdicts,
// need another call each. A request has about maxCalls of these. A verdict is valid for
// validDays, because pages change.
const maxScans, maxVerdicts, maxCalls, validDays = 100, 10, 100, 7

// scan is a scan in the answer to a search.
type scan struct {
	ID   lenient.Text `json:"_id"`
	Task struct {
		Time lenient.Time `json:"time"`
	} `json:"task"`
	Page struct {
		URL    lenient.Text `json:"url"`
		Domain lenient.Text `json:"domain"`
		IP     lenient.Text `json:"ip"`
	} `json:"page"`
	Stats map[string]lenient.Int `json:"stats"`
	// Verdicts are missing in a search. judged adds them.
	Verdicts lenient.List[struct {
		Overall struct {
			Malicious  lenient.Flag  `json:"malicious"`
			Score      lenient.Int   `json:"score"` // from -100 to 100
			Categories lenient.Texts `json:"categories"`
			Brands     lenient.Texts `json:"brands"` // that the page imitates
		} `json:"overall"`
	}] `json:"verdicts"`
}

// search returns scans that match a query, up to most.
func search(ctx context.Context, call *lookup.Call, query string, most int) ([]scan, error) {
	parameters := url.Values{"q": {query}}
	if most < maxScans {
		parameters.Set("size", strconv.Itoa(most))
	}
	var answer struct {
		Results *lenient.List[scan] `json:"results"`
	}
	if err := ask(ctx, call, upstream.Request{Path: "/api/v1/search/", Query: parameters}, &answer); err != nil {
		return nil, err
	}
	if answer.Results == nil {
		return nil, relay.Errorf(relay.CodeServiceUnavailable, "urlscan.io sent JSON without results. Check its address in the settings.")
	}
	return slices.DeleteFunc(*answer.Results, func(s scan) bool { return s.ID == "" || s.Task.Time.IsZero() }), nil
}

// find searches for scans, and asks for the verdicts of the newest.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (f ctim.Finding, err error) {
	scans, err := search(ctx, call, searchFor(o), call.Limit)
	if err != nil {
		return f, err
	}
	scans = slices.DeleteFunc(scans, func(s scan) bool { return call.Brief && s.Task.Time.AddDate(0, 0, validDays).Before(call.Time) })
	slices.SortStableFunc(scans, func(a, b scan) int { return b.Task.Time.Compare(a.Task.Time.Time) })
	scans = scans[:min(len(scans), call.Limit)] // before they take more memory
	most := min(len(scans), maxVerdicts, max(1, maxCalls/max(1, len(call.Observables))))
	judged, errs := lookup.Each(scans[:most], func(s scan) (scan, error) { return s.judged(ctx, call) })
	for _, s := range slices.Concat(judged, scans[most:]) {
		f.Seen = append(f.Seen, s.seen())
	}
	return f, lookup.Incomplete(cmp.Or(errs...))
}

// judged returns the scan with its verdict, a small part of a result of several megabytes.
// There is none if the scan isn't finished yet, or was deleted.
func (s scan) judged(ctx context.Context, call *lookup.Call) (scan, error) {
	err := ask(ctx, call, upstream.Request{Path: "/api/v1/result/" + url.PathEscape(string(s.ID)) + "/", Members: []string{"verdicts"}}, &s)
	if upstream.IsStatus(err, http.StatusNotFound, http.StatusGone) {
		err = nil
	}
	return s, err
}

// seen returns the scan as a sighting, with a judgement if its verdict is malicious.
func (s scan) seen() ctim.Seen {
	n := s.Stats
	seen := ctim.Seen{
		At: s.Task.Time.Time, Title: "Scan Result", Text: string(s.Page.URL), URL: site + "result/" + url.PathEscape(string(s.ID)) + "/",
		Confidence: ctim.ConfidenceHigh, Key: []string{string(s.ID)}, Relations: s.relations(),
		Data: ctim.Table{
			Columns: []string{"uniqIPs", "consoleMsgs", "dataLength", "encodedDataLength", "requests"},
			Rows:    [][]string{strings.Fields(fmt.Sprint(n["uniqIPs"], n["consoleMsgs"], n["dataLength"], n["encodedDataLength"], n["requests"]))},
		},
	}
	for _, v := range s.Verdicts {
		seen.Text = strings.Join(append([]string{seen.Text}, v.Overall.Brands...), "\nLooks like ")
		for _, category := range v.Overall.Categories {
			seen.PartOf = append(seen.PartOf, ctim.Part{
				ID: "urlscan-" + category, Title: category, Text: "Classified as " + category, Tags: []string{category}, Confidence: ctim.ConfidenceHigh,
			})
		}
		if v.Overall.Malicious {
			seen.Disposition, seen.ValidUntil = ctim.Malicious, seen.At.AddDate(0, 0, validDays)
			seen.Reason = cmp.Or(strings.Join(v.Overall.Categories, ", "), fmt.Sprintf("Score %d of 100", v.Overall.Score))
		}
	}
	return seen
}

// relations returns where the page was. Those that lack a value are dropped later.
func (s scan) relations() []ctim.Relation {
	page := ctim.Observable{Type: ctim.TypeURL, Value: string(s.Page.URL)}
	domain := ctim.Observable{Type: ctim.TypeDomain, Value: string(s.Page.Domain)}
	if _, err := netip.ParseAddr(domain.Value); err == nil {
		domain.Value = "" // the host of the URL is an address
	}
	address := ctim.Address(string(s.Page.IP))
	return []ctim.Relation{
		{Relation: ctim.RelationContains, Source: page, Related: domain},
		{Relation: ctim.RelationResolvedTo, Source: domain, Related: address},
		{Relation: ctim.RelationRelatedTo, Source: page, Related: address},
	}
}

// session adds actions.
type session struct{ *lookup.Session }

// The actions' ids. Public scans are not offered, because anybody could read the URL.
const private, unlisted = "urlscan-scan-private", "urlscan-scan-unlisted"

// Actions implements relay.Responder.
func (s session) Actions(_ context.Context, requested ctim.Observable) ([]relay.Action, error) {
	if o, ok := s.Normalize(requested); !ok || o.Type != ctim.TypeURL {
		return nil, nil
	}
	categories := []string{"urlscan.io", "Scan"}
	return []relay.Action{
		{ID: private, Title: "Scan privately with urlscan.io", Categories: categories, Description: "Have urlscan.io open this URL. Only you see the scan."},
		{ID: unlisted, Title: "Scan unlisted with urlscan.io", Categories: categories, Description: "Have urlscan.io open this URL. You see the scan, and the customers and researchers whom urlscan.io trusts."},
	}, nil
}

// Trigger implements relay.Responder. urlscan.io asks to search before a URL is scanned
// again. The search doesn't find a scan in progress, so a repeat within about a minute causes
// another scan.
func (s session) Trigger(ctx context.Context, t relay.Trigger) error {
	if t.ActionID != private && t.ActionID != unlisted {
		return relay.ErrUnsupportedAction
	}
	o, ok := s.Normalize(t.Observable)
	if !ok || o.Type != ctim.TypeURL {
		return relay.Errorf(relay.CodeInvalidArgument, "urlscan.io scans only valid URLs on the public internet.")
	}
	recent, err := search(ctx, s.Call(), "task.url.keyword:"+lucene.Quote(o.Value)+" AND date:>now-10m", 1)
	if err != nil {
		return err
	}
	if len(recent) > 0 {
		return relay.Warningf(relay.CodeInvalidArgument, "urlscan.io has scanned this URL in the last 10 minutes, so there is no new scan.")
	}
	var submitted struct {
		ID lenient.Text `json:"uuid"`
	}
	body := map[string]string{"url": o.Value, "visibility": strings.TrimPrefix(t.ActionID, "urlscan-scan-")}
	err = ask(ctx, s.Call(), upstream.Request{Method: http.MethodPost, Path: "/api/v1/scan", Body: body}, &submitted)
	if err == nil && submitted.ID == "" {
		err = s.Call().Fail(http.StatusBadGateway, "")
	}
	return err
}
