package rules

import (
	"math"
	"sync"

	"github.com/serverless-relay/relay/shared/ctim"
)

// kind is one kind of entity.
type kind struct {
	// name is the entity's "type", such as judgement, and a part of its id.
	name string
	// list is the name of such entities in a response, such as judgements.
	list string
	rule rule
}

// kinds returns all kinds of entities that a response may contain, sorted by list.
var kinds = sync.OnceValue(func() []kind {
	return []kind{
		modelled[ctim.Actor]("actor", "actors", fields{
			"source":                           required(medium),
			"identity":                         optional(anyObject),
			"intended_effect":                  optional(anyString),
			"motivation":                       optional(anyString),
			"sophistication":                   optional(oneOf("Aspirant", "Expert", "Innovator", "Novice", "Practitioner")),
			"planning_and_operational_support": optional(long),
		}),
		modelled[ctim.AttackPattern]("attack-pattern", "attack_patterns", fields{
			"abstraction_level":    optional(oneOf("aggregate", "category", "detailed", "meta", "standard")),
			"x_mitre_contributors": optional(list(short)),
			"x_mitre_data_sources": optional(list(short)),
		}),
		modelled[ctim.Campaign]("campaign", "campaigns", fields{
			"activity":        optional(list(object(fields{"date_time": required(timestamp), "description": required(long)}))),
			"intended_effect": optional(list(anyString)),
			"status":          optional(oneOf("Future", "Historic", "Ongoing")),
		}),
		unmodelled("coa", "coas"),
		unmodelled("data-table", "data_tables"),
		unmodelled("feedback", "feedbacks"),
		modelled[ctim.IdentityAssertion]("identity-assertion", "identity_assertions", nil),
		unmodelled("incident", "incidents"),
		modelled[ctim.Indicator]("indicator", "indicators", fields{
			"test_mechanisms":                optional(list(medium)),
			"negate":                         optional(boolean),
			"composite_indicator_expression": optional(object(fieldsOf[ctim.Composite]().with(fields{"operator": required(oneOf("and", "or", "not"))}))),
			"specification":                  optional(anyObject),
		}),
		judgement(),
		modelled[ctim.Malware]("malware", "malwares", fields{"abstraction_level": optional(oneOf("family", "variant", "version"))}),
		unmodelled("note", "notes"),
		modelled[ctim.Relationship]("relationship", "relationships", fields{
			"source_ref": required(reference()),
			"target_ref": required(reference()),
		}),
		modelled[ctim.Sighting]("sighting", "sightings", fields{
			"relations": optional(list(object(fieldsOf[ctim.Relation]().with(fields{"relation_info": optional(anything)})))),
			"sensor_coordinates": optional(object(fields{
				"type":        required(oneOf(ctim.Words[ctim.SensorType]()...)),
				"observables": required(list(observable())),
				"os":          optional(anyString),
			})),
			"context":               optional(anyObject),
			"activity_interval":     optional(anyObject),
			"detection_interval":    optional(anyObject),
			"modification_interval": optional(anyObject),
		}),
		modelled[ctim.Tool]("tool", "tools", nil),
		verdict(),
		modelled[ctim.Vulnerability]("vulnerability", "vulnerabilities", fields{
			"title":             optional(short),
			"short_description": optional(medium),
			"impact":            optional(anyObject),
			"configurations":    optional(anyObject),
		}),
		unmodelled("weakness", "weaknesses"),
	}
})

// modelled returns the kind with the fields of the type E. Those in more are added, or
// replace them.
func modelled[E any](name, list string, more fields) kind {
	return kind{name, list, object(fieldsOf[E]().with(base(name)).with(more))}
}

// unmodelled returns a kind that package ctim has no type for. Only the fields that
// all kinds share are checked.
func unmodelled(name, list string) kind { return kind{name, list, openObject(base(name))} }

// base returns the fields that all kinds with an id share.
func base(kind string) fields {
	return fieldsOf[ctim.Base]().with(fields{
		"type":           required(oneOf(kind)),
		"id":             required(idOf(kind)),
		"schema_version": required(anyString),
		"external_references": optional(list(object(fieldsOf[ctim.ExternalReference]().with(fields{
			"hashes": optional(list(anyString)),
		})))),
		"language": optional(short),
	})
}

func judgement() kind {
	k := modelled[ctim.Judgement]("judgement", "judgements", fields{
		"disposition_name": required(dispositionName()),
		"priority":         required(all(integer(-math.MaxInt64, math.MaxInt64), warn(integer(0, 100)))),
		"source":           required(medium),
	})
	k.rule = all(k.rule, dispositionMatchesName)
	return k
}

// verdict returns the kind of verdicts, which have no id. One without an end would be
// valid forever, which is a warning.
func verdict() kind {
	f := fieldsOf[ctim.Verdict]().with(fields{"disposition_name": optional(dispositionName())})
	return kind{"verdict", "verdicts", all(object(f), dispositionMatchesName, func(path string, value any) []Problem {
		valid := value.(map[string]any)["valid_time"].(map[string]any)
		if valid["end_time"] == nil {
			return warnAt(member(member(path, "valid_time"), "end_time"), "is missing: the verdict would be valid forever")
		}
		return nil
	})}
}

func dispositionName() rule {
	var names []string
	for d := ctim.Clean; d <= ctim.Unknown; d++ {
		names = append(names, d.String())
	}
	return oneOf(names...)
}

// dispositionMatchesName finds entities whose disposition_name isn't that of the
// disposition's number.
func dispositionMatchesName(path string, value any) []Problem {
	members := value.(map[string]any)
	number, _ := whole(members["disposition"])
	if name, ok := members["disposition_name"]; ok && name != ctim.Disposition(number).String() {
		return at(member(path, "disposition_name"), "must be %s for disposition %d, is %s", ctim.Disposition(number), number, name)
	}
	return nil
}
