// Package abusech asks abuse.ch: ThreatFox about command and control servers
// (https://threatfox.abuse.ch/api/), URLhaus about URLs that serve malware
// (https://urlhaus-api.abuse.ch/), MalwareBazaar about samples (https://bazaar.abuse.ch/api/).
package abusech

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

// Provider is abuse.ch.
var Provider = lookup.Source{
	Name: "abusech", Title: "abuse.ch",
	Types:       []ctim.ObservableType{ctim.TypeIP, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL, ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your abuse.ch Auth-Key"}},
	Auth:        upstream.Header("Auth-Key", "key"), Refusal: http.StatusForbidden,
	Check: check, Find: find, Page: page, Settings: settings{},
}

type settings struct {
	ThreatFox upstream.Address `envconfig:"ABUSECH_THREATFOX_URL" default:"https://threatfox-api.abuse.ch" expected:"a URL such as https://threatfox-api.abuse.ch" doc:"Where ThreatFox is. Another address serves tests and proxies."`
	URLhaus   upstream.Address `envconfig:"ABUSECH_URLHAUS_URL" default:"https://urlhaus-api.abuse.ch" expected:"a URL such as https://urlhaus-api.abuse.ch" doc:"Where URLhaus is. Another address serves tests and proxies."`
	Bazaar    upstream.Address `envconfig:"ABUSECH_BAZAAR_URL" default:"https://mb-api.abuse.ch" expected:"a URL such as https://mb-api.abuse.ch" doc:"Where MalwareBazaar is. Another address serves tests and proxies."`
}

// check asks each service about a hash that none of them knows: of no content.
func check(ctx context.Context, call *lookup.Call) error {
	empty := ctim.Observable{Type: ctim.TypeSHA1, Value: "da39a3ee5e6b4b0d3255bfef95601890afd80709"}
	for _, find := range []lookup.Find{threatFox, urlhaus, bazaar} {
		if _, err := find(ctx, call, empty); err != nil {
			return err
		}
	}
	return nil
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

// answer is that of any service.
type answer struct {
	Status     lenient.Text       `json:"query_status"`
	Data       lenient.List[item] `json:"data"` // of ThreatFox and MalwareBazaar
	item                          // of URLhaus, about a URL
	URLs       lenient.List[item] `json:"urls"`       // of URLhaus, about a host
	Blacklists lenient.List[item] `json:"blacklists"` // of URLhaus, about a host
}

// item is an indicator, a URL or a sample: each has some of the fields.
type item struct {
	ID         lenient.Text       `json:"id"`
	IOC        lenient.Text       `json:"ioc"`
	IOCType    lenient.Text       `json:"ioc_type"`          // domain, url, ip:port, sha256_hash and the like
	Threat     lenient.Text       `json:"threat_type"`       // botnet_cc, payload_delivery, payload
	Malware    lenient.Text       `json:"malware_printable"` // the family
	Confidence lenient.Text       `json:"confidence_level"`  // from 0 to 100
	Reference  lenient.Text       `json:"reference"`
	URL        lenient.Text       `json:"url"`
	State      lenient.Text       `json:"url_status"` // online, offline or unknown
	Added      lenient.Time       `json:"date_added"`
	Online     lenient.Time       `json:"last_online"`
	Spamhaus   lenient.Text       `json:"spamhaus_dbl"` // of a host on the domain blocklist: why
	MD5        lenient.Text       `json:"md5_hash"`
	SHA1       lenient.Text       `json:"sha1_hash"`
	SHA256     lenient.Text       `json:"sha256_hash"`
	File       lenient.Text       `json:"file_name"`
	Signature  lenient.Text       `json:"signature"` // the family
	FirstSeen  lenient.Time       `json:"first_seen"`
	LastSeen   lenient.Time       `json:"last_seen"`
	Reporter   lenient.Text       `json:"reporter"`
	Tags       lenient.Texts      `json:"tags"`
	Payloads   lenient.List[item] `json:"payloads"`
	Served     lenient.Text       `json:"response_sha256"` // the SHA-256 of a payload
}

// ask asks a service. Errors come with HTTP 200, as a status. A service that
// knows nothing about the observable, or can't read it, has an empty answer.
func ask(ctx context.Context, service *upstream.Caller, r upstream.Request) (a answer, err error) {
	r.Method, r.Repeatable = http.MethodPost, true
	err = service.Do(ctx, r, &a)
	switch s := string(a.Status); {
	case err != nil:
		return answer{}, err
	case s == "ok":
		return a, nil
	case strings.Contains(s, "auth"), strings.Contains(s, "api_key"), strings.Contains(s, "blacklisted"):
		return answer{}, service.Fail(http.StatusUnauthorized, s)
	case strings.HasPrefix(s, "no_result"), strings.HasSuffix(s, "not_found"), strings.HasPrefix(s, "illegal_"), strings.HasPrefix(s, "invalid_"):
		return answer{}, nil
	default:
		return answer{}, service.Fail(http.StatusBadGateway, s)
	}
}

// seen makes a sighting of the item. page is the item's own.
func (i item) seen(title, page string, parts []ctim.Part) ctim.Seen {
	about := []string{"URL: " + string(i.URL), "File: " + string(i.File), "Reporter: " + string(i.Reporter), "Reference: " + string(i.Reference), "Tags: " + strings.Join(i.Tags, ", ")}
	about = slices.DeleteFunc(about, func(line string) bool { return strings.HasSuffix(line, ": ") })
	return ctim.Seen{
		At: cmp.Or(i.FirstSeen.Time, i.Added.Time), Until: cmp.Or(i.LastSeen.Time, i.Online.Time),
		Title: title, Text: strings.Join(about, "\n"), URL: page, PartOf: parts,
	}
}

// family returns the indicator of all that has the role for malware of the
// family; none if the family isn't known.
func family(name lenient.Text, role, page string, kind ctim.IndicatorType) []ctim.Part {
	if name == "" || strings.HasPrefix(strings.ToLower(string(name)), "unknown") {
		return nil
	}
	return []ctim.Part{{
		ID: "abusech-" + string(name) + " " + role, Title: string(name) + " " + role, URL: page + url.QueryEscape(string(name)), Types: []ctim.IndicatorType{kind},
		Indicates: []ctim.Threat{{Kind: ctim.ThreatMalware, Name: string(name)}},
	}}
}
