package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/ctim/rules"
	"github.com/serverless-relay/relay/shared/relay"
)

// dashboard has a tile of each type, with the content by type.
type dashboard map[relay.TileType]relay.TileContent

func (d dashboard) Tiles() []relay.Tile {
	var tiles []relay.Tile
	for _, kind := range []relay.TileType{relay.MetricGroup, relay.DonutGraph, relay.VerticalBarChart, relay.MarkdownTile, relay.DataTableTile, relay.ThreatMapTile} {
		tiles = append(tiles, relay.Tile{ID: string(kind), Type: kind, Title: "T", Description: "D", ShortDescription: "S",
			Tags: []string{"tag"}, Periods: []relay.Period{relay.LastHour, relay.Last7Days}, DefaultPeriod: relay.Last7Days})
	}
	return tiles
}

func (d dashboard) TileData(_ context.Context, id string, _ relay.Period) (relay.TileData, error) {
	content, ok := d[relay.TileType(id)]
	if !ok {
		return relay.TileData{}, errors.New("dial tcp: " + secret)
	}
	return relay.TileData{Content: content}, nil
}

func TestTiles(t *testing.T) {
	r := newRelay(dashboard{})
	one := `{"id":"metric_group","type":"metric_group","title":"T","description":"D","short_description":"S","tags":["tag"],` +
		`"periods":["last_hour","last_7_days"],"default_period":"last_7_days"}`
	if got := ask(t.Context(), t, r, "/tiles", "{}"); !strings.HasPrefix(string(got.raw), `{"data":[`+one+`,{"id":"donut_graph",`) || len(got.Errors) > 0 {
		t.Errorf("got %s", got.raw)
	}
	if got := ask(t.Context(), t, r, "/tiles/tile", `{"tile_id":"metric_group"}`); string(got.raw) != `{"data":`+one+`}` {
		t.Errorf("got %s", got.raw)
	}
}

func TestTileData(t *testing.T) {
	const head = `{"data":{"tile_id":"%s","period":"%s","observed_time":{"start_time":"%s","end_time":"2000-01-01T00:00:00.000Z"},` +
		`"valid_time":{"start_time":"2000-01-01T00:00:00.000Z","end_time":"2000-01-01T00:01:00.000Z"},"hide_legend":false,"cache_scope":"org",`
	const week, hour = "1999-12-25T00:00:00.000Z", "1999-12-31T23:00:00.000Z"
	for _, tt := range []struct {
		kind    relay.TileType
		period  relay.Period
		start   string
		content relay.TileContent
		want    string
	}{
		{relay.MetricGroup, relay.LastHour, hour, relay.Metrics{{Icon: "block", Label: "Bad", Value: 7, Unit: "integer"}},
			`"data":[{"icon":"block","label":"Bad","value":7,"value_unit":"integer"}]}}`},
		{relay.MetricGroup, relay.Last7Days, week, relay.Metrics(nil), `"data":[]}}`},
		{relay.DonutGraph, relay.Last7Days, week, relay.Donut{Labels: [2][]string{{"ip"}, {"Bad"}}, Headers: [2]string{"Type", "Disposition"},
			Slices: []relay.Slice{{Key: 0, Value: 2, Segments: []relay.Segment{{Key: 0, Value: 2}}}}},
			`"labels":[["ip"],["Bad"]],"label_headers":["Type","Disposition"],"data":[{"key":0,"value":2,"segments":[{"key":0,"value":2}]}]}}`},
		{relay.DonutGraph, relay.Last7Days, week, relay.Donut{}, `"labels":[[],[]],"label_headers":["",""],"data":[]}}`},
		{relay.VerticalBarChart, relay.Last7Days, week, relay.Chart{Keys: []relay.ChartKey{{Key: "bad", Label: "Bad"}}, Timestamps: true,
			Points: []relay.Point{{Key: int64(946684800000), Label: "1 January", Value: 1, Values: []relay.PointValue{{Key: "bad", Value: 1}}}}},
			`"keys":[{"key":"bad","label":"Bad"}],"key_type":"timestamp","data":[{"key":946684800000,"label":"1 January","value":1,"values":[{"key":"bad","value":1}]}]}}`},
		{relay.VerticalBarChart, relay.Last7Days, week, relay.Chart{}, `"keys":[],"key_type":"string","data":[]}}`},
		{relay.MarkdownTile, relay.Last7Days, week, relay.Markdown{"a", "b"}, `"data":["a","b"]}}`},
		{relay.MarkdownTile, relay.Last7Days, week, relay.Markdown{}, `"data":[]}}`},
		{relay.DataTableTile, relay.Last7Days, week, relay.DataTable{
			Columns: []relay.Column{{Key: "name", Label: "Name", Type: relay.LinkColumn}, {Key: "seen", Label: "Seen", Type: relay.TextColumn}},
			Rows: []relay.Row{{Cells: map[string]string{"name": "a", "seen": "today"}, Link: "https://example.com/a"},
				{Cells: map[string]string{"name": "b", "of no column": "x"}}},
			HideFilters: true},
			`"data":{"columns":[{"key":"name","label":"Name","content_type":"linked_text"},{"key":"seen","label":"Seen","content_type":"text"}],` +
				`"rows":[{"link_uri":"https://example.com/a","name":"a","seen":"today"},{"name":"b","seen":""}],"hide_filters":true}}}`},
		{relay.DataTableTile, relay.Last7Days, week, relay.DataTable{}, `"data":{"columns":[],"rows":[],"hide_filters":false}}}`},
		{relay.ThreatMapTile, relay.Last7Days, week, relay.ThreatMap{{Coordinates: [2]float64{52.5, 13.4}, IP: "192.0.2.1", Volume: 3, EmailType: "N/A", Hostname: "a.example"}},
			`"data":[{"coordinates":[52.5,13.4],"ip_address":"192.0.2.1","volume":3,"email_type":"N/A","hostname":"a.example"}]}}`},
		{relay.ThreatMapTile, relay.Last7Days, week, relay.ThreatMap(nil), `"data":[]}}`},
	} {
		t.Run(fmt.Sprintf("%s %s", tt.kind, tt.period), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := ask(t.Context(), t, newRelay(dashboard{tt.kind: tt.content}), "/tiles/tile-data", fmt.Sprintf(`{"tile_id":"%s","period":"%s"}`, tt.kind, tt.period))
				if want := fmt.Sprintf(head, tt.kind, tt.period, tt.start) + tt.want; string(got.raw) != want {
					t.Errorf("got  %s\nwant %s", got.raw, want)
				}
				for _, p := range rules.TileData(string(tt.kind), got.raw) {
					t.Error(p)
				}
			})
		})
	}
}

// timed is a dashboard whose data has its own times and scope.
type timed struct{ dashboard }

func (timed) TileData(context.Context, string, relay.Period) (relay.TileData, error) {
	at := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	return relay.TileData{
		ObservedTime: ctim.ObservedTime{Start: ctim.At(at(1990)), End: ctim.At(at(1991))}, ValidTime: ctim.Between(at(1992), at(1993)),
		HideLegend: true, CacheScope: relay.CacheUser, Content: relay.Markdown{},
	}, nil
}

func TestTileDataKeepsTheProvidersValues(t *testing.T) {
	got := ask(t.Context(), t, newRelay(timed{}), "/tiles/tile-data", `{"tile_id":"markdown","period":"last_hour"}`)
	if want := `{"data":{"tile_id":"markdown","period":"last_hour","observed_time":{"start_time":"1990-01-01T00:00:00.000Z","end_time":"1991-01-01T00:00:00.000Z"},` +
		`"valid_time":{"start_time":"1992-01-01T00:00:00.000Z","end_time":"1993-01-01T00:00:00.000Z"},"hide_legend":true,"cache_scope":"user","data":[]}}`; string(got.raw) != want {
		t.Errorf("got  %s\nwant %s", got.raw, want)
	}
}

func TestPeriods(t *testing.T) {
	for p, hours := range map[relay.Period]int{relay.LastHour: 1, relay.Last24Hours: 24, relay.Last7Days: 168, relay.Last30Days: 720, relay.Last60Days: 1440, relay.Last90Days: 2160, "last_century": 0} {
		if p.Duration() != time.Duration(hours)*time.Hour {
			t.Errorf("%s has %v", p, p.Duration())
		}
	}
}

func TestTileDataErrors(t *testing.T) {
	r := newRelay(dashboard{relay.MetricGroup: relay.Markdown{"text"}})
	for body, want := range map[string]string{
		`{"tile_id":"moon","period":"last_hour"}`:            "There is no tile moon. /tiles lists them.",
		`{"tile_id":"markdown","period":"last_30_days"}`:     "The tile markdown has no period last_30_days. It has last_hour last_7_days.",
		`{"tile_id":"markdown","period":"last_century"}`:     "The tile markdown has no period last_century. It has last_hour last_7_days.",
		`{"tile_id":"markdown","period":"last_hour"}`:        "Something unexpected happened. The relay's log has the details.",
		`{"tile_id":"metric_group","period":"last_hour"}`:    "Something unexpected happened. The relay's log has the details.",
		`{"tile_id":"markdown","period":"last_hour","a":""}`: `Invalid JSON payload received. {"a": ["Unknown field."]}.`,
	} {
		got := ask(t.Context(), t, r, "/tiles/tile-data", body)
		if len(got.Errors) != 1 || got.Errors[0].Message != want || got.Errors[0].Type != relay.Fatal {
			t.Errorf("%s: got %s", body, got.raw)
		}
	}
}

func TestCapabilities(t *testing.T) {
	for _, tt := range []struct {
		session relay.Session
		want    string
	}{
		{nil, "[]"}, {struct{}{}, "[]"}, {health(nil), "[health]"}, {judge, "[observe]"}, {responder{}, "[respond]"}, {dashboard{}, "[tiles]"},
		{struct {
			health
			deliberator
			referrer
		}{}, "[health deliberate refer]"},
	} {
		if got := fmt.Sprint(relay.Declaration{Session: tt.session}.Capabilities()); got != tt.want {
			t.Errorf("%T: %s, want %s", tt.session, got, tt.want)
		}
	}
	apis := 1 // version
	for _, c := range relay.Capabilities() {
		for _, api := range c.APIs() {
			apis++
			if newRelay(nil).Routes()["/"+api] == nil {
				t.Errorf("%s has no route %s", c, api)
			}
		}
	}
	if all := newRelay(nil).Routes(); len(all) != apis {
		t.Errorf("%d of %d routes belong to a capability", apis, len(all))
	}
}
