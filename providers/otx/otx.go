// Package otx asks the Open Threat Exchange of LevelBlue, formerly AlienVault, in which
// pulses its users report an observable. Its API: https://otx.alienvault.com/api
package otx

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/lookup"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/threat"
	"github.com/serverless-relay/relay/shared/upstream"
)

// site is the address of links.
const site = "https://otx.alienvault.com/"

// Provider is the Open Threat Exchange.
var Provider = lookup.Source{
	Name: "otx", Title: "AlienVault OTX", URL: "https://otx.alienvault.com",
	Types: []ctim.ObservableType{
		ctim.TypeIP, ctim.TypeIPv6, ctim.TypeDomain, ctim.TypeHostname, ctim.TypeURL,
		ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256, ctim.TypeEmail,
	},
	Credentials: []relay.Credential{{Name: "key", Prompt: "Your OTX key"}},
	Auth:        upstream.Header("X-OTX-API-KEY", "key"), Refusal: http.StatusForbidden,
	Check: check, Find: find, Page: page,
}

// check asks who the key belongs to.
func check(ctx context.Context, call *lookup.Call) error {
	var user struct{}
	return call.Get(ctx, "/api/v1/user/me", nil, &user)
}

// section returns the part of the API that knows the type. E-mail addresses have only
// a page.
func section(t ctim.ObservableType) string {
	switch t {
	case ctim.TypeIP:
		return "IPv4"
	case ctim.TypeIPv6:
		return "IPv6"
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256:
		return "file"
	case ctim.TypeEmail:
		return ""
	default:
		return string(t)
	}
}

// page returns the page about an observable.
func page(_ *lookup.Call, o ctim.Observable) string {
	kind := section(o.Type)
	switch o.Type {
	case ctim.TypeIP, ctim.TypeIPv6:
		kind = "ip"
	case ctim.TypeEmail:
		kind = "email"
	}
	return site + "indicator/" + kind + "/" + url.PathEscape(o.Value)
}

// answer is the general section about an observable.
type answer struct {
	Pulses *struct {
		List lenient.List[pulse] `json:"pulses"`
	} `json:"pulse_info"`
	// Validation has the reasons why the observable is probably harmless.
	Validation lenient.List[struct {
		Name    lenient.Text `json:"name"`
		Message lenient.Text `json:"message"`
	}] `json:"validation"`
}

// pulse is a user's report with its observables.
type pulse struct {
	ID          lenient.Text `json:"id"`
	Name        lenient.Text `json:"name"`
	Description lenient.Text `json:"description"`
	Author      author       `json:"author"`
	Created     lenient.Time `json:"created"` // in UTC
	Modified    lenient.Time `json:"modified"`
	TLP         lenient.Text `json:"TLP"`
	Tags        lenient.Texts
	Adversary   lenient.Text `json:"adversary"`
	Malware     names        `json:"malware_families"`
	Techniques  names        `json:"attack_ids"`
}

func find(ctx context.Context, call *lookup.Call, o ctim.Observable) (ctim.Finding, error) {
	if section(o.Type) == "" {
		return ctim.Finding{}, nil
	}
	var a answer
	err := call.Get(ctx, "/api/v1/indicators/"+section(o.Type)+"/"+url.PathEscape(o.Value)+"/general", nil, &a)
	switch {
	case upstream.IsStatus(err, http.StatusBadRequest, http.StatusNotFound):
		return ctim.Finding{}, nil
	case err != nil:
		return ctim.Finding{}, err
	case a.Pulses == nil:
		return ctim.Finding{}, relay.Errorf(relay.CodeServiceUnavailable, "AlienVault OTX sent JSON without its pulses. Check its address in the settings.")
	}
	return a.finding(), nil
}

// finding returns the answer as a finding. Anybody may write a pulse, so pulses make an
// observable suspicious at most.
func (a answer) finding() (f ctim.Finding) {
	for _, p := range a.Pulses.List {
		if p.ID != "" && p.Name != "" {
			f.Seen = append(f.Seen, p.seen())
		}
	}
	switch {
	case len(a.Validation) > 0:
		v := a.Validation[0]
		f.Disposition, f.Reason = ctim.Common, "Probably harmless: "+string(cmp.Or(v.Message, v.Name, "validated"))
	case len(f.Seen) == 1:
		f.Disposition, f.Confidence, f.Reason = ctim.Suspicious, ctim.ConfidenceLow, "In 1 pulse"
	case len(f.Seen) > 1:
		f.Disposition, f.Reason = ctim.Suspicious, fmt.Sprintf("In %d pulses", len(f.Seen))
	}
	return f
}

// seen returns that the observable is in the pulse.
func (p pulse) seen() ctim.Seen {
	link := site + "pulse/" + url.PathEscape(string(p.ID))
	tlp := ctim.ParseTLP(string(p.TLP))
	part := ctim.Part{
		ID: string(p.ID), Title: string(p.Name), Text: string(p.Description), URL: link, Producer: string(p.Author),
		Feed: true, TLP: tlp, Tags: p.Tags, Confidence: ctim.ConfidenceHigh, Since: p.Created.Time,
	}
	part.Indicates = threat.Append(part.Indicates, threat.Named(threat.Actor, string(p.Adversary)))
	for _, name := range p.Malware {
		part.Indicates = threat.Append(part.Indicates, threat.Named(threat.Malware, name))
	}
	for _, name := range p.Techniques {
		part.Indicates = threat.Append(part.Indicates, threat.Named(threat.AttackPattern, name))
	}
	return ctim.Seen{
		At: p.Created.Time, Until: p.Modified.Time, Title: string(p.Name), Text: string(cmp.Or(p.Description, p.Name)), URL: link,
		TLP: tlp, Confidence: ctim.ConfidenceHigh, Key: []string{string(p.ID)}, PartOf: []ctim.Part{part},
	}
}
