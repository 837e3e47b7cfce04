package ctimrules

import (
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/ctim"
)

func malware() shape.Rule {
	return entity("malware", fullyDescribed(shape.Fields{
		"labels":            shape.Required(shape.List(shape.Word(ctim.MalwareLabels()...))),
		"abstraction_level": shape.Optional(shape.Word("family", "variant", "version")),
		"kill_chain_phases": shape.Optional(killChain()),
		"x_mitre_aliases":   shape.Optional(shape.List(short())),
	}))
}

func tool() shape.Rule {
	return entity("tool", fullyDescribed(shape.Fields{
		"labels":            shape.Required(shape.List(shape.Word(ctim.ToolLabels()...))),
		"kill_chain_phases": shape.Optional(killChain()),
		"tool_version":      shape.Optional(short()),
		"x_mitre_aliases":   shape.Optional(shape.List(short())),
	}))
}

func attackPattern() shape.Rule {
	return entity("attack-pattern", fullyDescribed(shape.Fields{
		"abstraction_level":    shape.Optional(shape.Word("aggregate", "category", "detailed", "meta", "standard")),
		"kill_chain_phases":    shape.Optional(killChain()),
		"x_mitre_contributors": shape.Optional(shape.List(short())),
		"x_mitre_data_sources": shape.Optional(shape.List(short())),
		"x_mitre_platforms":    shape.Optional(shape.List(short())),
	}))
}

func actor() shape.Rule {
	return entity("actor", fullyDescribed(shape.Fields{
		"source":                           shape.Required(medium()),
		"valid_time":                       shape.Required(validTime()),
		"actor_types":                      shape.Optional(shape.List(shape.Word(ctim.ActorTypes()...))),
		"aliases":                          shape.Optional(shape.List(short())),
		"confidence":                       shape.Optional(confidence()),
		"identity":                         shape.Optional(object()),
		"intended_effect":                  shape.Optional(shape.Text(0)),
		"motivation":                       shape.Optional(shape.Text(0)),
		"sophistication":                   shape.Optional(shape.Word("Aspirant", "Expert", "Innovator", "Novice", "Practitioner")),
		"planning_and_operational_support": shape.Optional(long()),
	}))
}

func campaign() shape.Rule {
	return entity("campaign", fullyDescribed(shape.Fields{
		"campaign_type":   shape.Required(short()),
		"valid_time":      shape.Required(validTime()),
		"activity":        shape.Optional(shape.List(activity())),
		"confidence":      shape.Optional(confidence()),
		"intended_effect": shape.Optional(shape.List(shape.Text(0))),
		"names":           shape.Optional(shape.List(short())),
		"status":          shape.Optional(shape.Word("Future", "Historic", "Ongoing")),
	}))
}

func activity() shape.Rule {
	return shape.Object(shape.Fields{"date_time": shape.Required(shape.Time()), "description": shape.Required(long())})
}

func vulnerability() shape.Rule {
	return entity("vulnerability", described(shape.Fields{
		"description":        shape.Required(long()),
		"cve":                shape.Optional(cve()),
		"published_date":     shape.Optional(shape.Time()),
		"last_modified_date": shape.Optional(shape.Time()),
		"impact":             shape.Optional(object()),
		"configurations":     shape.Optional(object()),
	}))
}

func cve() shape.Rule {
	return shape.Object(shape.Fields{"cve_data_meta": shape.Required(shape.Object(shape.Fields{
		"id":       shape.Optional(short()),
		"assigner": shape.Optional(short()),
	}))})
}

func weakness() shape.Rule {
	fields := described(shape.Fields{
		"description":        shape.Required(long()),
		"abstraction_level":  shape.Optional(shape.Word("Base", "Class", "Compound", "Variant")),
		"background_details": shape.Optional(long()),
		"likelihood":         shape.Optional(confidence()),
		"structure":          shape.Optional(shape.Word("Chain", "Composite", "Simple")),
	})
	for _, name := range []string{"affected_resources", "alternate_terms", "architectures", "common_consequences", "detection_methods", "functional_areas",
		"languages", "modes_of_introduction", "notes", "operating_systems", "paradigms", "potential_mitigations", "technologies"} {
		fields[name] = shape.Optional(list())
	}
	return entity("weakness", fields)
}
