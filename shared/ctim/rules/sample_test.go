package rules

// samples contains an entity of each kind with every field that the rules check.
const samples = `{
"actors": {"type":"actor", BASE, TEXTS, "source":"s", VALID, "actor_types":["Hacktivist"], "aliases":["a"], "confidence":"None",
	"identity":{"description":"d","related_identities":[]}, "intended_effect":"Advantage", "motivation":"Ego", "sophistication":"Novice",
	"planning_and_operational_support":"p"},
"attack_patterns": {"type":"attack-pattern", BASE, TEXTS, CHAIN, "abstraction_level":"meta", "x_mitre_contributors":["c"], "x_mitre_data_sources":["d"],
	"x_mitre_platforms":["p"]},
"campaigns": {"type":"campaign", BASE, TEXTS, VALID, "campaign_type":"phishing", "activity":[{"date_time":"2026-01-02T00:00:00.000Z","description":"d"}],
	"confidence":"Low", "intended_effect":["Advantage"], "names":["n"], "status":"Ongoing"},
"coas": {"type":"coa", BASE, VALID},
"data_tables": {"type":"data-table", BASE, TABLE},
"feedbacks": {"type":"feedback", BASE, "entity_id":"transient:judgement-1", "feedback":-1, "reason":"r"},
"identity_assertions": {"type":"identity-assertion", BASE, VALID, "identity":{"observables":[OBSERVABLE]}, "assertions":[{"name":"n","value":"v"}]},
"incidents": {"type":"incident", BASE, "confidence":"Info", "status":"Open", "incident_time":{"opened":"2026-01-02T00:00:00.000Z"}},
"indicators": {"type":"indicator", BASE, TEXTS, VALID, CHAIN, "producer":"p", "indicator_type":["C2"], "severity":"Info", "confidence":"High", "likely_impact":"l",
	"tags":["t"], "test_mechanisms":["m"], "negate":false, "composite_indicator_expression":{"operator":"and","indicator_ids":["transient:indicator-2"]},
	"specification":{"type":"Snort","snort_sig":"s"}},
"judgements": {"type":"judgement", BASE, VALID, "observable":OBSERVABLE, "disposition":2, "disposition_name":"Malicious", "severity":"High", "confidence":"Medium",
	"priority":95, "source":"s", "reason":"r", "reason_uri":"u"},
"malwares": {"type":"malware", BASE, TEXTS, CHAIN, "labels":["trojan"], "abstraction_level":"family", "x_mitre_aliases":["a"]},
"notes": {"type":"note", BASE, "content":"c", "note_class":"n", "related_entities":[{"entity_id":"transient:judgement-1","entity_type":"judgement"}]},
"relationships": {"type":"relationship", BASE, TEXTS, "relationship_type":"based-on", "source_ref":"transient:judgement-1", "target_ref":"transient:indicator-1"},
"sightings": {"type":"sighting", BASE, TEXTS, "confidence":"High", "count":3, OBSERVED, "observables":[OBSERVABLE], "severity":"Low",
	"sensor":"network.firewall", "internal":true, "resolution":"blocked", "targets":[{"type":"endpoint","observables":[OBSERVABLE],OBSERVED,"os":"o"}],
	"relations":[{"origin":"o","origin_uri":"u","relation":"Resolved_To","relation_info":{},"source":OBSERVABLE,"related":OBSERVABLE}],
	"data":{TABLE}, "sensor_coordinates":{"type":"endpoint","observables":[OBSERVABLE],"os":"o"}, "context":{}},
"tools": {"type":"tool", BASE, TEXTS, CHAIN, "labels":["exploitation"], "tool_version":"1", "x_mitre_aliases":["a"]},
"verdicts": {"type":"verdict", "observable":OBSERVABLE, "disposition":2, "disposition_name":"Malicious", "judgement_id":"transient:judgement-1", VALID},
"vulnerabilities": {"type":"vulnerability", BASE, TEXTS, "cve":{"cve_data_meta":{"id":"CVE-2023-5631","assigner":"a"}}, "published_date":"2026-01-02T00:00:00.000Z",
	"last_modified_date":"2026-01-02T00:00:00.000Z", "impact":{}, "configurations":{"CVE_data_version":"4.0","nodes":[]}},
"weaknesses": {"type":"weakness", BASE, "description":"d"}
}`

// sampleParts replace the words in capitals in samples.
var sampleParts = []string{
	"BASE", `"id":"transient:KIND-0a1b2c3d-0a1b-4c2d-8e3f-0a1b2c3d4e5f","schema_version":"1.3.28","external_ids":["e"],"language":"en","revision":1,` +
		`"external_references":[{"source_name":"n","description":"d","external_id":"e","hashes":["h"],"url":"u"}],"source":"s","source_uri":"u",` +
		`"timestamp":"2026-01-02T03:04:05.678Z","tlp":"amber"`,
	"TEXTS", `"title":"t","short_description":"s","description":"d"`,
	"VALID", `"valid_time":{"start_time":"2026-01-02T00:00:00.000Z","end_time":"2026-02-02T00:00:00.000Z"}`,
	"OBSERVED", `"observed_time":{"start_time":"2026-01-02T00:00:00.000Z","end_time":"2026-01-02T00:00:00.000Z"}`,
	"CHAIN", `"kill_chain_phases":[{"kill_chain_name":"lockheed-martin-cyber-kill-chain","phase_name":"delivery"}]`,
	"TABLE", `"columns":[{"name":"n","type":"string","description":"d","short_description":"s","required":true}],"rows":[["r"]],"row_count":1`,
	"OBSERVABLE", `{"type":"domain","value":"evil.example"}`,
}

// unclaimed are fields of which the rules check at most the JSON type. "" means unknown
// fields, which the rules accept in kinds that package ctim has no type for.
var unclaimed = map[string][]string{
	"actors":          {"identity", "intended_effect", "motivation"},
	"campaigns":       {"intended_effect"},
	"coas":            {"", "valid_time"},
	"data_tables":     {"", "columns", "rows", "row_count"},
	"feedbacks":       {"", "entity_id", "feedback", "reason"},
	"incidents":       {"", "confidence", "status", "incident_time"},
	"indicators":      {"specification"},
	"notes":           {"", "content", "note_class", "related_entities"},
	"sightings":       {"context", "data.rows", "activity_interval", "detection_interval", "modification_interval"},
	"vulnerabilities": {"configurations", "impact"},
	"weaknesses":      {"", "description"},
}
