package watchlist

import (
	"context"
	"fmt"

	"github.com/serverless-relay/relay/shared/relay"
)

// The ids of the tiles.
const (
	totalsTile   = "watchlist-totals"
	typesTile    = "watchlist-types"
	addedTile    = "watchlist-added"
	changesTile  = "watchlist-changes"
	expiringTile = "watchlist-expiring"
)

// Tiles implements relay.Dashboard.
func (s *session) Tiles() []relay.Tile {
	lookBack := []relay.Period{relay.Last24Hours, relay.Last7Days, relay.Last30Days, relay.Last60Days, relay.Last90Days}
	all := append([]relay.Period{relay.LastHour}, lookBack...)
	tags := []string{"watchlist"}
	return []relay.Tile{
		{
			ID: totalsTile, Type: relay.MetricGroup, Tags: tags, Periods: lookBack, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: entries",
			ShortDescription: "Entries by disposition",
			Description:      "How many entries count now, by disposition, and how many were added in the period.",
		},
		{
			ID: typesTile, Type: relay.DonutGraph, Tags: tags, Periods: all, DefaultPeriod: relay.Last24Hours,
			Title:            "Watchlist: types",
			ShortDescription: "Entries by type and disposition",
			Description:      "The entries that count now, by observable type and disposition. The period makes no difference.",
		},
		{
			ID: addedTile, Type: relay.VerticalBarChart, Tags: tags, Periods: lookBack, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: added",
			ShortDescription: "Entries added per day",
			Description:      "The entries that were added on each day, in UTC; of the last 24 hours, in each hour.",
		},
		{
			ID: changesTile, Type: relay.MarkdownTile, Tags: tags, Periods: all, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: recent changes",
			ShortDescription: "Who changed what",
			Description:      fmt.Sprintf("The newest changes in the period, no more than %d.", mostChanges),
		},
		{
			ID: expiringTile, Type: relay.HorizontalBarChart, Tags: tags, Periods: lookBack, DefaultPeriod: relay.Last7Days,
			Title:            "Watchlist: expiring soon",
			ShortDescription: "Entries that end soon",
			Description:      "The entries that end in as much time to come as the period is long: by the hour, by the day, or, from 60 days on, by the week.",
		},
	}
}

// TileData implements relay.Dashboard. All but the changes come from counters,
// which know hours: an entry counts until the end of the hour in which it ends.
func (s *session) TileData(ctx context.Context, id string, p relay.Period) (data relay.TileData, err error) {
	switch id {
	case totalsTile:
		data, err = s.totals(ctx, p)
	case typesTile:
		data, err = s.types(ctx)
	case addedTile:
		data, err = s.added(ctx, p)
	case changesTile:
		data, err = s.changes(ctx, p)
	case expiringTile:
		data, err = s.expiring(ctx, p)
	default:
		return relay.TileData{}, fmt.Errorf("watchlist: no tile %s", id)
	}
	if err != nil {
		return relay.TileData{}, unavailable(err)
	}
	return data, nil
}
