package relay

import (
	"context"
	"net/http"
)

// Tiles are the routes of the function "tiles": the dashboard's tiles, one of
// them, and its data. No provider has any yet, so all are empty.
func (r *Relay) Tiles() Routes {
	return Routes{
		"/tiles": r.handle("/tiles", func(ctx context.Context, req *request) []byte {
			if err := req.authenticate(); err != nil {
				return req.refuse(ctx, nil, err)
			}
			return envelope{Data: []struct{}{}}.marshal()
		}),
		"/tiles/tile":      r.tile("/tiles/tile", "tile_id"),
		"/tiles/tile-data": r.tile("/tiles/tile-data", "tile_id", "period"),
	}
}

// tile is a route that wants the form of a tile with these fields.
func (r *Relay) tile(route string, fields ...string) http.Handler {
	return r.handle(route, func(ctx context.Context, req *request) []byte {
		if err := req.authenticate(); err != nil {
			return req.refuse(ctx, nil, err)
		}
		if err := checkForm(req.http, false, fields...); err != nil {
			return req.refuse(ctx, nil, err)
		}
		return envelope{Data: struct{}{}}.marshal()
	})
}
