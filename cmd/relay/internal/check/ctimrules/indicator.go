package ctimrules

import (
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/ctim"
)

func indicator() shape.Rule {
	return entity("indicator", described(shape.Fields{
		"producer":                       shape.Required(short()),
		"valid_time":                     shape.Required(validTime()),
		"indicator_type":                 shape.Optional(shape.List(shape.Word(ctim.IndicatorTypes()...))),
		"severity":                       shape.Optional(severity()),
		"confidence":                     shape.Optional(confidence()),
		"likely_impact":                  shape.Optional(long()),
		"tags":                           shape.Optional(shape.List(short())),
		"test_mechanisms":                shape.Optional(shape.List(medium())),
		"kill_chain_phases":              shape.Optional(killChain()),
		"negate":                         shape.Optional(shape.Boolean()),
		"composite_indicator_expression": shape.Optional(composite()),
		"specification":                  shape.Optional(object()),
	}))
}

func composite() shape.Rule {
	return shape.Object(shape.Fields{
		"operator":      shape.Required(shape.Word("and", "or", "not")),
		"indicator_ids": shape.Required(shape.List(shape.Text(0))),
	})
}

func relationship() shape.Rule {
	return entity("relationship", described(shape.Fields{
		"relationship_type": shape.Required(shape.Word(ctim.RelationshipTypes()...)),
		"source_ref":        shape.Required(reference()),
		"target_ref":        shape.Required(reference()),
	}))
}
