// Package threat names malware, actors, techniques and the like, as sources of
// indicators do, and makes the entities of CTIM from them.
package threat

import (
	"slices"
	"strings"
)

// Kind says what a Threat is. The values are the entity types of CTIM.
type Kind string

// The kinds of threats that an indicator may indicate.
const (
	Malware       Kind = "malware"
	Tool          Kind = "tool"
	Actor         Kind = "actor"
	Campaign      Kind = "campaign"
	AttackPattern Kind = "attack-pattern"
	Vulnerability Kind = "vulnerability"
)

// Threat is malware, an actor, a technique or the like, by name.
type Threat struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
	// ID is the name that everybody uses, where there is one: "T1566" for a
	// technique of MITRE ATT&CK, "CVE-2023-5631" for a vulnerability.
	ID          string `json:"id,omitempty"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
}

// Append adds a threat that isn't there yet. One without a name is left out; of
// two with one name or id, the first is kept.
func Append(threats []Threat, t Threat) []Threat {
	if t.Name == "" {
		return threats
	}
	same := func(other Threat) bool {
		return other.Kind == t.Kind && (strings.EqualFold(other.Name, t.Name) || t.ID != "" && other.ID == t.ID)
	}
	if slices.ContainsFunc(threats, same) {
		return threats
	}
	return append(threats, t)
}
