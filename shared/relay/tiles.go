package relay

import "context"

// Tiles are the routes of the function "tiles": the dashboard's tiles, one of
// them, and its data. No provider has any yet, so all are empty.
func (r *Relay) Tiles() Routes {
	form := func(route string, required ...string) Routes {
		return Routes{route: r.handle(route, func(ctx context.Context, req *request) []byte {
			if err := req.authenticate(); err != nil {
				return req.refuse(ctx, nil, err)
			}
			if _, err := readForm(req.http, false, required...); err != nil {
				return req.refuse(ctx, nil, err)
			}
			return envelope{Data: struct{}{}}.marshal()
		})}
	}
	return Routes{
		"/tiles": r.handle("/tiles", func(ctx context.Context, req *request) []byte {
			if err := req.authenticate(); err != nil {
				return req.refuse(ctx, nil, err)
			}
			return envelope{Data: []struct{}{}}.marshal()
		}),
		"/tiles/tile":      form("/tiles/tile", "tile_id")["/tiles/tile"],
		"/tiles/tile-data": form("/tiles/tile-data", "tile_id", "period")["/tiles/tile-data"],
	}
}
