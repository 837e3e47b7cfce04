// Package abusech asks the services of abuse.ch with one key: ThreatFox about
// command and control servers, URLhaus about the URLs that malware is downloaded
// from, and MalwareBazaar about samples. Their APIs: https://threatfox.abuse.ch/api/,
// https://urlhaus-api.abuse.ch/ and https://bazaar.abuse.ch/api/.
package abusech

import (
	"context"
	"errors"
	"net/url"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Provider is abuse.ch.
var Provider = lookup.Source{
	Name:        "abusech",
	Title:       "abuse.ch",
	Types:       []ctim.ObservableType{ctim.TypeIP, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL, ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your abuse.ch Auth-Key"}},
	Auth:        upstream.Header("Auth-Key", "key"),
	Check:       check,
	Find:        find,
	Page:        page,
	Settings:    settings{},
}

type settings struct {
	ThreatFox upstream.Address `envconfig:"ABUSECH_THREATFOX_URL" default:"https://threatfox-api.abuse.ch" expected:"a URL such as https://threatfox-api.abuse.ch" doc:"Where ThreatFox is. Another address serves tests and proxies."`
	URLhaus   upstream.Address `envconfig:"ABUSECH_URLHAUS_URL" default:"https://urlhaus-api.abuse.ch" expected:"a URL such as https://urlhaus-api.abuse.ch" doc:"Where URLhaus is. Another address serves tests and proxies."`
	Bazaar    upstream.Address `envconfig:"ABUSECH_BAZAAR_URL" default:"https://mb-api.abuse.ch" expected:"a URL such as https://mb-api.abuse.ch" doc:"Where MalwareBazaar is. Another address serves tests and proxies."`
}

// check asks each service about something that it doesn't know.
func check(ctx context.Context, call *lookup.Call) error {
	_, a := threatFox(ctx, call, ctim.Observable{Type: ctim.TypeDomain, Value: "example.com"})
	_, b := urlhaus(ctx, call, ctim.Observable{Type: ctim.TypeDomain, Value: "example.com"})
	_, c := bazaar(ctx, call, ctim.Observable{Type: ctim.TypeSHA1, Value: "da39a3ee5e6b4b0d3255bfef95601890afd80709"})
	return errors.Join(a, b, c)
}

// find asks those who know the observable's type: at most two.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	switch o.Type {
	case ctim.TypeMD5, ctim.TypeSHA256:
		return lookup.Together(ctx, call, o, bazaar, threatFox)
	case ctim.TypeSHA1:
		return bazaar(ctx, call, o)
	default:
		return lookup.Together(ctx, call, o, threatFox, urlhaus)
	}
}

// page returns the search at the service that knows most about the type.
func page(_ *lookup.Call, o ctim.Observable) string {
	switch o.Type {
	case ctim.TypeURL:
		return "https://urlhaus.abuse.ch/browse.php?search=" + url.QueryEscape(o.Value)
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256:
		return "https://bazaar.abuse.ch/browse.php?search=" + url.QueryEscape(string(o.Type)+":"+o.Value)
	default:
		return "https://threatfox.abuse.ch/browse.php?search=" + url.QueryEscape("ioc:"+o.Value)
	}
}
