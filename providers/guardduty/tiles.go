package guardduty

import (
	"context"
	"maps"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// maxFindings is how many findings a tile reads. GuardDuty sends 50 at a time.
const maxFindings = 1000

// tile is a tile with what it shows of the findings that meet its criteria.
type tile struct {
	relay.Tile
	content  func(view, []finding) relay.TileContent
	criteria criteria
}

// view is the input of a tile.
type view struct {
	region     string
	start, end time.Time
}

var periods = []relay.Period{relay.Last24Hours, relay.Last7Days, relay.Last30Days, relay.Last60Days, relay.Last90Days}

// tiles are constant.
var tiles = []tile{
	newTile("total_events", relay.MetricGroup, "GuardDuty events", "How much suspicious activity Amazon GuardDuty saw, by the kind of resource.", periods, totals, nil),
	newTile("events_per_day", relay.VerticalBarChart, "GuardDuty findings per day", "Amazon GuardDuty's findings by the day of their last update, and by severity.", periods[1:3], perDay, nil),
	newTile("affected_instances", relay.DonutGraph, "Instances with GuardDuty findings", "The 20 EC2 instances with the most findings of Amazon GuardDuty, and their types.", periods[:3], instances,
		criteria{"resource.resourceType": equals("Instance")}),
	newTile("top_ten_findings", relay.DataTableTile, "Top 10 GuardDuty findings", "The findings of Amazon GuardDuty whose activity was seen most often.", periods, topTen, nil),
	newTile("port_probe_source_countries", relay.ThreatMapTile, "GuardDuty port probes", "Where the port probes come from that Amazon GuardDuty saw.", periods, probes,
		criteria{"service.action.actionType": equals("PORT_PROBE")}),
}

func newTile(id string, kind relay.TileType, name, description string, periods []relay.Period, content func(view, []finding) relay.TileContent, c criteria) tile {
	return tile{relay.Tile{
		ID: id, Type: kind, Title: name, ShortDescription: description,
		Description: description + " Archived findings are left out, and of more than 1,000 findings the newest count.",
		Tags:        []string{"guardduty"}, Periods: periods, DefaultPeriod: relay.Last7Days,
	}, content, c}
}

// Tiles implements relay.Dashboard.
func (session) Tiles() []relay.Tile {
	var described []relay.Tile
	for _, t := range tiles {
		described = append(described, t.Tile)
	}
	return described
}

// TileData implements relay.Dashboard.
func (s session) TileData(ctx context.Context, id string, p relay.Period) (relay.TileData, error) {
	d, err := connect(ctx, s.Call())
	if err != nil {
		return relay.TileData{}, err
	}
	// Whole minutes make the requests of several tiles equal, so that they can share
	// responses.
	v := view{region: d.region, start: s.Time.UTC().Add(-p.Duration()).Truncate(time.Minute), end: s.Time.UTC()}
	for _, t := range tiles {
		if t.ID != id {
			continue
		}
		if t.Type == relay.VerticalBarChart {
			v.start = v.start.Truncate(24*time.Hour).AddDate(0, 0, 1) // whole days, and today
		}
		c := criteria{"updatedAt": {"greaterThanOrEqual": v.start.UnixMilli()}, "service.archived": equals("false")}
		maps.Copy(c, t.criteria)
		findings, _, err := d.search(ctx, maxFindings, c)
		return relay.TileData{Content: t.content(v, findings)}, err
	}
	return relay.TileData{}, relay.Errorf(relay.CodeInternal, "The tile is missing.")
}
