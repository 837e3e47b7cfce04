package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/shared/ctim/rules"
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
	listed := answered("tiles, or an empty list", valid(tilesPath), nil)
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

// How many tiles, and periods of a tile, are checked at most.
const (
	maxTiles   = 50
	maxPeriods = 6
)

// eachTile checks /tiles/tile. What is said of a tile that isn't there is not
// laid down.
func (r *runner) eachTile(ctx context.Context, tiles []map[string]any) {
	for _, t := range tiles {
		same := func(data any) []rules.Problem {
			if len(data.(map[string]any)) > 0 && encode(data) != encode(t) {
				return problem("data", "is not what %s says of the tile", tilesPath)
			}
			return nil
		}
		body := encode(map[string]any{"tile_id": t["id"]})
		r.check(ctx, fmt.Sprintf("the tile %v", t["id"]), r.real(tilePath, body), answered("the tile as "+tilesPath+" has it", valid(tilePath), same))
	}
	r.check(ctx, "no such tile", r.good(tilePath, noTile), refused(relay.CodeInvalidArgument, anything()).warnOnly())
	r.check(ctx, "with a slash at the end", r.good(tilePath+"/", noTile), refused(relay.CodeInvalidArgument, anything()).warnOnly())
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
		validData := func(body []byte) []rules.Problem { return rules.TileData(kind, body) }
		for _, period := range list[:min(len(list), maxPeriods)] {
			question := map[string]any{"tile_id": id, "period": period}
			body := encode(question)
			asked := func(data any) (problems []rules.Problem) {
				for _, name := range []string{"tile_id", "period"} {
					if got, ok := data.(map[string]any)[name]; ok && got != question[name] {
						message := fmt.Sprintf("should be %q as in the request, is %q", question[name], got)
						problems = append(problems, rules.Problem{Path: "data." + name, Message: message, Warning: true})
					}
				}
				return problems
			}
			r.check(ctx, fmt.Sprintf("the data of %s for %v", id, period), r.real(tileDataPath, body),
				answered("data of a "+strings.ReplaceAll(kind, "_", " "), validData, asked))
		}
		wrong := encode(map[string]any{"tile_id": id, "period": "last_century"})
		r.check(ctx, "no such period of "+id, r.good(tileDataPath, wrong), refused(relay.CodeInvalidArgument, anything()).warnOnly())
	}
	r.check(ctx, "no such tile", r.good(tileDataPath, noTileData), refused(relay.CodeInvalidArgument, anything()).warnOnly())
	r.check(ctx, "with a slash at the end", r.good(tileDataPath+"/", noTileData), refused(relay.CodeInvalidArgument, anything()).warnOnly())
	r.refusesForms(ctx, tileDataPath, []badBody{
		{"no body", "", complaining("Invalid input type.")},
		{"no tile_id", `{"period": "last_hour"}`, complaining("Missing data for required field.", "tile_id")},
		{"no period", `{"tile_id": "x"}`, complaining("Missing data for required field.", "period")},
		{"an empty period", `{"tile_id": "x", "period": ""}`, complaining("Field may not be blank.", "period")},
		{"an unknown field", `{"tile_id": "x", "period": "last_hour", "relay-check": "x"}`, complaining("Unknown field.", "relay-check")},
	})
}
