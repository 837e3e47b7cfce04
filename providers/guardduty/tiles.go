package guardduty

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// maxFindings is how many findings a tile reads. GuardDuty sends 50 at a time.
const maxFindings = 1000

// tile is a tile with the criteria for its findings, and their content in a period.
type tile struct {
	relay.Tile
	content  func(start, end time.Time, all []finding) relay.TileContent
	criteria criteria
}

var periods = []relay.Period{relay.Last24Hours, relay.Last7Days, relay.Last30Days, relay.Last60Days, relay.Last90Days}

// tiles are constant. Tiles adds what they have in common.
var tiles = []tile{
	{relay.Tile{ID: "total_events", Type: relay.MetricGroup, Title: "GuardDuty events", Periods: periods,
		ShortDescription: "How much suspicious activity Amazon GuardDuty saw, by the kind of resource."}, totals, nil},
	{relay.Tile{ID: "events_per_day", Type: relay.VerticalBarChart, Title: "GuardDuty findings per day", Periods: periods[1:3],
		ShortDescription: "Amazon GuardDuty's findings by the day of their last update, and by severity."}, perDay, nil},
	{relay.Tile{ID: "affected_instances", Type: relay.DonutGraph, Title: "Instances with GuardDuty findings", Periods: periods[:3],
		ShortDescription: "The 20 EC2 instances with the most findings of Amazon GuardDuty, and their types."},
		instances, criteria{"resource.resourceType": equals("Instance")}},
	{relay.Tile{ID: "top_ten_findings", Type: relay.DataTableTile, Title: "Top 10 GuardDuty findings", Periods: periods,
		ShortDescription: "The findings of Amazon GuardDuty whose activity was seen most often."}, topTen, nil},
	{relay.Tile{ID: "port_probe_source_countries", Type: relay.ThreatMapTile, Title: "GuardDuty port probes", Periods: periods,
		ShortDescription: "Where the port probes come from that Amazon GuardDuty saw."},
		probes, criteria{"service.action.actionType": equals("PORT_PROBE")}},
}

// Tiles implements relay.Dashboard.
func (session) Tiles() []relay.Tile {
	var described []relay.Tile
	for _, t := range tiles {
		t.Description = t.ShortDescription + " Archived findings are left out, and of more than 1,000 findings the newest count."
		t.Tags, t.DefaultPeriod = []string{"guardduty"}, relay.Last7Days
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
	t := tiles[slices.IndexFunc(tiles, func(t tile) bool { return t.ID == id })]
	// Several tiles can share responses if their requests are equal.
	start, end := s.Time.UTC().Add(-p.Duration()).Truncate(time.Minute), s.Time.UTC()
	if t.Type == relay.VerticalBarChart {
		start = start.Truncate(24*time.Hour).AddDate(0, 0, 1) // whole days, and today
	}
	c := criteria{"updatedAt": {"greaterThanOrEqual": start.UnixMilli()}, "service.archived": equals("false")}
	maps.Copy(c, t.criteria)
	findings, _, err := d.search(ctx, maxFindings, c)
	return relay.TileData{Content: t.content(start, end, findings)}, err
}

// totals counts activity by the kind of resource.
func totals(_, _ time.Time, all []finding) relay.TileContent {
	names := map[string]string{"Instance": "EC2 instances", "AccessKey": "IAM keys", "S3Bucket": "S3 buckets"}
	counts := map[string]int{"Instance": 0, "AccessKey": 0, "S3Bucket": 0} // always shown
	for _, f := range all {
		counts[string(cmp.Or(f.Resource.ResourceType, "Other"))] += int(f.Service.Count)
	}
	metrics := relay.Metrics{}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		metrics = append(metrics, relay.Metric{Icon: "warning", Label: cmp.Or(names[kind], kind), Value: counts[kind], Unit: "integer"})
	}
	return metrics
}

// perDay counts findings by day and severity.
func perDay(start, end time.Time, all []finding) relay.TileContent {
	counts := map[[2]string]int{}
	for _, f := range all {
		counts[[2]string{f.UpdatedAt.UTC().Format(time.DateOnly), string(f.severity())}]++
	}
	chart := relay.Chart{Timestamps: true}
	for _, l := range levels {
		chart.Keys = append(chart.Keys, relay.ChartKey{Key: string(l.severity), Label: string(l.severity)})
	}
	for day := start; !day.After(end); day = day.AddDate(0, 0, 1) {
		point := relay.Point{Key: day.UnixMilli(), Label: day.Format(time.DateOnly), Values: []relay.PointValue{}}
		for _, key := range chart.Keys {
			if n := counts[[2]string{point.Label, key.Key}]; n > 0 {
				point.Value += n
				point.Values = append(point.Values, relay.PointValue{Key: key.Key, Value: n})
			}
		}
		chart.Points = append(chart.Points, point)
	}
	return chart
}

// instances counts the findings of the 20 instances with the most by type.
func instances(_, _ time.Time, all []finding) relay.TileContent {
	totals, types, counts := map[string]int{}, map[string]bool{}, map[[2]string]int{}
	for _, f := range all {
		id, kind := string(cmp.Or(f.Resource.InstanceDetails.InstanceID, "Unknown")), string(cmp.Or(f.Type, "Unknown"))
		totals[id]++
		types[kind] = true
		counts[[2]string{id, kind}]++
	}
	ids := slices.SortedFunc(maps.Keys(totals), func(a, b string) int { return cmp.Or(totals[b]-totals[a], cmp.Compare(a, b)) })
	ids = ids[:min(len(ids), 20)]
	kinds := slices.DeleteFunc(slices.Sorted(maps.Keys(types)), func(kind string) bool {
		return !slices.ContainsFunc(ids, func(id string) bool { return counts[[2]string{id, kind}] > 0 })
	})
	donut := relay.Donut{Headers: [2]string{"Instance", "Type of finding"}, Labels: [2][]string{ids, kinds}}
	for i, id := range ids {
		slice := relay.Slice{Key: i, Value: totals[id]}
		for j, kind := range kinds {
			if n := counts[[2]string{id, kind}]; n > 0 {
				slice.Segments = append(slice.Segments, relay.Segment{Key: j, Value: n})
			}
		}
		donut.Slices = append(donut.Slices, slice)
	}
	return donut
}

// topTen lists the findings whose activity was seen most often.
func topTen(_, _ time.Time, all []finding) relay.TileContent {
	slices.SortStableFunc(all, func(a, b finding) int { return cmp.Compare(b.Service.Count, a.Service.Count) })
	table := relay.DataTable{HideFilters: true, Columns: []relay.Column{
		{Key: "finding", Label: "Finding", Type: relay.LinkColumn},
		{Key: "severity", Label: "Severity", Type: relay.TextColumn},
		{Key: "count", Label: "Count", Type: relay.TextColumn},
		{Key: "seen", Label: "Last seen (UTC)", Type: relay.TextColumn},
	}}
	for _, f := range all[:min(len(all), 10)] {
		table.Rows = append(table.Rows, relay.Row{Link: f.url(), Cells: map[string]string{
			"finding": string(cmp.Or(f.Title, f.Type, f.ID)), "severity": string(f.severity()),
			"count": strconv.Itoa(int(f.Service.Count)), "seen": f.Service.EventLastSeen.UTC().Format("2006-01-02 15:04"),
		}})
	}
	return table
}

// probes counts port probes by the address that they come from. Addresses without a
// place are left out.
func probes(_, _ time.Time, all []finding) relay.TileContent {
	places := map[string]relay.Place{}
	for _, f := range all {
		counted := map[string]bool{} // a probe of several ports is one
		for _, c := range f.connections() {
			ip, geo := c.RemoteIPDetails.observable().Value, c.RemoteIPDetails.GeoLocation
			lat, err := strconv.ParseFloat(string(geo.Lat), 64)
			lon, err2 := strconv.ParseFloat(string(geo.Lon), 64)
			if counted[ip] || err != nil || err2 != nil || !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) { // also not a number
				continue
			}
			counted[ip] = true
			places[ip] = relay.Place{Coordinates: [2]float64{lat, lon}, IP: ip, Volume: places[ip].Volume + int(f.Service.Count), EmailType: "N/A", Hostname: "N/A"}
		}
	}
	return relay.ThreatMap(slices.SortedFunc(maps.Values(places), func(a, b relay.Place) int { return cmp.Compare(a.IP, b.IP) }))
}
