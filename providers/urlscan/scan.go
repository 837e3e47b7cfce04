package urlscan

import (
	"cmp"
	"context"
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
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// A search returns maxScans scans. For maxVerdicts of them, the newest, another call asks
// for the verdict, but maxCalls in a request. It is valid for validDays: pages change.
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

// find searches for scans, and asks for the verdicts of the newest.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (f ctim.Finding, err error) {
	query := url.Values{"q": {searchFor(o)}}
	if call.Limit < maxScans {
		query.Set("size", strconv.Itoa(call.Limit))
	}
	var answer struct {
		Results *lenient.List[scan] `json:"results"`
	}
	if err := ask(ctx, call, upstream.Request{Path: "/api/v1/search/", Query: query}, &answer); err != nil {
		return f, err
	}
	if answer.Results == nil {
		return f, relay.Errorf(relay.CodeServiceUnavailable, "urlscan.io sent JSON without results. Check its address in the settings.")
	}
	scans := slices.DeleteFunc(*answer.Results, func(s scan) bool {
		return s.ID == "" || s.Task.Time.IsZero() || call.Brief && s.Task.Time.AddDate(0, 0, validDays).Before(call.Time)
	})
	slices.SortStableFunc(scans, func(a, b scan) int { return b.Task.Time.Compare(a.Task.Time.Time) })
	scans = scans[:min(len(scans), call.Limit)] // before much is made of them
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
