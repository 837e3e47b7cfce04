package ctimrules

import "github.com/serverless-relay/relay/cmd/relay/internal/check/shape"

func identityAssertion() shape.Rule {
	return entity("identity-assertion", shape.Fields{
		"identity": shape.Required(shape.Object(shape.Fields{"observables": shape.Required(shape.List(observable()))})),
		"assertions": shape.Required(shape.List(shape.Object(shape.Fields{
			"name":  shape.Required(shape.Text(0)),
			"value": shape.Required(shape.Text(0)),
		}))),
		"valid_time": shape.Optional(validTime()),
	})
}

func dataTable() shape.Rule {
	return entity("data-table", described(table()).With(shape.Fields{"valid_time": shape.Optional(validTime())}))
}

func incident() shape.Rule {
	fields := described(shape.Fields{
		"confidence":       shape.Required(confidence()),
		"status":           shape.Required(shape.Text(0)),
		"incident_time":    shape.Required(incidentTime()),
		"severity":         shape.Optional(severity()),
		"discovery_method": shape.Optional(shape.Text(0)),
		"intended_effect":  shape.Optional(shape.Text(0)),
		"promotion_method": shape.Optional(shape.Word("Automated", "Manual")),
		"meta":             shape.Optional(object()),
		"scores":           shape.Optional(object()),
	})
	for _, name := range []string{"assignees", "categories", "tactics", "techniques"} {
		fields[name] = shape.Optional(shape.List(short()))
	}
	fields["detection_sources"] = shape.Optional(shape.List(medium()))
	return entity("incident", fields)
}

func incidentTime() shape.Rule {
	fields := shape.Fields{"opened": shape.Required(shape.Time())}
	for _, name := range []string{"closed", "contained", "discovered", "rejected", "remediated", "reported"} {
		fields[name] = shape.Optional(shape.Time())
	}
	return shape.Object(fields)
}

func note() shape.Rule {
	return entity("note", shape.Fields{
		"content":    shape.Required(long()),
		"note_class": shape.Required(shape.Text(0)),
		"related_entities": shape.Required(shape.List(shape.Object(shape.Fields{
			"entity_id":   shape.Required(reference()),
			"entity_type": shape.Required(shape.Text(0)),
		}))),
		"author": shape.Optional(shape.Text(0)),
	})
}

func feedback() shape.Rule {
	return entity("feedback", shape.Fields{
		"entity_id": shape.Required(reference()),
		"feedback":  shape.Required(shape.Integer(-1, 1)),
		"reason":    shape.Required(shape.Text(0)),
	})
}

func coa() shape.Rule {
	return entity("coa", described(shape.Fields{
		"valid_time":          shape.Required(validTime()),
		"coa_type":            shape.Optional(shape.Text(0)),
		"cost":                shape.Optional(confidence()),
		"efficacy":            shape.Optional(confidence()),
		"impact":              shape.Optional(short()),
		"objective":           shape.Optional(shape.List(short())),
		"open_c2_coa":         shape.Optional(object()),
		"related_COAs":        shape.Optional(list()),
		"stage":               shape.Optional(shape.Text(0)),
		"structured_coa_type": shape.Optional(shape.Word("openc2")),
	}))
}
