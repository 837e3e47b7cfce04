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
			"actor_types":                      optional(list(actorType())),
			"aliases":                          optional(list(short)),
			"confidence":                       optional(oneOf(ctim.Words[ctim.Confidence]()...)),
			"identity":                         optional(anyObject),
			"intended_effect":                  optional(anyString),
			"motivation":                       optional(anyString),
			"sophistication":                   optional(oneOf("Aspirant", "Expert", "Innovator", "Novice", "Practitioner")),
			"planning_and_operational_support": optional(long),
		}),
		modelled[ctim.AttackPattern]("attack-pattern", "attack_patterns", fields{
			"kill_chain_phases":    killChain(),
			"abstraction_level":    optional(oneOf("aggregate", "category", "detailed", "meta", "standard")),
			"x_mitre_contributors": optional(list(short)),
			"x_mitre_data_sources": optional(list(short)),
			"x_mitre_platforms":    optional(list(short)),
		}),
		modelled[ctim.Campaign]("campaign", "campaigns", fields{
			"activity":        optional(list(object(fields{"date_time": required(timestamp), "description": required(long)}))),
			"confidence":      optional(oneOf(ctim.Words[ctim.Confidence]()...)),
			"intended_effect": optional(list(anyString)),
			"names":           optional(list(short)),
			"status":          optional(oneOf("Future", "Historic", "Ongoing")),
		}),
		unmodelled("coa", "coas"),
		unmodelled("data-table", "data_tables"),
		unmodelled("feedback", "feedbacks"),
		{"identity-assertion", "identity_assertions", object(base("identity-assertion").with(fields{
			"identity":   required(object(fields{"observables": required(list(observable()))})),
			"assertions": required(list(object(fields{"name": required(anyString), "value": required(anyString)}))),
			"valid_time": optional(span(timestamp, optional, optional)),
		}))},
		unmodelled("incident", "incidents"),
		modelled[ctim.Indicator]("indicator", "indicators", fields{
			"kill_chain_phases": killChain(),
			"likely_impact":     optional(long),
			"test_mechanisms":   optional(list(medium)),
			"negate":            optional(boolean),
			"composite_indicator_expression": optional(object(fields{
				"operator":      required(oneOf("and", "or", "not")),
				"indicator_ids": required(list(anyString)),
			})),
			"specification": optional(anyObject),
		}),
		judgement(),
		modelled[ctim.Malware]("malware", "malwares", fields{
			"labels": required(list(oneOf("adware", "backdoor", "bot", "ddos", "dropper", "exploit-kit", "keylogger", "ransomware",
				"remote-access-trojan", "resource-exploitation", "rogue-security-software", "rootkit", "screen-capture", "spyware", "trojan", "virus", "worm"))),
			"kill_chain_phases": killChain(),
			"abstraction_level": optional(oneOf("family", "variant", "version")),
			"x_mitre_aliases":   optional(list(short)),
		}),
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
			"resolution":            optional(oneOf("allowed", "blocked", "contained", "detected")),
			"context":               optional(anyObject),
			"activity_interval":     optional(anyObject),
			"detection_interval":    optional(anyObject),
			"modification_interval": optional(anyObject),
		}),
		modelled[ctim.Tool]("tool", "tools", fields{
			"labels": required(list(oneOf("credential-exploitation", "denial-of-service", "exploitation", "information-gathering",
				"network-capture", "remote-access", "vulnerability-scanning"))),
			"kill_chain_phases": killChain(),
			"tool_version":      optional(short),
			"x_mitre_aliases":   optional(list(short)),
		}),
		verdict(),
		modelled[ctim.Vulnerability]("vulnerability", "vulnerabilities", fields{
			"title":              optional(short),
			"short_description":  optional(medium),
			"cve":                optional(object(fields{"cve_data_meta": required(object(fields{"id": optional(short), "assigner": optional(short)}))})),
			"published_date":     optional(timestamp),
			"last_modified_date": optional(timestamp),
			"impact":             optional(anyObject),
			"configurations":     optional(anyObject),
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
		"revision": optional(integer(0, math.MaxInt64)),
	})
}

// killChain accepts phases of the Lockheed Martin cyber kill chain, the only one in CTIM.
func killChain() field {
	return optional(list(object(fields{
		"kill_chain_name": required(oneOf("lockheed-martin-cyber-kill-chain")),
		"phase_name": required(oneOf("reconnaissance", "weaponization", "delivery", "exploitation", "installation",
			"command-and-control", "actions-on-objective")),
	})))
}

// actorType accepts CTIM's kinds of actors.
func actorType() rule {
	return oneOf("Cyber Espionage Operations", "Disgruntled Customer / User", "Hacker", "Hacker - Black hat", "Hacker - Gray hat",
		"Hacker - White hat", "Hacktivist", "Insider Threat", "State Actor / Agency",
		"eCrime Actor - Credential Theft Botnet Operator", "eCrime Actor - Credential Theft Botnet Service",
		"eCrime Actor - Malware Developer", "eCrime Actor - Money Laundering Network", "eCrime Actor - Organized Crime Actor",
		"eCrime Actor - Spam Service", "eCrime Actor - Traffic Service", "eCrime Actor - Underground Call Service")
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
