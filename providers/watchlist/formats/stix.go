package formats

import (
	"cmp"
	"encoding/json"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/threat"
)

// stixObject has the properties of all types of objects that are read or written.
type stixObject struct {
	Type            lenient.Text               `json:"type"`
	SpecVersion     lenient.Text               `json:"spec_version"`
	ID              lenient.Text               `json:"id"`
	CreatedByRef    lenient.Text               `json:"created_by_ref,omitempty"`
	Created         stixTime                   `json:"created"`
	Modified        stixTime                   `json:"modified"`
	Name            lenient.Text               `json:"name,omitempty"`
	Title           lenient.Text               `json:"title,omitempty"` // of reports, not in the standard
	Description     lenient.Text               `json:"description,omitempty"`
	IdentityClass   lenient.Text               `json:"identity_class,omitempty"`
	Schema          lenient.Text               `json:"schema,omitempty"`
	Version         lenient.Text               `json:"version,omitempty"`
	ExtensionTypes  lenient.Texts              `json:"extension_types,omitempty"`
	IndicatorTypes  lenient.Texts              `json:"indicator_types,omitempty"`
	Pattern         lenient.Text               `json:"pattern,omitempty"`
	PatternType     lenient.Text               `json:"pattern_type,omitempty"`
	ValidFrom       lenient.Time               `json:"valid_from,omitzero"`
	ValidUntil      lenient.Time               `json:"valid_until,omitzero"`
	IsFamily        lenient.Flag               `json:"is_family,omitempty"`
	Confidence      json.RawMessage            `json:"confidence,omitempty"`
	Labels          lenient.Texts              `json:"labels,omitempty"`
	MarkingRefs     lenient.Texts              `json:"object_marking_refs,omitempty"`
	References      []stixReference            `json:"external_references,omitempty"`
	Extensions      map[string]json.RawMessage `json:"extensions,omitempty"`
	Revoked         lenient.Flag               `json:"revoked,omitempty"`
	ObjectRefs      lenient.Texts              `json:"object_refs,omitempty"`
	Relationship    lenient.Text               `json:"relationship_type,omitempty"`
	SourceRef       lenient.Text               `json:"source_ref,omitempty"`
	TargetRef       lenient.Text               `json:"target_ref,omitempty"`
	SightingOf      lenient.Text               `json:"sighting_of_ref,omitempty"`
	FirstSeen       lenient.Time               `json:"first_seen,omitzero"`
	LastSeen        lenient.Time               `json:"last_seen,omitzero"`
	MarkingContents struct {
		TLP lenient.Text `json:"tlp"`
	} `json:"definition,omitzero"`
}

type stixReference struct {
	SourceName lenient.Text `json:"source_name"`
	URL        lenient.Text `json:"url,omitempty"`
	ExternalID lenient.Text `json:"external_id,omitempty"`
}

// stixTime is written with milliseconds, which STIX requires of some properties.
type stixTime struct{ lenient.Time }

// MarshalJSON implements json.Marshaler.
func (t stixTime) MarshalJSON() ([]byte, error) {
	return []byte(t.Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// bundle has the indicators of a STIX bundle, and the objects that describe them.
type bundle struct {
	// indicators are in the order of the file, each in its newest version.
	indicators []rawIndicator
	// at is the index of an indicator, by id.
	at map[string]int
	// observables counts objects that describe observations only.
	observables int
	// names are the names of identities, by id.
	names map[string]string
	// colours are the TLPs of markings, by id.
	colours map[string]ctim.TLP
	// threats are malware, actors and the like, by id.
	threats map[string]threat.Threat
	// indicates are the ids of an indicator's threats, by its id.
	indicates map[string][]string
	// reports are the first reports or groupings with an object, by its id.
	reports map[string]*stixObject
	// sightings are the times of the first sightings, by id of the object.
	sightings map[string]time.Time
}

// rawIndicator is an indicator that is not decoded yet. A file may have a million of
// them, so they are decoded one by one.
type rawIndicator struct {
	raw      []byte
	line     int
	modified time.Time
}

func decodeObject(raw []byte) *stixObject {
	o := &stixObject{}
	_ = json.Unmarshal(raw, o) // only of values of another type, as in Walker.Decode
	return o
}

func newBundle() *bundle {
	b := &bundle{
		at:        map[string]int{},
		names:     map[string]string{},
		colours:   map[string]ctim.TLP{},
		threats:   map[string]threat.Threat{},
		indicates: map[string][]string{},
		reports:   map[string]*stixObject{},
		sightings: map[string]time.Time{},
	}
	for colour, ids := range wellKnownMarkings {
		for _, id := range ids {
			b.colours[markingPrefix+id] = colour
		}
	}
	return b
}

// wellKnownMarkings are the standard ids of marking definitions for the traffic light
// protocol: first that of STIX 2.0 and 2.1, then those of the extension for version 2 of
// the protocol, and OpenCTI's for amber+strict.
var wellKnownMarkings = map[ctim.TLP][]string{
	ctim.TLPWhite: {"613f2e26-407d-48c7-9eca-b8e91df99dc9", "94868c89-83c2-464b-929b-a1a8aa3c8487"},
	ctim.TLPGreen: {"34098fce-860f-48ae-8e50-ebd3cc5e41da", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
	ctim.TLPAmber: {
		"f88d31f6-486f-44da-b317-01333bde0b82", "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
		"939a9414-2ddd-4d32-a0cd-375ea402b003", "826578e1-40ad-459f-bc73-ede076f81f37",
	},
	ctim.TLPRed: {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "e828b379-4e03-4974-9ac4-e53a884c97c1"},
}

const markingPrefix = "marking-definition--"

// stixThreat is a type of object that an indicator can indicate.
type stixThreat struct {
	name lenient.Text
	kind threat.Kind
}

// stixThreats are the types of threats. Exports use the first of each kind.
var stixThreats = []stixThreat{
	{"malware", threat.Malware}, {"tool", threat.Tool}, {"threat-actor", threat.Actor}, {"intrusion-set", threat.Actor},
	{"campaign", threat.Campaign}, {"attack-pattern", threat.AttackPattern}, {"vulnerability", threat.Vulnerability},
}

// read adds the next object to the bundle, except an older version of an indicator.
func (b *bundle) read(w *lenient.Walker, line int) error {
	var head struct {
		Type, ID lenient.Text
		Modified lenient.Time
	}
	raw, err := w.DecodeRaw(&head)
	if err != nil {
		return err
	}
	id := string(head.ID)
	if head.Type == "indicator" {
		indicator := rawIndicator{raw, line, head.Modified.Time}
		i, known := b.at[id]
		switch {
		case !known || id == "":
			b.at[id] = len(b.indicators)
			b.indicators = append(b.indicators, indicator)
		case !indicator.modified.Before(b.indicators[i].modified):
			b.indicators[i] = indicator
		}
		return nil
	}
	o := decodeObject(raw)
	switch o.Type {
	case "identity":
		b.names[id] = string(o.Name)
	case "marking-definition":
		if colour := o.colour(); colour != "" {
			b.colours[id] = colour
		}
	case "report", "grouping":
		for _, ref := range o.ObjectRefs {
			if b.reports[ref] == nil {
				b.reports[ref] = o
			}
		}
	case "relationship":
		if o.Relationship == "indicates" && !bool(o.Revoked) {
			source := string(o.SourceRef)
			b.indicates[source] = append(b.indicates[source], string(o.TargetRef))
		}
	case "sighting":
		seen := cmp.Or(o.FirstSeen.Time, o.LastSeen.Time)
		if first, known := b.sightings[string(o.SightingOf)]; !seen.IsZero() && (!known || seen.Before(first)) {
			b.sightings[string(o.SightingOf)] = seen
		}
	case "observed-data", "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message", "file", "ipv4-addr", "ipv6-addr",
		"mac-addr", "mutex", "network-traffic", "process", "software", "url", "user-account", "windows-registry-key", "x509-certificate":
		b.observables++
	default:
		for _, t := range stixThreats {
			if t.name == o.Type {
				b.threats[id] = o.threat(t.kind)
			}
		}
	}
	return nil
}

// colour returns the TLP of a marking definition, or "". It is in the definition, in the
// extension for version 2 of the protocol, or only in the name.
func (o *stixObject) colour() ctim.TLP {
	colour := ctim.ParseTLP(string(o.MarkingContents.TLP))
	for _, raw := range o.Extensions {
		var extension struct {
			TLP lenient.Text `json:"tlp_2_0"`
		}
		_ = json.Unmarshal(raw, &extension)
		colour = cmp.Or(colour, ctim.ParseTLP(string(extension.TLP)))
	}
	return cmp.Or(colour, ctim.ParseTLP(string(o.Name)))
}

func (o *stixObject) threat(kind threat.Kind) threat.Threat {
	t := threat.Threat{Kind: kind, Name: string(o.Name), Description: string(o.Description)}
	for _, ref := range o.References {
		if ref.namesThreat() {
			t.ID, t.URL = string(ref.ExternalID), ctim.WebURL(string(ref.URL))
			break
		}
	}
	t.URL = cmp.Or(t.URL, webPage(o.References))
	if t.ID == "" && kind == threat.Vulnerability {
		t.ID = threat.FindCVE(t.Name)
	}
	t.Name = cmp.Or(t.Name, t.ID)
	return t
}

// namesThreat reports whether a reference has a public id, such as that of an ATT&CK
// technique or a CVE.
func (r stixReference) namesThreat() bool {
	switch r.SourceName {
	case "mitre-attack", "mitre-mobile-attack", "mitre-ics-attack", "cve", extensionName:
		return r.ExternalID != ""
	}
	return false
}

// webPage returns the first web page of references, or "".
func webPage(references []stixReference) string {
	for _, ref := range references {
		if page := ctim.WebURL(string(ref.URL)); page != "" {
			return page
		}
	}
	return ""
}
