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

	// The greatest numbers of tiles, and of periods of a tile, that are checked.
	maxTiles   = 50
	maxPeriods = 6
)

// tiles checks the list of tiles, each tile, and its data for each of its periods.
func (r *runner) tiles(ctx context.Context) {
	if !r.isServed(ctx, tilesPath, "") {
		return
	}
	listed := answered("tiles, or an empty list", valid(tilesPath), nil)
	first := r.check(ctx, "the tiles", r.timed(tilesPath, ""), listed)
	r.repeat(ctx, tilesPath, "", listed)
	r.check(ctx, "with a slash at the end", r.authorized(tilesPath+"/", ""), listed)

	tiles := objects(first.data())
	tiles = tiles[:min(len(tiles), maxTiles)]
	unknownTile := map[string]any{"tile_id": "relay-check-no-such-tile"}
	r.tileRoute(ctx, tilePath, unknownTile, tiles, r.tile)
	unknownTile["period"] = relay.LastHour
	r.tileRoute(ctx, tileDataPath, unknownTile, tiles, r.tileData)
}

// tileRoute checks a route with each tile, a tile that no relay has, and bad bodies.
// The protocol doesn't say how a relay refuses an unknown tile.
func (r *runner) tileRoute(ctx context.Context, path string, unknownTile map[string]any, tiles []map[string]any,
	eachTile func(context.Context, map[string]any)) {
	body := encode(unknownTile)
	if !r.isServed(ctx, path, body) {
		return
	}
	for _, t := range tiles {
		eachTile(ctx, t)
	}
	r.check(ctx, "an unknown tile", r.authorized(path, body), refused(relay.CodeInvalidArgument, anything()).optional())
	r.check(ctx, "with a slash at the end", r.authorized(path+"/", body), refused(relay.CodeInvalidArgument, anything()).optional())
	bodies := badForms(unknownTile)
	unknownTile["relay-check"] = "x"
	r.refusesBodies(ctx, path, append(bodies, badBody{"an unknown field", encode(unknownTile), complaint(unknown, "relay-check")}))
	delete(unknownTile, "relay-check")
}

func (r *runner) tile(ctx context.Context, tile map[string]any) {
	same := func(data any) []rules.Problem {
		if len(data.(map[string]any)) > 0 && encode(data) != encode(tile) {
			return problem("data", "differs from the tile in %s", tilesPath)
		}
		return nil
	}
	body := encode(map[string]any{"tile_id": tile["id"]})
	r.check(ctx, fmt.Sprintf("the tile %v", tile["id"]), r.timed(tilePath, body), answered("the tile as in "+tilesPath, valid(tilePath), same))
}

func (r *runner) tileData(ctx context.Context, tile map[string]any) {
	id, _ := tile["id"].(string)
	kind, _ := tile["type"].(string)
	periods, _ := tile["periods"].([]any)
	valid := func(body []byte) []rules.Problem { return rules.TileData(kind, body) }
	for _, period := range periods[:min(len(periods), maxPeriods)] {
		form := map[string]any{"tile_id": id, "period": period}
		repeated := func(data any) (problems []rules.Problem) {
			for _, name := range []string{"tile_id", "period"} {
				if got, ok := data.(map[string]any)[name]; ok && got != form[name] {
					message := fmt.Sprintf("should be %q as in the request, is %q", form[name], got)
					problems = append(problems, rules.Problem{Path: "data." + name, Message: message, Warning: true})
				}
			}
			return problems
		}
		r.check(ctx, fmt.Sprintf("the data of %s for %v", id, period), r.timed(tileDataPath, encode(form)),
			answered("data of a "+strings.ReplaceAll(kind, "_", " "), valid, repeated))
	}
	body := encode(map[string]any{"tile_id": id, "period": "last_century"})
	r.check(ctx, "an unknown period of "+id, r.authorized(tileDataPath, body), refused(relay.CodeInvalidArgument, anything()).optional())
}
