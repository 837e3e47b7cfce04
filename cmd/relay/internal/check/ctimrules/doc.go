// Package ctimrules are the rules of CTIM 1.3.28 that a relay's answers must
// keep: required fields, vocabularies, the forms of ids and times, lengths of
// texts, and how the entities of an answer stand to one another.
//
// The rules are written by hand from the model's facts. Fields that hardly any
// relay sends, such as a sighting's context or a vulnerability's scores, are
// only checked to be of their JSON type.
package ctimrules

import (
	"maps"
	"slices"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
)

// kind is one kind of entity: how it is called in an entity's type and in an
// id, and what it looks like.
type kind struct {
	name string
	rule shape.Rule
}

// kinds are all kinds of entities, by the name under which an answer of
// /observe/observables lists them.
func kinds() map[string]kind {
	return map[string]kind{
		"actors":              {"actor", actor()},
		"attack_patterns":     {"attack-pattern", attackPattern()},
		"campaigns":           {"campaign", campaign()},
		"coas":                {"coa", coa()},
		"data_tables":         {"data-table", dataTable()},
		"feedbacks":           {"feedback", feedback()},
		"identity_assertions": {"identity-assertion", identityAssertion()},
		"incidents":           {"incident", incident()},
		"indicators":          {"indicator", indicator()},
		"judgements":          {"judgement", judgement()},
		"malwares":            {"malware", malware()},
		"notes":               {"note", note()},
		"relationships":       {"relationship", relationship()},
		"sightings":           {"sighting", sighting()},
		"tools":               {"tool", tool()},
		"verdicts":            {"verdict", verdict()},
		"vulnerabilities":     {"vulnerability", vulnerability()},
		"weaknesses":          {"weakness", weakness()},
	}
}

// Names are the names under which /observe/observables lists entities, sorted.
func Names() []string { return slices.Sorted(maps.Keys(kinds())) }

// Entity is the rule for one entity of the kind that an answer lists under the
// name, such as "judgements". It panics where no kind has that name.
func Entity(name string) shape.Rule {
	k, ok := kinds()[name]
	if !ok {
		panic("ctimrules: no kind of entity is listed as " + name)
	}
	return k.rule
}
