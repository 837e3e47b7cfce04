package check

import (
	"fmt"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/relay"
)

// tileData is what a tile of that type shows for a period. The platform
// publishes no schema; these are the shapes that working relays have, and
// fields beyond them are welcome.
func tileData(id string, period any, kind string) shape.Rule {
	fields := shape.Fields{
		"tile_id":       shape.Required(shape.Word(id)),
		"period":        shape.Required(shape.Word(fmt.Sprint(period))),
		"observed_time": shape.Required(shape.Span(shape.Required, shape.Required)),
		"valid_time":    shape.Required(shape.Span(shape.Required, shape.Required)),
		"hide_legend":   shape.Required(shape.Boolean()),
		"cache_scope":   shape.Required(shape.Word(relay.CacheNone, relay.CacheUser, relay.CacheOrg)),
	}
	switch relay.TileType(kind) {
	case relay.MetricGroup:
		return shape.OpenObject(fields.With(metrics()))
	case relay.DonutGraph:
		return shape.All(shape.OpenObject(fields.With(donut())), donutKeys)
	case relay.VerticalBarChart, relay.HorizontalBarChart, relay.LineChart:
		return shape.All(shape.OpenObject(fields.With(chart())), chartKeys)
	case relay.MarkdownTile:
		return shape.OpenObject(fields.With(shape.Fields{"data": shape.Required(shape.List(shape.Text(0)))}))
	default: // a threat map, whose data isn't documented
		return shape.OpenObject(fields)
	}
}

func metrics() shape.Fields {
	return shape.Fields{"data": shape.Required(shape.List(shape.OpenObject(shape.Fields{
		"icon":       shape.Required(shape.Text(0)),
		"label":      shape.Required(shape.Text(0)),
		"value":      shape.Required(shape.Number()),
		"value_unit": shape.Required(shape.Text(0)),
	})))}
}

func donut() shape.Fields {
	position := shape.Required(shape.Integer(0, shape.MostInt))
	return shape.Fields{
		"labels":        shape.Required(shape.All(shape.List(shape.List(shape.Text(0))), pair)),
		"label_headers": shape.Required(shape.All(shape.List(shape.Text(0)), pair)),
		"data": shape.Required(shape.List(shape.OpenObject(shape.Fields{
			"key":      position,
			"value":    shape.Required(shape.Number()),
			"tooltip":  shape.Optional(shape.Text(0)),
			"link_uri": shape.Optional(shape.Text(0)),
			"segments": shape.Required(shape.List(shape.OpenObject(shape.Fields{
				"key":   position,
				"value": shape.Required(shape.Number()),
			}))),
		}))),
	}
}

// pair wants a list to have two items.
func pair(path string, value any) []shape.Problem {
	if n := len(value.([]any)); n != 2 {
		return shape.At(path, "has %d items and not 2: one for each ring", n)
	}
	return nil
}

// donutKeys wants the keys of a donut's slices and segments to be positions in
// its labels.
func donutKeys(path string, value any) (problems []shape.Problem) {
	members := value.(map[string]any)
	labels := members["labels"].([]any)
	within := func(at string, ring int, key any) {
		if position, n := must(key), len(labels[ring].([]any)); position >= int64(n) {
			problems = append(problems, shape.At(at+".key", "is %d, and there are %d labels", position, n)...)
		}
	}
	for i, slice := range objects(members["data"].([]any)) {
		at := fmt.Sprintf("%s.data[%d]", path, i)
		within(at, 0, slice["key"])
		for j, segment := range objects(slice["segments"].([]any)) {
			within(fmt.Sprintf("%s.segments[%d]", at, j), 1, segment["key"])
		}
	}
	return problems
}

// must is a value that is known to be a whole number.
func must(value any) int64 {
	n, _ := shape.Int(value)
	return n
}

func chart() shape.Fields {
	return shape.Fields{
		"keys": shape.Required(shape.List(shape.OpenObject(shape.Fields{
			"key":   shape.Required(shape.Text(0)),
			"label": shape.Required(shape.Text(0)),
		}))),
		"key_type": shape.Required(shape.Word("string", "timestamp")),
		"data": shape.Required(shape.List(shape.OpenObject(shape.Fields{
			"key":   shape.Required(shape.Any()),
			"label": shape.Required(shape.Text(0)),
			"value": shape.Required(shape.Number()),
			"values": shape.Required(shape.List(shape.OpenObject(shape.Fields{
				"key":      shape.Required(shape.Text(0)),
				"value":    shape.Required(shape.Number()),
				"tooltip":  shape.Optional(shape.Text(0)),
				"link_uri": shape.Optional(shape.Text(0)),
			}))),
		}))),
	}
}

// chartKeys wants the points of a chart to have keys of the type that it names,
// and values only in the series that it has.
func chartKeys(path string, value any) (problems []shape.Problem) {
	members := value.(map[string]any)
	series := map[any]bool{}
	for _, key := range objects(members["keys"].([]any)) {
		series[key["key"]] = true
	}
	rule := shape.Text(0)
	if members["key_type"] == "timestamp" {
		rule = shape.Integer(0, shape.MostInt)
	}
	for i, point := range objects(members["data"].([]any)) {
		at := fmt.Sprintf("%s.data[%d]", path, i)
		problems = append(problems, rule(at+".key", point["key"])...)
		for j, v := range objects(point["values"].([]any)) {
			if !series[v["key"]] {
				problems = append(problems, shape.At(fmt.Sprintf("%s.values[%d].key", at, j), "%v is none of the chart's keys", v["key"])...)
			}
		}
	}
	return problems
}
