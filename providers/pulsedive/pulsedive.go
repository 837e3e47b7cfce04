// Package pulsedive asks Pulsedive how risky an observable is, and why. Its API:
// https://docs.pulsedive.com
package pulsedive

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

const (
	// site is the address of links.
	site = "https://pulsedive.com/"
	// validMonths is how long a risk is valid unless Pulsedive has retired it.
	validMonths = 3
	// activeFor is how long a name and an address belong together after Pulsedive last
	// found that they do.
	activeFor = 90 * 24 * time.Hour
)

// Provider is Pulsedive.
var Provider = lookup.Source{
	Name: "pulsedive", Title: "Pulsedive", URL: "https://pulsedive.com",
	Types:       []ctim.ObservableType{ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your Pulsedive API key"}},
	Auth:        upstream.Query("key", "key"),
	Check:       check, Find: find, Page: page,
}

// answer is Pulsedive's response about an observable, or about one that is linked to it.
type answer struct {
	Error   lenient.Text       `json:"error"`
	ID      lenient.Text       `json:"iid"`
	Risk    lenient.Text       `json:"risk"`       // none, low, medium, high, critical, unknown or retired
	Seen    lenient.Time       `json:"stamp_seen"` // in UTC
	Retired lenient.Time       `json:"stamp_retired"`
	Factors lenient.List[item] `json:"riskfactors"`
	Threats lenient.List[item] `json:"threats"`
	Feeds   lenient.List[item] `json:"feeds"`
	DNS     lenient.List[item] `json:"Active DNS"`
}

// item is a risk factor, a threat, a feed or a linked observable: each has some of the
// fields.
type item struct {
	FactorID     lenient.Text `json:"rfid"`
	Description  lenient.Text `json:"description"`
	ThreatID     lenient.Text `json:"tid"`
	FeedID       lenient.Text `json:"fid"`
	Name         lenient.Text `json:"name"`
	Category     lenient.Text `json:"category"`
	Organization lenient.Text `json:"organization"`
	Linked       lenient.Time `json:"stamp_linked"`
	Type         lenient.Text `json:"type"`
	Value        lenient.Text `json:"indicator"`
}

// check asks about the indicator with the number 2, which always exists.
func check(ctx context.Context, call *lookup.Call) error {
	_, err := ask(ctx, call, url.Values{"iid": {"2"}})
	return err
}

// ask asks one question. Pulsedive reports some errors with status 200. An answer
// without content is an empty list.
func ask(ctx context.Context, call *lookup.Call, query url.Values) (answer, error) {
	var answers lenient.List[answer]
	if err := call.Get(ctx, "/api/info.php", query, &answers); err != nil {
		return answer{}, err
	}
	a := append(answers, answer{})[0]
	switch message := strings.ToLower(string(a.Error)); {
	case strings.Contains(message, "not found"):
		return answer{}, call.Fail(http.StatusNotFound, string(a.Error))
	case strings.Contains(message, "processing"):
		return answer{}, relay.Errorf(relay.CodeTimeout, "Pulsedive is still analyzing the observable. Try again later.")
	case strings.Contains(message, "key"):
		return answer{}, call.Fail(http.StatusUnauthorized, string(a.Error))
	case strings.Contains(message, "limit"):
		return answer{}, call.Fail(http.StatusTooManyRequests, string(a.Error))
	case message != "" || a.ID == "" && query.Get("get") == "":
		return answer{}, call.Fail(http.StatusBadGateway, string(a.Error))
	}
	return a, nil
}

// find asks about an observable, and if details are needed about its links.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	a, err := ask(ctx, call, url.Values{"indicator": {o.Value}})
	if upstream.IsStatus(err, http.StatusBadRequest, http.StatusNotFound, http.StatusNotAcceptable) {
		return ctim.Finding{}, nil
	}
	if err != nil {
		return ctim.Finding{}, err
	}
	f := a.finding()
	if call.Brief || o.Type == ctim.TypeURL {
		return f, nil
	}
	links, err := ask(ctx, call, url.Values{"indicator": {o.Value}, "get": {"links"}})
	if upstream.IsStatus(err, http.StatusNotFound) {
		err = nil
	}
	if relations := links.relations(o, call.Time); len(relations) > 0 {
		f.Seen = append(f.Seen, ctim.Seen{At: a.Seen.Time, Title: "Active DNS", URL: f.Page, Relations: relations})
	}
	return f, lookup.Incomplete(err)
}

// finding returns the answer as a finding.
func (a answer) finding() ctim.Finding {
	f := ctim.Finding{
		Reason: "Risk " + string(a.Risk), Page: site + "indicator/?iid=" + url.QueryEscape(string(a.ID)),
		Since: a.Seen.Time, Until: a.Retired.Time,
	}
	if f.Until.IsZero() && !f.Since.IsZero() {
		f.Until = f.Since.AddDate(0, validMonths, 0)
	}
	switch strings.ToLower(string(a.Risk)) {
	case "critical":
		f.Disposition, f.Severity = ctim.Malicious, ctim.SeverityCritical
	case "high":
		f.Disposition, f.Severity = ctim.Malicious, ctim.SeverityHigh
	case "medium":
		f.Disposition, f.Severity = ctim.Suspicious, ctim.SeverityMedium
	case "low":
		f.Disposition, f.Severity = ctim.Suspicious, ctim.SeverityLow
	case "none": // not Clean: nothing against it isn't something for it
		f.Disposition, f.Severity = ctim.Unknown, ctim.SeverityNone
	case "unknown", "retired":
		f.Disposition = ctim.Unknown
	}
	for _, i := range slices.Concat(a.Factors, a.Threats, a.Feeds) {
		part := i.part()
		if part.Title != "" {
			f.Seen = append(f.Seen, ctim.Seen{
				At: cmp.Or(i.Linked.Time, a.Seen.Time), Title: part.Title, URL: cmp.Or(part.URL, f.Page), Key: []string{part.ID}, PartOf: []ctim.Part{part},
			})
		}
	}
	return f
}

// part returns the item as an indicator. It is the same for all observables, so it has
// none of their times. Without a title it is none.
func (i item) part() (p ctim.Part) {
	switch {
	case i.FactorID != "":
		p = ctim.Part{ID: "riskfactor-" + string(i.FactorID), Title: string(i.Description)}
	case i.ThreatID != "" && i.Name != "":
		p = ctim.Part{ID: "threat-" + string(i.ThreatID), Title: "Threat: " + string(i.Name), Indicates: i.indicates()}
		p.URL = site + "threat/?tid=" + url.QueryEscape(string(i.ThreatID))
	case i.FeedID != "" && i.Name != "":
		p = ctim.Part{ID: "feed-" + string(i.FeedID), Title: "Feed: " + strings.TrimSuffix(string(i.Name), " Feed"), Feed: true, Producer: string(i.Organization)}
		p.URL = site + "feed/?fid=" + url.QueryEscape(string(i.FeedID))
	}
	p.ID, p.TLP = "pulsedive-"+p.ID, ctim.TLPWhite
	if i.Category != "" {
		p.Tags = []string{string(i.Category)}
	}
	return p
}

// indicates returns the threat if its category is one of CTIM's kinds of threats.
func (i item) indicates() []ctim.Threat {
	kind := map[lenient.Text]ctim.ThreatKind{
		"malware": ctim.ThreatMalware, "botnet": ctim.ThreatMalware, "ransomware": ctim.ThreatMalware,
		"apt": ctim.ThreatActor, "group": ctim.ThreatActor,
	}[i.Category]
	if kind == "" || i.Name == "" {
		return nil
	}
	return []ctim.Threat{{Kind: kind, Name: string(i.Name)}}
}

// relations returns which names resolve to which addresses at present.
func (a answer) relations(o ctim.Observable, now time.Time) (relations []ctim.Relation) {
	isAddress := o.Type == ctim.TypeIP || o.Type == ctim.TypeIPv6
	for _, i := range a.DNS {
		r := ctim.Relation{Relation: ctim.RelationResolvedTo, Source: o, Related: ctim.Observable{Type: ctim.ObservableType(i.Type), Value: string(i.Value)}}
		if isAddress {
			r.Source, r.Related = r.Related, r.Source
		}
		name := r.Source.Type == ctim.TypeDomain || r.Source.Type == ctim.TypeHostname
		address := r.Related.Type == ctim.TypeIP || r.Related.Type == ctim.TypeIPv6
		if name && address && now.Sub(i.Linked.Time) <= activeFor {
			relations = append(relations, r)
		}
	}
	return relations
}

// page returns the page about an observable, by its value.
func page(_ *lookup.Call, o ctim.Observable) string {
	return site + "indicator/?ioc=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(o.Value)))
}
