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
	"github.com/serverless-relay/relay/shared/upstream"
)

// answer is that of any service.
type answer struct {
	Status     lenient.Text       `json:"query_status"`
	Data       lenient.List[item] `json:"data"` // of ThreatFox and MalwareBazaar
	item                          // of URLhaus, about a URL
	URLs       lenient.List[item] `json:"urls"` // of URLhaus, about a host
	Blacklists struct {
		Spamhaus lenient.Text `json:"spamhaus_dbl"`
	} `json:"blacklists"`
}

// item is an indicator of ThreatFox, a URL of URLhaus or a sample of
// MalwareBazaar: each has some of the fields.
type item struct {
	ID         lenient.Text  `json:"id"`
	IOC        lenient.Text  `json:"ioc"`
	IOCType    lenient.Text  `json:"ioc_type"`          // domain, url, ip:port, sha256_hash and the like
	Threat     lenient.Text  `json:"threat_type"`       // botnet_cc, payload_delivery, payload
	Malware    lenient.Text  `json:"malware_printable"` // the family
	Confidence lenient.Text  `json:"confidence_level"`  // from 0 to 100
	Reference  lenient.Text  `json:"reference"`
	URL        lenient.Text  `json:"url"`
	State      lenient.Text  `json:"url_status"` // online, offline or unknown
	Added      lenient.Time  `json:"date_added"`
	Online     lenient.Time  `json:"last_online"`
	MD5        lenient.Text  `json:"md5_hash"`
	SHA1       lenient.Text  `json:"sha1_hash"`
	SHA256     lenient.Text  `json:"sha256_hash"`
	File       lenient.Text  `json:"file_name"`
	Signature  lenient.Text  `json:"signature"` // the family
	FirstSeen  lenient.Time  `json:"first_seen"`
	LastSeen   lenient.Time  `json:"last_seen"`
	Reporter   lenient.Text  `json:"reporter"`
	Tags       lenient.Texts `json:"tags"`
	Payloads   lenient.List[struct {
		SHA256    lenient.Text `json:"response_sha256"`
		Signature lenient.Text `json:"signature"`
	}] `json:"payloads"`
}

// ask asks a service. Errors come with HTTP 200, as a status. A service that
// knows nothing about the observable, or can't read it, has an empty answer.
func ask(ctx context.Context, service *upstream.Caller, r upstream.Request) (a answer, err error) {
	r.Method, r.Repeatable = http.MethodPost, true
	if err := service.Do(ctx, r, &a); err != nil || a.Status == "ok" {
		return a, err
	}
	says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(string(a.Status), word) })
	}
	switch {
	case says("auth", "api_key", "blacklisted"):
		return answer{}, service.Fail(http.StatusUnauthorized)
	case says("limit"):
		return answer{}, service.Fail(http.StatusTooManyRequests)
	case says("no_result", "not_found", "illegal_", "invalid_"):
		return answer{}, nil
	}
	return answer{}, service.Fail(http.StatusBadGateway)
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
		ID: string(name) + " " + role, Title: string(name) + " " + role, URL: page + url.QueryEscape(string(name)), Types: []ctim.IndicatorType{kind},
		Indicates: []ctim.Threat{{Kind: ctim.ThreatMalware, Name: string(name)}},
	}}
}
