package rules

import (
	"math"

	"github.com/serverless-relay/relay/shared/ctim"
)

func sighting() rule {
	return entity("sighting", described(fields{
		"confidence":            required(confidence()),
		"count":                 required(integer(0, math.MaxInt64)),
		"observed_time":         required(observedTime()),
		"observables":           optional(list(observable())),
		"severity":              optional(severity()),
		"sensor":                optional(sensor()),
		"internal":              optional(boolean),
		"resolution":            optional(oneOf(ctim.Words[ctim.Resolution]()...)),
		"targets":               optional(list(target())),
		"relations":             optional(list(relation())),
		"data":                  optional(object(table())),
		"sensor_coordinates":    optional(sensorCoordinates()),
		"context":               optional(anyObject),
		"activity_interval":     optional(anyObject),
		"detection_interval":    optional(anyObject),
		"modification_interval": optional(anyObject),
	}))
}

func sensor() rule { return oneOf(ctim.Words[ctim.SensorType]()...) }

func target() rule {
	return object(fields{
		"type":          required(sensor()),
		"observables":   required(list(observable())),
		"observed_time": required(observedTime()),
		"os":            optional(anyString),
	})
}

func sensorCoordinates() rule {
	return object(fields{
		"type":        required(sensor()),
		"observables": required(list(observable())),
		"os":          optional(anyString),
	})
}

func relation() rule {
	return object(fields{
		"origin":        required(anyString),
		"origin_uri":    optional(anyString),
		"relation":      required(oneOf(ctim.Words[ctim.RelationType]()...)),
		"relation_info": optional(anything),
		"source":        required(observable()),
		"related":       required(observable()),
	})
}

// table are the fields of a table of data, in a sighting or on its own.
func table() fields {
	return fields{
		"columns": required(list(object(fields{
			"name":              required(anyString),
			"type":              required(oneOf("integer", "markdown", "number", "observable", "string", "url")),
			"description":       optional(long()),
			"short_description": optional(anyString),
			"required":          optional(boolean),
		}))),
		"rows":      required(anyList),
		"row_count": optional(integer(-math.MaxInt64, math.MaxInt64)),
	}
}
