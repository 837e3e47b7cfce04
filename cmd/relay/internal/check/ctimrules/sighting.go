package ctimrules

import (
	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/ctim"
)

func sighting() shape.Rule {
	return entity("sighting", described(shape.Fields{
		"confidence":            shape.Required(confidence()),
		"count":                 shape.Required(shape.Integer(0, shape.MostInt)),
		"observed_time":         shape.Required(observedTime()),
		"observables":           shape.Optional(shape.List(observable())),
		"severity":              shape.Optional(severity()),
		"sensor":                shape.Optional(sensor()),
		"internal":              shape.Optional(shape.Boolean()),
		"resolution":            shape.Optional(shape.Word(ctim.Resolutions()...)),
		"targets":               shape.Optional(shape.List(target())),
		"relations":             shape.Optional(shape.List(relation())),
		"data":                  shape.Optional(shape.Object(table())),
		"sensor_coordinates":    shape.Optional(sensorCoordinates()),
		"context":               shape.Optional(object()),
		"activity_interval":     shape.Optional(object()),
		"detection_interval":    shape.Optional(object()),
		"modification_interval": shape.Optional(object()),
	}))
}

func sensor() shape.Rule { return shape.Word(ctim.SensorTypes()...) }

func target() shape.Rule {
	return shape.Object(shape.Fields{
		"type":          shape.Required(sensor()),
		"observables":   shape.Required(shape.List(observable())),
		"observed_time": shape.Required(observedTime()),
		"os":            shape.Optional(shape.Text(0)),
	})
}

func sensorCoordinates() shape.Rule {
	return shape.Object(shape.Fields{
		"type":        shape.Required(sensor()),
		"observables": shape.Required(shape.List(observable())),
		"os":          shape.Optional(shape.Text(0)),
	})
}

func relation() shape.Rule {
	return shape.Object(shape.Fields{
		"origin":        shape.Required(shape.Text(0)),
		"origin_uri":    shape.Optional(shape.Text(0)),
		"relation":      shape.Required(shape.Word(ctim.RelationTypes()...)),
		"relation_info": shape.Optional(shape.Any()),
		"source":        shape.Required(observable()),
		"related":       shape.Required(observable()),
	})
}

// table are the fields of a table of data, in a sighting or on its own.
func table() shape.Fields {
	return shape.Fields{
		"columns": shape.Required(shape.List(shape.Object(shape.Fields{
			"name":              shape.Required(shape.Text(0)),
			"type":              shape.Required(shape.Word("integer", "markdown", "number", "observable", "string", "url")),
			"description":       shape.Optional(long()),
			"short_description": shape.Optional(shape.Text(0)),
			"required":          shape.Optional(shape.Boolean()),
		}))),
		"rows":      shape.Required(list()),
		"row_count": shape.Optional(shape.Integer(-shape.MostInt, shape.MostInt)),
	}
}
