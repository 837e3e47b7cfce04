package threat

import (
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// AddTo adds the threat to an answer as the entity that it is, and returns its
// id. Sources agree on names more or less, so the id comes from the name and
// two sources that name one threat make one entity. prefix begins its external
// id, and source is who says so. A threat of no kind is left out; ok is false.
func (t Threat) AddTo(b *ctim.Bundle, prefix, source string) (id ctim.ID, ok bool) {
	base := ctim.Base{
		ID:          ctim.NewID(string(t.Kind), strings.ToLower(t.Name), t.ID),
		ExternalIDs: []string{ctim.NewExternalID(prefix, string(t.Kind), strings.ToLower(t.Name), t.ID)},
		Source:      ctim.MedString(source),
		SourceURI:   t.URL,
	}
	if t.ID != "" {
		base.ExternalReferences = []ctim.ExternalReference{{SourceName: ctim.MedString(t.catalogue()), ExternalID: t.ID, URL: t.URL}}
	}
	text := ctim.RequiredText{Title: ctim.ShortString(t.Name), ShortDescription: ctim.MedString(t.Description), Description: ctim.LongString(t.Description)}
	if t.Description == "" {
		text.ShortDescription, text.Description = ctim.MedString(t.Name), ctim.LongString(t.Name)
	}
	always := ctim.ValidTime{End: ctim.Forever()}

	switch t.Kind {
	case Malware:
		b.Malwares = append(b.Malwares, ctim.Malware{Base: base, RequiredText: text})
	case Tool:
		b.Tools = append(b.Tools, ctim.Tool{Base: base, RequiredText: text})
	case Actor:
		b.Actors = append(b.Actors, ctim.Actor{Base: base, RequiredText: text, ValidTime: always})
	case Campaign:
		b.Campaigns = append(b.Campaigns, ctim.Campaign{Base: base, RequiredText: text, CampaignType: "campaign", ValidTime: always})
	case AttackPattern:
		b.AttackPatterns = append(b.AttackPatterns, ctim.AttackPattern{Base: base, RequiredText: text})
	case Vulnerability:
		v := ctim.Vulnerability{Base: base, RequiredText: text}
		if strings.HasPrefix(t.ID, "CVE-") {
			v.CVE = &ctim.CVE{Meta: ctim.CVEMeta{ID: ctim.ShortString(t.ID)}}
		}
		b.Vulnerabilities = append(b.Vulnerabilities, v)
	default:
		return "", false
	}
	return base.ID, true
}

// catalogue is whose number ID is.
func (t Threat) catalogue() string {
	if t.Kind == Vulnerability {
		return "cve"
	}
	return "mitre-attack"
}
