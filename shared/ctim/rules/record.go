package rules

func identityAssertion() rule {
	return entity("identity-assertion", fields{
		"identity": required(object(fields{"observables": required(list(observable()))})),
		"assertions": required(list(object(fields{
			"name":  required(anyString),
			"value": required(anyString),
		}))),
		"valid_time": optional(validTime()),
	})
}

func dataTable() rule {
	return entity("data-table", described(table()).with(fields{"valid_time": optional(validTime())}))
}

func incident() rule {
	f := described(fields{
		"confidence":       required(confidence()),
		"status":           required(anyString),
		"incident_time":    required(incidentTime()),
		"severity":         optional(severity()),
		"discovery_method": optional(anyString),
		"intended_effect":  optional(anyString),
		"promotion_method": optional(oneOf("Automated", "Manual")),
		"meta":             optional(anyObject),
		"scores":           optional(anyObject),
	})
	for _, name := range []string{"assignees", "categories", "tactics", "techniques"} {
		f[name] = optional(list(short()))
	}
	f["detection_sources"] = optional(list(medium()))
	return entity("incident", f)
}

func incidentTime() rule {
	f := fields{"opened": required(timestamp)}
	for _, name := range []string{"closed", "contained", "discovered", "rejected", "remediated", "reported"} {
		f[name] = optional(timestamp)
	}
	return object(f)
}

func note() rule {
	return entity("note", fields{
		"content":    required(long()),
		"note_class": required(anyString),
		"related_entities": required(list(object(fields{
			"entity_id":   required(reference()),
			"entity_type": required(anyString),
		}))),
		"author": optional(anyString),
	})
}

func feedback() rule {
	return entity("feedback", fields{
		"entity_id": required(reference()),
		"feedback":  required(integer(-1, 1)),
		"reason":    required(anyString),
	})
}

func coa() rule {
	return entity("coa", described(fields{
		"valid_time":          required(validTime()),
		"coa_type":            optional(anyString),
		"cost":                optional(confidence()),
		"efficacy":            optional(confidence()),
		"impact":              optional(short()),
		"objective":           optional(list(short())),
		"open_c2_coa":         optional(anyObject),
		"related_COAs":        optional(anyList),
		"stage":               optional(anyString),
		"structured_coa_type": optional(oneOf("openc2")),
	}))
}
