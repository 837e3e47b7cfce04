// Package threat reads the names of malware, actors, techniques and the like as
// sources of indicators write them.
package threat

import (
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Threat and Kind are those of the model.
type (
	Threat = ctim.Threat
	Kind   = ctim.ThreatKind
)

// The kinds of threats.
const (
	Malware       = ctim.ThreatMalware
	Tool          = ctim.ThreatTool
	Actor         = ctim.ThreatActor
	Campaign      = ctim.ThreatCampaign
	AttackPattern = ctim.ThreatAttackPattern
	Vulnerability = ctim.ThreatVulnerability
)

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
