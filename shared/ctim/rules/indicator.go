package rules

import "github.com/serverless-relay/relay/shared/ctim"

func indicator() rule {
	return entity("indicator", described(fields{
		"producer":                       required(short()),
		"valid_time":                     required(validTime()),
		"indicator_type":                 optional(list(oneOf(ctim.Words[ctim.IndicatorType]()...))),
		"severity":                       optional(severity()),
		"confidence":                     optional(confidence()),
		"likely_impact":                  optional(long()),
		"tags":                           optional(list(short())),
		"test_mechanisms":                optional(list(medium())),
		"kill_chain_phases":              optional(killChain()),
		"negate":                         optional(boolean),
		"composite_indicator_expression": optional(composite()),
		"specification":                  optional(anyObject),
	}))
}

func composite() rule {
	return object(fields{
		"operator":      required(oneOf("and", "or", "not")),
		"indicator_ids": required(list(anyString)),
	})
}

func relationship() rule {
	return entity("relationship", described(fields{
		"relationship_type": required(oneOf(ctim.Words[ctim.RelationshipType]()...)),
		"source_ref":        required(reference()),
		"target_ref":        required(reference()),
	}))
}
