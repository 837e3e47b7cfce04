package check_test

import (
	"context"
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// everything is a provider that serves all routes, and knows one domain.
type everything struct{}

var evil = ctim.Observable{Type: ctim.TypeDomain, Value: "evil.example"}

func (everything) Declaration() relay.Declaration {
	return relay.Declaration{
		Name: "everything", Title: "Everything", Session: everythingSession{},
		ObservableTypes: []ctim.ObservableType{ctim.TypeDomain, ctim.TypeURL},
		Credentials:     []relay.Credential{{Name: "key", Prompt: "A key"}},
	}
}

func (e everything) Open(relay.OpenOptions) (relay.Service, error) { return e, nil }

func (everything) Connect(context.Context, relay.Request) (relay.Session, error) {
	return everythingSession{}, nil
}

type everythingSession struct{}

func (everythingSession) Health(context.Context) (relay.Quotas, error) { return nil, nil }

func (s everythingSession) Deliberate(ctx context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
	found, err := s.Observe(ctx, o)
	return found.Judgements, err
}

func (everythingSession) Observe(_ context.Context, o ctim.Observable) (ctim.Bundle, error) {
	if o != evil {
		return ctim.Bundle{}, nil
	}
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	base := func(kind string) ctim.Base { return ctim.Base{ID: ctim.NewID(kind, o.Value), Source: "Everything"} }
	valid := ctim.Between(start, start.AddDate(100, 0, 0))
	text := ctim.RequiredText{Title: "t", ShortDescription: "s", Description: "d"}
	judgement := ctim.Judgement{Base: base("judgement"), Observable: o, Disposition: ctim.Malicious, Severity: ctim.SeverityHigh,
		Confidence: ctim.ConfidenceHigh, Priority: ctim.PriorityCurated, ValidTime: valid}
	indicator := ctim.Indicator{Base: base("indicator"), Producer: "Everything", ValidTime: valid}
	return ctim.Bundle{
		Judgements: []ctim.Judgement{judgement},
		Indicators: []ctim.Indicator{indicator},
		Sightings: []ctim.Sighting{{Base: base("sighting"), Confidence: ctim.ConfidenceLow, Count: 1, Observables: []ctim.Observable{o},
			ObservedTime: ctim.ObservedTime{Start: ctim.At(start)}}},
		Malwares:           []ctim.Malware{{Base: base("malware"), RequiredText: text, Labels: ctim.List[ctim.MalwareLabel]{ctim.MalwareBot}}},
		Tools:              []ctim.Tool{{Base: base("tool"), RequiredText: text}},
		Actors:             []ctim.Actor{{Base: base("actor"), RequiredText: text, ValidTime: valid}},
		Campaigns:          []ctim.Campaign{{Base: base("campaign"), RequiredText: text, CampaignType: "phishing", ValidTime: valid}},
		AttackPatterns:     []ctim.AttackPattern{{Base: base("attack-pattern"), RequiredText: text}},
		Vulnerabilities:    []ctim.Vulnerability{{Base: base("vulnerability"), RequiredText: text}},
		IdentityAssertions: []ctim.IdentityAssertion{{Base: base("identity-assertion"), Identity: ctim.Identity{Observables: ctim.List[ctim.Observable]{o}}}},
		Relationships:      []ctim.Relationship{ctim.Relate(judgement.ID, ctim.BasedOn, indicator.ID)},
	}, nil
}

func (everythingSession) Refer(_ context.Context, o ctim.Observable) ([]relay.Link, error) {
	return []relay.Link{{ID: "page", Title: "Page", Description: "A page", URL: "https://example.com/" + string(o.Type), Categories: []string{"a"}}}, nil
}

func (everythingSession) Actions(_ context.Context, o ctim.Observable) ([]relay.Action, error) {
	if o != evil {
		return nil, nil
	}
	return []relay.Action{{ID: "block", Title: "Block", Description: "Block it", Categories: []string{"a"}, Params: map[string]string{"list": "a"}}}, nil
}

func (everythingSession) Trigger(_ context.Context, t relay.Trigger) error {
	if t.ActionID != "block" || t.Params["list"] != "a" {
		return relay.ErrUnsupportedAction
	}
	return nil
}

func (everythingSession) Tiles() []relay.Tile {
	var tiles []relay.Tile
	for _, kind := range []relay.TileType{relay.MetricGroup, relay.DonutGraph, relay.VerticalBarChart, relay.HorizontalBarChart, relay.LineChart, relay.MarkdownTile,
		relay.DataTableTile, relay.ThreatMapTile} {
		tiles = append(tiles, relay.Tile{ID: string(kind), Type: kind, Title: "t", Tags: []string{"a"}, Periods: []relay.Period{relay.LastHour, relay.Last7Days},
			DefaultPeriod: relay.LastHour})
	}
	return tiles
}

func (everythingSession) TileData(_ context.Context, id string, _ relay.Period) (relay.TileData, error) {
	chart := relay.Chart{Keys: []relay.ChartKey{{Key: "a", Label: "A"}},
		Points: []relay.Point{{Key: "monday", Label: "Monday", Value: 1, Values: []relay.PointValue{{Key: "a", Value: 1}}}}}
	timed := chart
	timed.Timestamps, timed.Points = true, slices.Clone(chart.Points)
	timed.Points[0].Key = int64(1767322800000)
	content := map[relay.TileType]relay.TileContent{
		relay.MetricGroup: relay.Metrics{{Icon: "block", Label: "l", Value: 1, Unit: "integer"}},
		relay.DonutGraph: relay.Donut{Labels: [2][]string{{"a"}, {"b", "c"}}, Headers: [2]string{"h", "i"},
			Slices: []relay.Slice{{Key: 0, Value: 3, Segments: []relay.Segment{{Key: 1, Value: 3}}}}},
		relay.VerticalBarChart: chart, relay.HorizontalBarChart: chart, relay.LineChart: timed,
		relay.MarkdownTile:  relay.Markdown{"# Hello"},
		relay.DataTableTile: relay.DataTable{Columns: []relay.Column{{Key: "a", Label: "A", Type: relay.TextColumn}}, Rows: []relay.Row{{Link: "https://example.com"}}},
		relay.ThreatMapTile: relay.ThreatMap{{Coordinates: [2]float64{52.5, 13.4}}},
	}
	return relay.TileData{Content: content[relay.TileType(id)]}, nil
}

// nothing is a provider that serves no route.
type nothing struct{}

func (nothing) Declaration() relay.Declaration {
	return relay.Declaration{Name: "nothing", Title: "Nothing", ObservableTypes: []ctim.ObservableType{ctim.TypeDomain}, Session: nothing{}}
}

func (e nothing) Open(relay.OpenOptions) (relay.Service, error) { return e, nil }

func (nothing) Connect(context.Context, relay.Request) (relay.Session, error) {
	return nothing{}, nil
}
