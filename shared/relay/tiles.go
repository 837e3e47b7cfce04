package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// The fields of a tile's form.
const (
	tileIDField = "tile_id"
	periodField = "period"
)

// tileDataLifetime is how long a tile's data may be shown unless the provider
// says otherwise.
const tileDataLifetime = time.Minute

// Tiles are the routes of the function "tiles": the dashboard's tiles, one of
// them, and its data.
func (r *Relay) Tiles() Routes {
	return Routes{
		"/tiles":           r.handle("/tiles", r.tiles),
		"/tiles/tile":      r.handle("/tiles/tile", r.tile),
		"/tiles/tile-data": r.handle("/tiles/tile-data", r.tileData),
	}
}

func (r *Relay) tiles(ctx context.Context, req *request) []byte {
	if err := req.authenticate(); err != nil {
		return req.refuse(ctx, nil, err)
	}
	dashboard, err := req.dashboard(ctx)
	if err != nil {
		return req.refuse(ctx, nil, err)
	}
	return envelope{Data: append([]Tile{}, dashboard.Tiles()...)}.marshal()
}

func (r *Relay) tile(ctx context.Context, req *request) []byte {
	asked, err := req.tile(ctx, tileIDField)
	if err != nil {
		return req.refuse(ctx, nil, err)
	}
	return envelope{Data: asked.Tile}.marshal()
}

func (r *Relay) tileData(ctx context.Context, req *request) []byte {
	asked, err := req.tile(ctx, tileIDField, periodField)
	if err != nil {
		return req.refuse(ctx, nil, err)
	}
	if !slices.Contains(asked.Periods, asked.period) {
		return req.refuse(ctx, nil, Errorf(CodeInvalidArgument, "The tile %s has no period %s. It has %s.",
			asked.ID, shorten(string(asked.period), maxFieldName), strings.Trim(fmt.Sprint(asked.Periods), "[]")))
	}
	var data TileData
	err = await(ctx, func(ctx context.Context) (err error) {
		data, err = asked.dashboard.TileData(ctx, asked.ID, asked.period)
		return err
	})
	if err != nil {
		return req.refuse(ctx, nil, err)
	}
	body, err := data.of(asked.Tile, asked.period, time.Now())
	if err != nil {
		return req.refuse(ctx, nil, err)
	}
	return envelope{Data: body}.marshal()
}

// noDashboard is that of a provider without one.
type noDashboard struct{}

func (noDashboard) Tiles() []Tile { return nil }

func (noDashboard) TileData(context.Context, string, Period) (TileData, error) {
	return TileData{}, errors.New("there are no tiles")
}

// dashboard connects and gives the provider's dashboard.
func (req *request) dashboard(ctx context.Context) (Dashboard, error) {
	if err := req.connect(ctx, nil); err != nil {
		return nil, err
	}
	dashboard, ok := req.session.(Dashboard)
	if !ok {
		return noDashboard{}, nil
	}
	return dashboard, nil
}

// askedTile is a tile that was asked for, and the period if that was too.
type askedTile struct {
	Tile
	period    Period
	dashboard Dashboard
}

// tile authenticates, reads a form with these fields and finds its tile.
func (req *request) tile(ctx context.Context, fields ...string) (askedTile, error) {
	if err := req.authenticate(); err != nil {
		return askedTile{}, err
	}
	form, err := readForm(req.http, false, fields...)
	if err != nil {
		return askedTile{}, err
	}
	dashboard, err := req.dashboard(ctx)
	if err != nil {
		return askedTile{}, err
	}
	for _, tile := range dashboard.Tiles() {
		if tile.ID == form[tileIDField] {
			return askedTile{tile, Period(form[periodField]), dashboard}, nil
		}
	}
	return askedTile{}, Errorf(CodeInvalidArgument, "There is no tile %s. /tiles lists them.", shorten(form[tileIDField], maxFieldName))
}

// of is the data as it stands in the answer about a tile.
func (d TileData) of(tile Tile, p Period, now time.Time) (tileData, error) {
	if d.Content == nil || !d.Content.fits(tile.Type) {
		return tileData{}, fmt.Errorf("tile %s: a %s can't show %T", tile.ID, tile.Type, d.Content)
	}
	if d.ObservedTime.Start.IsZero() {
		d.ObservedTime = ctim.ObservedTime{Start: ctim.At(now.Add(-p.Duration())), End: ctim.At(now)}
	}
	if d.ValidTime.Start.IsZero() {
		d.ValidTime = ctim.Between(now, now.Add(tileDataLifetime))
	}
	if d.CacheScope == "" {
		d.CacheScope = CacheOrg
	}
	body := tileData{TileID: tile.ID, Period: p, ObservedTime: d.ObservedTime, ValidTime: d.ValidTime, HideLegend: d.HideLegend, CacheScope: d.CacheScope}
	d.Content.fill(&body)
	return body, nil
}
