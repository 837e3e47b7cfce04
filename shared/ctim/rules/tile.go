package rules

import (
	"slices"

	"github.com/serverless-relay/relay/shared/relay"
)

// tile accepts the description of a tile.
func tile() rule {
	f := openObject(fields{
		"id":                required(filled),
		"type":              required(oneOf("metric_group", "donut_graph", "vertical_bar_chart", "horizontal_bar_chart", "line_chart", "markdown", "data_table", "threat_map")),
		"title":             required(filled),
		"description":       required(anyString),
		"short_description": required(anyString),
		"tags":              required(list(anyString)),
		"periods":           required(set(period())),
		"default_period":    expected(period()),
	})
	return all(f, func(path string, value any) []Problem {
		members := value.(map[string]any)
		if chosen, ok := members["default_period"]; ok && !slices.Contains(members["periods"].([]any), chosen) {
			return at(member(path, "default_period"), "must be one of the tile's periods, is %s", describe(chosen))
		}
		return nil
	})
}

// tileOrNothing accepts the description of a tile. Some working relays answer
// /tiles/tile with an empty object, which is a warning.
func tileOrNothing() rule {
	described := tile()
	return func(path string, value any) []Problem {
		if members, ok := value.(map[string]any); ok && len(members) == 0 {
			return warnAt(path, "is empty: it should be the tile as /tiles lists it")
		}
		return described(path, value)
	}
}

// period accepts the periods that the platform knows.
func period() rule {
	return oneOf(relay.LastHour, relay.Last24Hours, relay.Last7Days, relay.Last30Days, relay.Last60Days, relay.Last90Days)
}

// tiles accepts the descriptions of all tiles, whose ids must differ.
func tiles() rule {
	return all(list(tile()), func(path string, value any) (problems []Problem) {
		first := map[any]string{}
		for i, t := range value.([]any) {
			id, path := t.(map[string]any)["id"], item(path, i)
			if before, again := first[id]; again {
				problems = append(problems, at(path+".id", "is the id of %s, too: each tile needs its own", before)...)
				continue
			}
			first[id] = path
		}
		return problems
	})
}
