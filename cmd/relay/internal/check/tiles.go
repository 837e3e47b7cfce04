package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/check/shape"
	"github.com/serverless-relay/relay/shared/relay"
)

const (
	tilesPath    = "/tiles"
	tilePath     = "/tiles/tile"
	tileDataPath = "/tiles/tile-data"
)

// The bodies that ask for a tile, and for its data, that no relay has.
const (
	noTile     = `{"tile_id": "relay-check-no-such-tile"}`
	noTileData = `{"tile_id": "relay-check-no-such-tile", "period": "last_hour"}`
)

// tiles checks the dashboard: the list of tiles, each of them, and its data for
// each of its periods.
func (r *runner) tiles(ctx context.Context, wrong []wrongToken) {
	if !r.served(ctx, tilesPath, "") {
		return
	}
	r.refuses(ctx, tilesPath, "", wrong)
	listed := answered("tiles, or an empty list", shape.All(shape.List(tile()), differentTiles))
	first := r.check(ctx, "the tiles", r.real(tilesPath, ""), listed)
	for range r.Repeat - 1 {
		r.check(ctx, "asked again", r.real(tilesPath, ""), listed)
	}
	r.check(ctx, "with a slash at the end", r.good(tilesPath+"/", ""), listed)
	list, _ := first.data().([]any)
	tiles := objects(list[:min(len(list), maxTiles)])
	if r.served(ctx, tilePath, noTile) {
		r.refuses(ctx, tilePath, noTile, wrong)
		r.refusesFirst(ctx, tilePath)
		r.eachTile(ctx, tiles)
	}
	if r.served(ctx, tileDataPath, noTileData) {
		r.refuses(ctx, tileDataPath, noTileData, wrong)
		r.refusesFirst(ctx, tileDataPath)
		r.eachTileData(ctx, tiles)
	}
}

// periods are those that the platform knows.
func periods() []relay.Period {
	return []relay.Period{relay.LastHour, relay.Last24Hours, relay.Last7Days, relay.Last30Days, relay.Last60Days, relay.Last90Days}
}

// maxTiles is how many tiles are looked into.
const maxTiles = 50

// threatMap is the one type of tile whose data isn't documented.
const threatMap = "threat_map"

func tile() shape.Rule {
	fields := shape.OpenObject(shape.Fields{
		"id": shape.Required(shape.Filled()),
		"type": shape.Required(shape.Word(relay.MetricGroup, relay.DonutGraph, relay.VerticalBarChart, relay.HorizontalBarChart, relay.LineChart,
			relay.MarkdownTile, threatMap)),
		"title":             shape.Required(shape.Filled()),
		"description":       shape.Required(shape.Text(0)),
		"short_description": shape.Required(shape.Text(0)),
		"tags":              shape.Required(shape.List(shape.Text(0))),
		"periods":           shape.Required(shape.Set(shape.Word(periods()...))),
		"default_period":    shape.Required(shape.Word(periods()...)),
	})
	return shape.All(fields, func(path string, value any) []shape.Problem {
		members := value.(map[string]any)
		if list := members["periods"].([]any); !slices.Contains(list, members["default_period"]) {
			return shape.At(path+".default_period", "%v is not one of the tile's periods", members["default_period"])
		}
		return nil
	})
}

// differentTiles wants each tile to have an id of its own.
func differentTiles(path string, value any) (problems []shape.Problem) {
	seen := map[any]bool{}
	for i, t := range objects(value.([]any)) {
		if seen[t["id"]] {
			problems = append(problems, shape.At(fmt.Sprintf("%s[%d].id", path, i), "%v is another tile's, too", t["id"])...)
		}
		seen[t["id"]] = true
	}
	return problems
}

// eachTile checks /tiles/tile. What is said of a tile that isn't there is not
// laid down.
func (r *runner) eachTile(ctx context.Context, tiles []map[string]any) {
	for _, t := range tiles {
		same := func(path string, value any) []shape.Problem {
			if encode(value) != encode(t) {
				return shape.At(path, "is not what %s says of the tile", tilesPath)
			}
			return nil
		}
		body := encode(map[string]any{"tile_id": t["id"]})
		r.check(ctx, fmt.Sprintf("the tile %v", t["id"]), r.real(tilePath, body), answered("the tile as "+tilesPath+" has it", shape.All(tile(), same)))
	}
	r.check(ctx, "no such tile", r.good(tilePath, noTile), refused(relay.CodeInvalidArgument, anything(), nil).leniently())
	r.check(ctx, "with a slash at the end", r.good(tilePath+"/", noTile), refused(relay.CodeInvalidArgument, anything(), nil).leniently())
	r.refusesForms(ctx, tilePath, []badBody{
		{"no body", "", complaining("Invalid input type.")},
		{"a list for a form", "[]", complaining("Invalid input type.")},
		{"no tile_id", "{}", complaining("Missing data for required field.", "tile_id")},
		{"an empty tile_id", `{"tile_id": ""}`, complaining("Field may not be blank.", "tile_id")},
		{"a number for a tile_id", `{"tile_id": 7}`, complaining("Not a valid string.", "tile_id")},
		{"an unknown field", `{"tile_id": "x", "relay-check": "x"}`, complaining("Unknown field.", "relay-check")},
	})
}

// eachTileData checks /tiles/tile-data.
func (r *runner) eachTileData(ctx context.Context, tiles []map[string]any) {
	for _, t := range tiles {
		id, _ := t["id"].(string)
		kind, _ := t["type"].(string)
		list, _ := t["periods"].([]any)
		for _, period := range list[:min(len(list), len(periods()))] {
			body := encode(map[string]any{"tile_id": id, "period": period})
			r.check(ctx, fmt.Sprintf("the data of %s for %v", id, period), r.real(tileDataPath, body),
				answered("data of a "+strings.ReplaceAll(kind, "_", " "), tileData(id, period, kind)))
		}
		wrong := encode(map[string]any{"tile_id": id, "period": "last_century"})
		r.check(ctx, "no such period of "+id, r.good(tileDataPath, wrong), refused(relay.CodeInvalidArgument, anything(), nil).leniently())
	}
	r.check(ctx, "no such tile", r.good(tileDataPath, noTileData), refused(relay.CodeInvalidArgument, anything(), nil).leniently())
	r.check(ctx, "with a slash at the end", r.good(tileDataPath+"/", noTileData), refused(relay.CodeInvalidArgument, anything(), nil).leniently())
	r.refusesForms(ctx, tileDataPath, []badBody{
		{"no body", "", complaining("Invalid input type.")},
		{"no tile_id", `{"period": "last_hour"}`, complaining("Missing data for required field.", "tile_id")},
		{"no period", `{"tile_id": "x"}`, complaining("Missing data for required field.", "period")},
		{"an empty period", `{"tile_id": "x", "period": ""}`, complaining("Field may not be blank.", "period")},
		{"an unknown field", `{"tile_id": "x", "period": "last_hour", "relay-check": "x"}`, complaining("Unknown field.", "relay-check")},
	})
}
