// Package graylog searches for observables in the log messages of the caller's own
// Graylog. Its search API: https://go2docs.graylog.org/current/setting_up_graylog/rest_api.html
// and the server's API browser, under "Search".
package graylog

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/lucene"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/text"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Provider is the callers' Graylog. It has no verdicts, because a log doesn't judge.
var Provider = lookup.Source{
	Name: "graylog", Title: "Graylog",
	Credentials: []relay.Credential{
		{Name: "host", Prompt: "The address of your Graylog, such as https://graylog.example.com"},
		{Name: "username", Prompt: "Your Graylog access token (or a user name)"},
		{Name: "password", Prompt: "The word token (or the user's password)"},
	},
	Auth:  upstream.AddressFrom("host", upstream.Signer(sign, "username", "password")),
	Check: check, Find: find, Page: page,
}.With(func(s *lookup.Session) relay.Session { return session{s, s, s} })

// session is a lookup.Session without judgements.
type session struct {
	relay.HealthChecker
	relay.Observer
	relay.Referrer
}

// sign adds the credential, and the header without which Graylog refuses a POST.
func sign(r *http.Request, _ []byte, claims relay.Claims) error {
	r.SetBasicAuth(claims.Get("username"), claims.Get("password"))
	r.Header.Set("X-Requested-By", "serverless-relay")
	return nil
}

const (
	// days is how far back a search goes, and period the same in seconds.
	days   = 30
	period = days * 24 * 60 * 60
	// fewMessages is how many messages are requested if more are too large.
	fewMessages = 10
)

// check searches the last second, because a user who can log in may not be allowed to
// search.
func check(ctx context.Context, call *lookup.Call) error {
	_, err := search(ctx, call, lucene.Quote("health check"), 1, 1)
	return err
}

func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	if o.Value == "0" {
		return ctim.Finding{}, nil // means no value, and would match nearly everything
	}
	limit := call.Limit
	found, err := search(ctx, call, query(o), period, limit)
	if errors.Is(err, upstream.ErrTooLarge) {
		limit = min(limit, fewMessages)
		found, err = search(ctx, call, query(o), period, limit)
	}
	if err != nil {
		return ctim.Finding{}, err
	}
	var f ctim.Finding
	for _, m := range found.Messages[:min(limit, len(found.Messages))] {
		if len(m.Fields) > 0 {
			f.Seen = append(f.Seen, m.seen(call))
		}
	}
	switch {
	case found.failed != "" && len(f.Seen) == 0:
		err = relay.Errorf(relay.CodeServiceUnavailable, "Graylog could not search. It says: %s", found.failed)
	case found.failed != "":
		err = relay.Warningf(relay.CodeServiceUnavailable, "Graylog could not search everywhere. It says: %s", found.failed)
	case int(found.Total) > limit:
		err = relay.Warningf(relay.CodeInvalidArgument,
			"Graylog received %d messages with it in the last %d days. The answer contains the newest %d. Open Graylog to see all.", found.Total, days, limit)
	}
	return f, err
}

// query returns the query for an observable. Only the text of a message is searched
// regardless of case, so the usual spellings in other fields are named.
func query(o ctim.Observable) string {
	q := lucene.Quote(o.Value)
	switch o.Type {
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256, ctim.TypeMACAddress:
		q += " OR " + lucene.Quote(strings.ToUpper(o.Value))
	case ctim.TypeURL:
		if u, err := url.Parse(o.Value); err == nil && u.RequestURI() == "/" {
			q += " OR " + lucene.Quote(strings.TrimSuffix(o.Value, "/"))
		}
	}
	return q
}

// The ids of the query and of its list of messages, by which the answer is read.
const queryID, messagesID = "relay", "messages"

// answer is the response to a search.
type answer struct {
	Results map[string]struct {
		Errors lenient.List[struct {
			Description lenient.Text `json:"description"`
		}] `json:"errors"`
		SearchTypes map[string]result `json:"search_types"`
	} `json:"results"`
}

// result is a list of messages.
type result struct {
	Messages lenient.List[message] `json:"messages"`
	// Total is how many messages match.
	Total lenient.Int `json:"total_results"`
	// failed is why the search failed, at least in part, or "".
	failed string
}

// search returns the newest messages of the last seconds that match a query.
func search(ctx context.Context, call *lookup.Call, query string, seconds, limit int) (result, error) {
	type object = map[string]any
	body := object{"queries": []object{{
		"id":           queryID,
		"timerange":    object{"type": "relative", "range": seconds},
		"query":        object{"type": "elasticsearch", "query_string": query},
		"search_types": []object{{"id": messagesID, "type": "messages", "limit": limit, "offset": 0, "sort": []object{{"field": "timestamp", "order": "DESC"}}}},
	}}}
	var a answer
	if err := call.Do(ctx, upstream.Request{Method: http.MethodPost, Path: "/api/views/search/sync", Body: body, Repeatable: true}, &a); err != nil {
		return result{}, err
	}
	answered, ok := a.Results[queryID]
	found, listed := answered.SearchTypes[messagesID]
	switch {
	case len(answered.Errors) > 0:
		found.failed = cmp.Or(text.Shorten(string(answered.Errors[0].Description), 200), "nothing")
	case !ok || !listed:
		return result{}, relay.Errorf(relay.CodeServiceUnavailable, "Graylog sent no result of the search. Check its address in the settings.")
	}
	return found, nil
}

// page returns Graylog's search for an observable.
func page(call *lookup.Call, o ctim.Observable) string {
	return call.URL("/search") + "?" + url.Values{"rangetype": {"relative"}, "relative": {strconv.Itoa(period)}, "q": {query(o)}}.Encode()
}
