package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/text"
)

// The fields of a tile's form.
const (
	tileIDField = "tile_id"
	periodField = "period"
)

// Tiles returns the routes of the function "tiles": all tiles of the dashboard, one
// tile, and a tile's data.
func (s *Server) Tiles() Routes {
	return Routes{
		"/tiles":           s.tileRoute("/tiles", allTiles),
		"/tiles/tile":      s.tileRoute("/tiles/tile", oneTile, tileIDField),
		"/tiles/tile-data": s.tileRoute("/tiles/tile-data", tileData, tileIDField, periodField),
	}
}

// tileRoute returns the handler of a route whose form has the fields. Without fields, the
// body is ignored. answer returns the data from the form.
func (s *Server) tileRoute(path string, answer func(context.Context, *request, relay.Dashboard, map[string]string) (any, error), fields ...string) http.Handler {
	return s.handle(path, func(ctx context.Context, req *request) (any, error) {
		var form map[string]string
		if len(fields) > 0 {
			var err error
			if form, err = readForm(req.http, false, fields...); err != nil {
				return nil, err
			}
		}
		if err := req.connect(ctx, nil); err != nil {
			return nil, err
		}
		dashboard, ok := req.session.(relay.Dashboard)
		if !ok {
			dashboard = noDashboard{}
		}
		return answer(ctx, req, dashboard, form)
	})
}

func allTiles(_ context.Context, _ *request, dashboard relay.Dashboard, _ map[string]string) (any, error) {
	return append([]relay.Tile{}, dashboard.Tiles()...), nil
}

func oneTile(_ context.Context, _ *request, dashboard relay.Dashboard, form map[string]string) (any, error) {
	tile, err := findTile(dashboard, form[tileIDField])
	if err != nil {
		return nil, err
	}
	return tile, nil
}

func tileData(ctx context.Context, req *request, dashboard relay.Dashboard, form map[string]string) (any, error) {
	tile, err := findTile(dashboard, form[tileIDField])
	if err != nil {
		return nil, err
	}
	period := relay.Period(form[periodField])
	if !slices.Contains(tile.Periods, period) {
		return nil, relay.Errorf(relay.CodeInvalidArgument, "The tile %s has no period %s. It has %s.",
			tile.ID, text.Shorten(string(period), maxFieldName), strings.Trim(fmt.Sprint(tile.Periods), "[]"))
	}
	data, err := await(ctx, func(ctx context.Context) (relay.TileData, error) { return dashboard.TileData(ctx, tile.ID, period) })
	if err != nil {
		return nil, err
	}
	return tile.Render(data, period, req.start)
}

func findTile(dashboard relay.Dashboard, id string) (relay.Tile, error) {
	for _, tile := range dashboard.Tiles() {
		if tile.ID == id {
			return tile, nil
		}
	}
	return relay.Tile{}, relay.Errorf(relay.CodeInvalidArgument, "There is no tile %s. /tiles lists them.", text.Shorten(id, maxFieldName))
}

// noDashboard is the dashboard of a session without tiles.
type noDashboard struct{ relay.Dashboard }

func (noDashboard) Tiles() []relay.Tile { return nil }
