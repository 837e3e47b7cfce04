package rules

import (
	"fmt"
	"math"
)

// tileData accepts the data of a tile of a type. The platform publishes no
// schema: these are the forms that working relays use. Members beyond them are
// allowed, and differences between working relays are warnings. For a type that
// isn't known here, the common members alone are checked.
func tileData(kind string) rule {
	f := fields{
		"tile_id":       expected(filled),
		"period":        expected(period()),
		"observed_time": required(span(required, required)),
		"valid_time":    required(span(required, required)),
		"hide_legend":   expected(boolean),
		"cache_scope":   required(oneOf("none", "user", "org")),
		"color_scale":   optional(warn(oneOf("status"))),
		"data":          required(anything),
	}
	switch kind {
	case "metric_group":
		return openObject(f.with(fields{"data": required(list(metric()))}))
	case "donut_graph":
		return all(openObject(f.with(donut())), donutKeys)
	case "vertical_bar_chart", "horizontal_bar_chart", "line_chart":
		return all(openObject(f.with(chart())), chartKeys)
	case "markdown":
		return openObject(f.with(fields{"data": required(list(anyString))}))
	default:
		return openObject(f)
	}
}

func metric() rule {
	return openObject(fields{
		"icon":       required(anyString),
		"label":      required(anyString),
		"value":      required(number),
		"value_unit": required(anyString),
	})
}

// donut is the members of a donut: its labels are those of one ring or of two.
func donut() fields {
	position := required(integer(0, math.MaxInt64))
	return fields{
		"labels":        required(all(list(list(anyString)), rings)),
		"label_headers": required(all(list(anyString), rings)),
		"data": required(list(openObject(fields{
			"key":      position,
			"value":    required(number),
			"tooltip":  optional(anyString),
			"link_uri": optional(anyString),
			"segments": required(list(openObject(fields{
				"key":   position,
				"value": required(number),
			}))),
		}))),
	}
}

// rings accepts lists with an item for each of two rings.
func rings(path string, value any) []Problem {
	if n := len(value.([]any)); n != 2 {
		return at(path, "must have 2 items, one for each ring, has %d", n)
	}
	return nil
}

// donutKeys finds keys of slices and segments that are no positions in the
// labels.
func donutKeys(path string, value any) (problems []Problem) {
	members := value.(map[string]any)
	labels := members["labels"].([]any)
	within := func(path string, ring int, key any) {
		if position, n := must(key), len(labels[ring].([]any)); position >= int64(n) {
			problems = append(problems, at(path+".key", "is %d, and there are %d labels", position, n)...)
		}
	}
	for i, slice := range objects(members["data"]) {
		path := fmt.Sprintf("%s.data[%d]", path, i)
		within(path, 0, slice["key"])
		for j, segment := range objects(slice["segments"]) {
			within(fmt.Sprintf("%s.segments[%d]", path, j), 1, segment["key"])
		}
	}
	return problems
}

// must returns a value that is known to be a whole number.
func must(value any) int64 {
	n, _ := whole(value)
	return n
}

// objects returns the items of a list of objects.
func objects(value any) []map[string]any {
	items, _ := value.([]any)
	found := make([]map[string]any, len(items))
	for i := range items {
		found[i], _ = items[i].(map[string]any)
	}
	return found
}

// chart is the members of a chart of bars or lines.
func chart() fields {
	return fields{
		"keys": required(list(openObject(fields{
			"key":   required(anyString),
			"label": required(anyString),
		}))),
		"key_type": required(oneOf("string", "timestamp")),
		"data": required(list(openObject(fields{
			"key":   required(anything),
			"label": required(anyString),
			"value": required(number),
			"values": required(list(openObject(fields{
				"key":      required(anyString),
				"value":    required(number),
				"tooltip":  optional(anyString),
				"link_uri": optional(anyString),
			}))),
		}))),
	}
}

// chartKeys finds points whose keys are not of the chart's key_type, and values
// of a series that the chart doesn't have.
func chartKeys(path string, value any) (problems []Problem) {
	members := value.(map[string]any)
	series := map[any]bool{}
	for _, key := range objects(members["keys"]) {
		series[key["key"]] = true
	}
	key := rule(anyString)
	if members["key_type"] == "timestamp" {
		key = integer(0, math.MaxInt64)
	}
	for i, point := range objects(members["data"]) {
		path := fmt.Sprintf("%s.data[%d]", path, i)
		problems = append(problems, key(path+".key", point["key"])...)
		for j, v := range objects(point["values"]) {
			if !series[v["key"]] {
				problems = append(problems, at(fmt.Sprintf("%s.values[%d].key", path, j), "%s is none of the chart's keys", describe(v["key"]))...)
			}
		}
	}
	return problems
}
