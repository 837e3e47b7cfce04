package ctim

import "strings"

// ThreatKind is the kind of a Threat. The values are entity types of CTIM.
type ThreatKind string

// The kinds of threats.
const (
	ThreatMalware       ThreatKind = "malware"
	ThreatTool          ThreatKind = "tool"
	ThreatActor         ThreatKind = "actor"
	ThreatCampaign      ThreatKind = "campaign"
	ThreatAttackPattern ThreatKind = "attack-pattern"
	ThreatVulnerability ThreatKind = "vulnerability"
)

// Threat is malware, an actor, a technique or the like.
type Threat struct {
	Kind ThreatKind `json:"kind"`
	Name string     `json:"name"`
	// ID is the public identifier, or "": "T1566" for a technique of MITRE ATT&CK,
	// "CVE-2023-5631" for a vulnerability.
	ID          string `json:"id,omitempty"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
}

// AddTo adds the threat to a bundle as an entity and returns its id. The id is derived
// from kind, name and ID, so that two sources of a threat have the same entity. prefix
// is the prefix of its external id. ok is false if the kind is unknown, and then
// nothing is added.
func (t Threat) AddTo(b *Bundle, prefix, source string) (id ID, ok bool) {
	name := strings.ToLower(t.Name)
	base := Base{
		ID:          NewID(string(t.Kind), name, t.ID),
		ExternalIDs: []string{NewExternalID(prefix, string(t.Kind), name, t.ID)},
		Source:      MedString(source),
		SourceURI:   t.URL,
	}
	if t.ID != "" {
		base.ExternalReferences = []ExternalReference{{SourceName: MedString(t.catalogue()), ExternalID: t.ID, URL: t.URL}}
	}
	title := t.title()
	text := RequiredText{Title: ShortString(title), ShortDescription: MedString(title), Description: LongString(t.Description)}
	always := ValidTime{End: Forever()}

	switch t.Kind {
	case ThreatMalware:
		b.Malwares = append(b.Malwares, Malware{Base: base, RequiredText: text})
	case ThreatTool:
		b.Tools = append(b.Tools, Tool{Base: base, RequiredText: text})
	case ThreatActor:
		b.Actors = append(b.Actors, Actor{Base: base, RequiredText: text, ValidTime: always})
	case ThreatCampaign:
		b.Campaigns = append(b.Campaigns, Campaign{Base: base, RequiredText: text, CampaignType: "campaign", ValidTime: always})
	case ThreatAttackPattern:
		b.AttackPatterns = append(b.AttackPatterns, AttackPattern{Base: base, RequiredText: text})
	case ThreatVulnerability:
		v := Vulnerability{Base: base, RequiredText: text}
		if strings.HasPrefix(t.ID, "CVE-") {
			v.CVE = &CVE{Meta: CVEMeta{ID: ShortString(t.ID)}}
		}
		b.Vulnerabilities = append(b.Vulnerabilities, v)
	default:
		return "", false
	}
	return base.ID, true
}

// title returns the name, of a technique with its number: "Domains (T1583.001)".
func (t Threat) title() string {
	if t.Kind == ThreatAttackPattern && t.ID != "" && t.ID != t.Name {
		return t.Name + " (" + t.ID + ")"
	}
	return t.Name
}

// catalogue returns the name of the catalogue that contains the ID.
func (t Threat) catalogue() string {
	if t.Kind == ThreatVulnerability {
		return "cve"
	}
	return "mitre-attack"
}
