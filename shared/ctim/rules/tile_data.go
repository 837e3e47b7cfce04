package rules

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// tileData accepts the data of a tile of the type kind. The platform publishes no
// schema, so these are the forms that working relays use. Other members are allowed.
// Forms that only some relays use are warnings. If kind isn't a type of tile, only the
// members that all types share are checked.
func tileData(kind string) rule {
	times := required(span(tileTime, required, required))
	f := fields{
		"tile_id":       expected(anyString),
		"period":        expected(period()),
		"observed_time": times,
		"valid_time":    times,
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
	case "data_table":
		return openObject(f.with(fields{"data": required(dataTableContent())}))
	case "threat_map":
		return openObject(f.with(fields{"data": required(list(place()))}))
	default:
		return openObject(f)
	}
}

// tileTime accepts the times of tile data. One without a zone is a warning.
func tileTime(path string, value any) []Problem {
	text, _ := value.(string)
	if _, err := time.Parse("2006-01-02T15:04:05", text); err == nil {
		return warnAt(path, "should be in UTC with milliseconds, as in %s, is %s", platformTime, quote(text))
	}
	return timestamp(path, value)
}

// linkAndTooltip adds the link and the tooltip that a value may have.
func linkAndTooltip(own fields) fields {
	return fields{
		"link_uri": optional(all(anyString, warn(webURL))),
		"tooltip":  optional(anyString),
	}.with(own)
}

// metric accepts the metrics of a metric_group. A value that is a string, and a
// unit called value-unit, are warnings.
func metric() rule {
	f := openObject(linkAndTooltip(fields{
		"icon":  required(all(anyString, warn(oneOf(icons()...)))),
		"label": required(anyString),
		"value": required(func(path string, value any) []Problem {
			if text, ok := value.(string); ok {
				return warnAt(path, "should be a number, is %s", quote(text))
			}
			return number(path, value)
		}),
		"value_unit": optional(anyString),
	}))
	return all(f, func(path string, value any) []Problem {
		members := value.(map[string]any)
		if _, ok := members["value_unit"]; ok {
			return nil
		}
		if _, ok := members["value-unit"].(string); ok {
			return warnAt(member(path, "value-unit"), "should be called value_unit")
		}
		return at(member(path, "value_unit"), `is missing, such as "integer"`)
	})
}

// icons returns the icons that working relays use.
func icons() []string {
	return []string{
		"add", "alarm", "alert", "block", "brain", "bulleted-list", "calendar", "chart-bar", "clean", "clock", "close", "collapse", "computer",
		"copy", "critical-stop", "device-type", "domain", "edit", "good", "help", "information", "intrusion-policy", "ip", "label-group", "mail",
		"malicious", "malware", "monitor", "nat-translated-port", "object", "percent", "query", "settings", "sort", "static-nat", "stop", "sync",
		"target", "trash", "umbrella", "url", "user", "view", "view-metadata", "vpn", "warning",
	}
}

// donut returns the members of a donut of one ring or two.
func donut() fields {
	position := required(integer(0, math.MaxInt64))
	return fields{
		"labels": required(all(list(list(anyString)), func(path string, value any) []Problem {
			if n := len(value.([]any)); n != 1 && n != 2 {
				return at(path, "must have 1 or 2 items, one for each ring, has %d", n)
			}
			return nil
		})),
		"label_headers": optional(list(anyString)),
		"data": required(list(openObject(linkAndTooltip(fields{
			"key":   position,
			"value": required(number),
			"segments": optional(list(openObject(linkAndTooltip(fields{
				"key":   position,
				"value": required(number),
			})))),
		})))),
	}
}

// donutKeys finds keys of slices and segments that are not positions in the labels.
// Rings without a header are a warning.
func donutKeys(path string, value any) (problems []Problem) {
	members := value.(map[string]any)
	rings := members["labels"].([]any)
	within := func(path string, ring int, key any) {
		labels := []any{}
		if ring < len(rings) {
			labels = rings[ring].([]any)
		}
		if position, _ := whole(key); position >= int64(len(labels)) {
			problems = append(problems, at(path+".key", "is %d, and there are %d labels", position, len(labels))...)
		}
	}
	for i, slice := range objects(members["data"]) {
		path := fmt.Sprintf("%s.data[%d]", path, i)
		within(path, 0, slice["key"])
		for j, segment := range objects(slice["segments"]) {
			within(fmt.Sprintf("%s.segments[%d]", path, j), 1, segment["key"])
		}
	}
	headers, _ := members["label_headers"].([]any)
	if len(rings) == 2 && len(headers) != 2 {
		problems = append(problems, warnAt(path+".label_headers", "should have 2 items, one for each ring, has %d", len(headers))...)
	}
	return problems
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

// chart returns the members of a chart of bars or lines.
func chart() fields {
	return fields{
		"keys": required(list(openObject(fields{
			"key":   required(anyString),
			"label": required(anyString),
		}))),
		"key_type": required(oneOf("string", "timestamp")),
		"data": required(list(openObject(linkAndTooltip(fields{
			"key":   expected(anything),
			"label": required(anyString),
			"value": required(number),
			"values": required(list(openObject(linkAndTooltip(fields{
				"key":   required(anyString),
				"value": required(number),
			})))),
		})))),
	}
}

// chartKeys finds points with keys of another type than the chart's key_type, and
// values of series that the chart doesn't have.
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
		if value, ok := point["key"]; ok {
			problems = append(problems, key(path+".key", value)...)
		}
		for j, v := range objects(point["values"]) {
			if !series[v["key"]] {
				problems = append(problems, at(fmt.Sprintf("%s.values[%d].key", path, j), "must be one of the chart's keys, is %s", describe(v["key"]))...)
			}
		}
	}
	return problems
}

// dataTableContent accepts the columns and rows of a data_table. A row without a
// cell for a column is a warning.
func dataTableContent() rule {
	f := openObject(fields{
		"columns": required(list(openObject(fields{
			"key":          required(filled),
			"label":        required(anyString),
			"content_type": required(all(anyString, warn(oneOf("text", "filter_text", "linked_text")))),
		}))),
		"rows":         required(list(openObject(fields{"link_uri": optional(all(anyString, warn(webURL)))}))),
		"hide_filters": optional(boolean),
	})
	return all(f, func(path string, value any) (problems []Problem) {
		members := value.(map[string]any)
		for i, row := range objects(members["rows"]) {
			for _, column := range objects(members["columns"]) {
				key := column["key"].(string)
				switch cell := row[key].(type) {
				case nil, map[string]any, []any:
					problems = append(problems, warnAt(member(item(path+".rows", i), key), "should be a text, is %s", describe(cell))...)
				}
			}
		}
		return problems
	})
}

// place accepts a point on a threat_map.
func place() rule {
	return openObject(fields{
		"coordinates": required(all(list(number), func(path string, value any) []Problem {
			degrees := value.([]any)
			if len(degrees) != 2 {
				return at(path, "must have 2 items, latitude and longitude, has %d", len(degrees))
			}
			for i, most := range []float64{90, 180} {
				if f, err := degrees[i].(json.Number).Float64(); err != nil || math.Abs(f) > most {
					return at(item(path, i), "must be from -%v to %v degrees, is %s", most, most, describe(degrees[i]))
				}
			}
			return nil
		})),
		"ip_address": expected(anyString),
		"volume":     expected(number),
		"email_type": expected(anyString),
		"hostname":   expected(anyString),
	})
}
