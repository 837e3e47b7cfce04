// Package threat parses the names of malware, actors, techniques and the like from
// sources of indicators.
package threat

import (
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim"
)

// Threat and Kind are aliases of the types of package ctim.
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

// Append appends a threat unless it has no name, or the list contains one of the same
// kind with its name or id.
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
