// Package otx asks the Open Threat Exchange of LevelBlue, formerly AlienVault, in which
// pulses its users report an observable. Its API: https://otx.alienvault.com/api
package otx

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

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

// sections returns the parts of the API that may know an observable. To OTX, a name is a
// domain if it is registered, and otherwise a hostname. Only a name with one dot is surely
// registered. E-mail addresses have only a page.
func sections(o ctim.Observable) []string {
	switch o.Type {
	case ctim.TypeIP:
		return []string{"IPv4"}
	case ctim.TypeIPv6:
		return []string{"IPv6"}
	case ctim.TypeURL:
		return []string{"url"}
	case ctim.TypeMD5, ctim.TypeSHA1, ctim.TypeSHA256:
		return []string{"file"}
	case ctim.TypeEmail:
		return nil
	}
	if strings.Count(o.Value, ".") == 1 {
		return []string{"domain"}
	}
	return []string{"hostname", "domain"}
}

// page returns the page about an observable.
func page(_ *lookup.Call, o ctim.Observable) string {
	kind := append(sections(o), "email")[0]
	if strings.HasPrefix(kind, "IP") {
		kind = "ip"
	}
	return site + "indicator/" + kind + "/" + url.PathEscape(o.Value)
}

// answer is a section's general information about an observable.
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
	answers, errs := lookup.Each(sections(o), func(section string) (answer, error) { return ask(ctx, call, section, o.Value) })
	err := cmp.Or(errs...)
	if slices.Contains(errs, nil) {
		err = lookup.Incomplete(err)
	}
	return finding(answers), err
}

// ask asks a section about a value. An answer about an unknown one has no pulses.
func ask(ctx context.Context, call *lookup.Call, section, value string) (a answer, err error) {
	err = call.Get(ctx, "/api/v1/indicators/"+section+"/"+url.PathEscape(value)+"/general", nil, &a)
	switch {
	case upstream.IsStatus(err, http.StatusBadRequest, http.StatusNotFound):
		return answer{}, nil
	case err == nil && a.Pulses == nil:
		err = relay.Errorf(relay.CodeServiceUnavailable, "AlienVault OTX sent JSON without its pulses. Check its address in the settings.")
	}
	return a, err
}

// finding returns the answers about an observable as a finding. Anybody may write a pulse,
// so pulses make an observable suspicious at most.
func finding(answers []answer) (f ctim.Finding) {
	harmless, known := "", map[lenient.Text]bool{}
	for _, a := range answers {
		for _, v := range a.Validation {
			harmless = cmp.Or(harmless, string(cmp.Or(v.Message, v.Name, "validated")))
		}
		if a.Pulses == nil {
			continue
		}
		for _, p := range a.Pulses.List {
			if p.ID != "" && p.Name != "" && !known[p.ID] {
				known[p.ID] = true
				f.Seen = append(f.Seen, p.seen())
			}
		}
	}
	switch {
	case harmless != "":
		f.Disposition, f.Reason = ctim.Common, "Probably harmless: "+harmless
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
