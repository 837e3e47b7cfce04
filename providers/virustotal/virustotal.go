// Package virustotal asks VirusTotal or Google Threat Intelligence about the verdicts of
// engines and analysts. Its API:
// https://docs.virustotal.com/reference/overview and https://gtidocs.virustotal.com
package virustotal

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// Provider is VirusTotal.
var Provider = lookup.Source{
	Name: "virustotal", Title: "VirusTotal", URL: "https://www.virustotal.com",
	Types: []ctim.ObservableType{
		ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL, ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256,
	},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your VirusTotal or Google Threat Intelligence API key"}},
	Auth:        upstream.Header("x-apikey", "key"),
	Check:       check, Find: find, Page: page,
}

// usage is how many requests are allowed in a period, and how many were made.
type usage struct {
	User struct {
		Allowed lenient.Int `json:"allowed"`
		Used    lenient.Int `json:"used"`
	} `json:"user"`
}

// check asks for the quotas of the key. That is free.
func check(ctx context.Context, call *lookup.Call) error {
	var answer struct {
		Data lenient.List[struct {
			Hourly  usage `json:"api_requests_hourly"`
			Daily   usage `json:"api_requests_daily"`
			Monthly usage `json:"api_requests_monthly"`
		}] `json:"data"`
	}
	err := call.Get(ctx, "/api/v3/users/"+url.PathEscape(call.Claims.Get("key"))+"/overall_quotas", nil, &answer)
	if err != nil || len(answer.Data) == 0 {
		return err
	}
	quotas := relay.Quotas{}
	for period, u := range map[string]usage{"hourly": answer.Data[0].Hourly, "daily": answer.Data[0].Daily, "monthly": answer.Data[0].Monthly} {
		if allowed := int(u.User.Allowed); allowed > 0 {
			quotas[period] = relay.Quota{Limit: allowed, Remaining: max(0, allowed-int(u.User.Used))}
		}
	}
	call.SetQuotas(quotas)
	return nil
}

// locate returns an observable's path in the API and in the pages for people.
func locate(o ctim.Observable) (api, page string) {
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		return "ip_addresses/" + url.PathEscape(o.Value), "ip-address/" + url.PathEscape(o.Value)
	case ctim.TypeURL:
		id := base64.RawURLEncoding.EncodeToString([]byte(o.Value))
		return "urls/" + id, "url/" + id
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256:
		return "files/" + o.Value, "file/" + o.Value
	default:
		return "domains/" + url.PathEscape(o.Value), "domain/" + url.PathEscape(o.Value)
	}
}

func page(_ *lookup.Call, o ctim.Observable) string {
	_, page := locate(o)
	return "https://www.virustotal.com/gui/" + page
}

// find asks for the report about an observable. VirusTotal answers 400 about a value
// that it can't read, and while a first analysis is not finished.
func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	api, _ := locate(o)
	var answer struct {
		Data lenient.List[struct {
			Attributes report `json:"attributes"`
		}] `json:"data"`
	}
	err := call.Get(ctx, "/api/v3/"+api, nil, &answer)
	switch {
	case upstream.IsStatus(err, http.StatusBadRequest, http.StatusNotFound):
		return ctim.Finding{}, nil
	case err != nil:
		return ctim.Finding{}, err
	case len(answer.Data) == 0:
		return ctim.Finding{}, relay.Errorf(relay.CodeServiceUnavailable, "VirusTotal sent JSON without a report. Check its address in the settings.")
	}
	return answer.Data[0].Attributes.finding(o), nil
}
