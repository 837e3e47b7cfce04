package rules

import "github.com/serverless-relay/relay/shared/ctim"

func malware() rule {
	return entity("malware", fullyDescribed(fields{
		"labels":            required(list(oneOf(ctim.Words[ctim.MalwareLabel]()...))),
		"abstraction_level": optional(oneOf("family", "variant", "version")),
		"kill_chain_phases": optional(killChain()),
		"x_mitre_aliases":   optional(list(short())),
	}))
}

func tool() rule {
	return entity("tool", fullyDescribed(fields{
		"labels":            required(list(oneOf(ctim.Words[ctim.ToolLabel]()...))),
		"kill_chain_phases": optional(killChain()),
		"tool_version":      optional(short()),
		"x_mitre_aliases":   optional(list(short())),
	}))
}

func attackPattern() rule {
	return entity("attack-pattern", fullyDescribed(fields{
		"abstraction_level":    optional(oneOf("aggregate", "category", "detailed", "meta", "standard")),
		"kill_chain_phases":    optional(killChain()),
		"x_mitre_contributors": optional(list(short())),
		"x_mitre_data_sources": optional(list(short())),
		"x_mitre_platforms":    optional(list(short())),
	}))
}

func actor() rule {
	return entity("actor", fullyDescribed(fields{
		"source":                           required(medium()),
		"valid_time":                       required(validTime()),
		"actor_types":                      optional(list(oneOf(ctim.Words[ctim.ActorType]()...))),
		"aliases":                          optional(list(short())),
		"confidence":                       optional(confidence()),
		"identity":                         optional(anyObject),
		"intended_effect":                  optional(anyString),
		"motivation":                       optional(anyString),
		"sophistication":                   optional(oneOf("Aspirant", "Expert", "Innovator", "Novice", "Practitioner")),
		"planning_and_operational_support": optional(long()),
	}))
}

func campaign() rule {
	return entity("campaign", fullyDescribed(fields{
		"campaign_type":   required(short()),
		"valid_time":      required(validTime()),
		"activity":        optional(list(activity())),
		"confidence":      optional(confidence()),
		"intended_effect": optional(list(anyString)),
		"names":           optional(list(short())),
		"status":          optional(oneOf("Future", "Historic", "Ongoing")),
	}))
}

func activity() rule {
	return object(fields{"date_time": required(timestamp), "description": required(long())})
}

func vulnerability() rule {
	return entity("vulnerability", described(fields{
		"description":        required(long()),
		"cve":                optional(cve()),
		"published_date":     optional(timestamp),
		"last_modified_date": optional(timestamp),
		"impact":             optional(anyObject),
		"configurations":     optional(anyObject),
	}))
}

func cve() rule {
	return object(fields{"cve_data_meta": required(object(fields{
		"id":       optional(short()),
		"assigner": optional(short()),
	}))})
}

func weakness() rule {
	f := described(fields{
		"description":        required(long()),
		"abstraction_level":  optional(oneOf("Base", "Class", "Compound", "Variant")),
		"background_details": optional(long()),
		"likelihood":         optional(confidence()),
		"structure":          optional(oneOf("Chain", "Composite", "Simple")),
	})
	for _, name := range []string{"affected_resources", "alternate_terms", "architectures", "common_consequences", "detection_methods", "functional_areas",
		"languages", "modes_of_introduction", "notes", "operating_systems", "paradigms", "potential_mitigations", "technologies"} {
		f[name] = optional(anyList)
	}
	return entity("weakness", f)
}
