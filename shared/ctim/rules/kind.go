package rules

import "sync"

// kind is one kind of entity.
type kind struct {
	// name is the entity's "type", such as judgement. Its id contains it, too.
	name string
	// list is the name under which a response lists such entities.
	list string
	rule rule
}

// kinds returns all kinds of entities, sorted by list.
var kinds = sync.OnceValue(func() []kind {
	return []kind{
		{"actor", "actors", actor()},
		{"attack-pattern", "attack_patterns", attackPattern()},
		{"campaign", "campaigns", campaign()},
		{"coa", "coas", coa()},
		{"data-table", "data_tables", dataTable()},
		{"feedback", "feedbacks", feedback()},
		{"identity-assertion", "identity_assertions", identityAssertion()},
		{"incident", "incidents", incident()},
		{"indicator", "indicators", indicator()},
		{"judgement", "judgements", judgement()},
		{"malware", "malwares", malware()},
		{"note", "notes", note()},
		{"relationship", "relationships", relationship()},
		{"sighting", "sightings", sighting()},
		{"tool", "tools", tool()},
		{"verdict", "verdicts", verdict()},
		{"vulnerability", "vulnerabilities", vulnerability()},
		{"weakness", "weaknesses", weakness()},
	}
})
