// Package greynoise asks GreyNoise whether an address belongs to the internet's
// background noise: scanners of the whole internet, and common services. Its API:
// https://docs.greynoise.io/reference/getcommunityip
package greynoise

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// keyClaim is the claim with the caller's key.
const keyClaim = "key"

// Provider is GreyNoise. It knows IPv4 addresses only.
var Provider = lookup.Source{
	Name: "greynoise", Title: "GreyNoise", URL: "https://api.greynoise.io",
	Types:       []ctim.ObservableType{ctim.TypeIP},
	Credentials: []relay.Credential{{Name: keyClaim, Prompt: "Your GreyNoise API key", Optional: true}},
	Auth:        upstream.Header("key", keyClaim),
	Check:       check, Find: find, Page: page,
}

// answer is the Community API's answer about an address. Only this API works with every
// key, and without a key.
type answer struct {
	IP lenient.Text `json:"ip"`
	// Noise is true if GreyNoise's sensors saw the address scanning in the last 90 days.
	Noise lenient.Flag `json:"noise"`
	// RIOT is true if the address belongs to a common business service.
	RIOT lenient.Flag `json:"riot"`
	// Classification is malicious, suspicious, benign or unknown.
	Classification lenient.Text `json:"classification"`
	// Name is the name of the scanner or the service, or "unknown".
	Name     lenient.Text `json:"name"`
	LastSeen lenient.Time `json:"last_seen"`
	// Message describes the error of a request.
	Message lenient.Text `json:"message"`
}

// check makes a call that costs no lookup, but needs a key. Without one, the status 401
// shows that GreyNoise responds.
func check(ctx context.Context, call *lookup.Call) error {
	var pong struct{}
	err := call.Get(ctx, "/ping", nil, &pong)
	if call.Claims.Get(keyClaim) == "" && upstream.IsStatus(err, http.StatusUnauthorized) {
		return nil
	}
	return err
}

func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	var a answer
	err := call.Get(ctx, "/v3/community/"+url.PathEscape(o.Value), nil, &a)
	if notObserved(err) {
		return ctim.Finding{}, nil
	}
	if err != nil {
		return ctim.Finding{}, err
	}
	f := a.judge()
	if f.Disposition == 0 {
		return ctim.Finding{}, nil
	}
	name := string(a.Name)
	if name != "" && !strings.EqualFold(name, "unknown") {
		f.Reason += ": " + name
	}
	if a.Noise {
		f.Seen = []ctim.Seen{{At: a.LastSeen.Time, Title: "Seen scanning the internet", Text: f.Reason}}
	}
	return f, nil
}

// notObserved reports whether err is GreyNoise's response about an address that it hasn't
// observed, or that is reserved, such as one for documentation. A 404 of another server
// doesn't name the address.
func notObserved(err error) bool {
	var status *upstream.StatusError
	var a answer
	if !errors.As(err, &status) || json.Unmarshal(status.Body, &a) != nil {
		return false
	}
	return status.Status == http.StatusNotFound && a.IP != "" || status.Status == http.StatusBadRequest && strings.Contains(string(a.Message), "routable")
}

// judge returns the finding's disposition and reason. A harmless scanner is
// Common and not Clean, because Clean would overrule malicious judgements of others.
func (a answer) judge() ctim.Finding {
	switch class := strings.ToLower(string(a.Classification)); {
	case class == "malicious":
		return ctim.Finding{Disposition: ctim.Malicious, Reason: "Malicious internet scanner"}
	case class == "suspicious":
		return ctim.Finding{Disposition: ctim.Suspicious, Reason: "Suspicious internet scanner"}
	case bool(a.RIOT):
		return ctim.Finding{Disposition: ctim.Common, Reason: "Common business service"}
	case class == "benign":
		return ctim.Finding{Disposition: ctim.Common, Reason: "Benign internet scanner"}
	case bool(a.Noise):
		return ctim.Finding{Disposition: ctim.Unknown, Reason: "Internet scanner of unknown intent"}
	default:
		return ctim.Finding{}
	}
}

func page(_ *lookup.Call, o ctim.Observable) string {
	return "https://viz.greynoise.io/ip/" + url.PathEscape(o.Value)
}
