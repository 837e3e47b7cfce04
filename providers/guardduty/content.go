package guardduty

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// totals counts activity by the kind of resource.
func totals(_ view, all []finding) relay.TileContent {
	names := map[string]string{"Instance": "EC2 instances", "AccessKey": "IAM keys", "S3Bucket": "S3 buckets"}
	counts := map[string]int{"Instance": 0, "AccessKey": 0, "S3Bucket": 0} // always shown
	for _, f := range all {
		counts[string(cmp.Or(f.Resource.ResourceType, "Other"))] += f.count()
	}
	metrics := relay.Metrics{}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		metrics = append(metrics, relay.Metric{Icon: "warning", Label: cmp.Or(names[kind], kind), Value: counts[kind], Unit: "integer"})
	}
	return metrics
}

// tally counts findings by a row and a column.
func tally(all []finding, by func(finding) (row, column string)) map[string]map[string]int {
	counts := map[string]map[string]int{}
	for _, f := range all {
		row, column := by(f)
		if counts[row] == nil {
			counts[row] = map[string]int{}
		}
		counts[row][column]++
	}
	return counts
}

func sum(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

// perDay counts findings by day and severity.
func perDay(v view, all []finding) relay.TileContent {
	counts := tally(all, func(f finding) (string, string) {
		return f.UpdatedAt.UTC().Format(time.DateOnly), string(f.severity())
	})
	chart := relay.Chart{Timestamps: true}
	for _, s := range []ctim.Severity{ctim.SeverityCritical, ctim.SeverityHigh, ctim.SeverityMedium, ctim.SeverityLow, ctim.SeverityUnknown} {
		chart.Keys = append(chart.Keys, relay.ChartKey{Key: string(s), Label: string(s)})
	}
	for day := v.start; !day.After(v.end); day = day.AddDate(0, 0, 1) {
		label := day.Format(time.DateOnly)
		point := relay.Point{Key: day.UnixMilli(), Label: label, Value: sum(counts[label]), Values: []relay.PointValue{}}
		for _, key := range chart.Keys {
			if n := counts[label][key.Key]; n > 0 {
				point.Values = append(point.Values, relay.PointValue{Key: key.Key, Value: n})
			}
		}
		chart.Points = append(chart.Points, point)
	}
	return chart
}

// mostInstances is how many instances a donut shows.
const mostInstances = 20

// instances counts the findings of each instance by type.
func instances(_ view, all []finding) relay.TileContent {
	counts := tally(all, func(f finding) (string, string) {
		return string(cmp.Or(f.Resource.InstanceDetails.InstanceID, "Unknown")), string(cmp.Or(f.Type, "Unknown"))
	})
	ids := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(sum(counts[b])-sum(counts[a]), cmp.Compare(a, b))
	})
	ids = ids[:min(len(ids), mostInstances)]
	donut := relay.Donut{Headers: [2]string{"Instance", "Type of finding"}, Labels: [2][]string{ids, nil}}
	for i, id := range ids {
		slice := relay.Slice{Key: i, Value: sum(counts[id])}
		for _, t := range slices.Sorted(maps.Keys(counts[id])) {
			if !slices.Contains(donut.Labels[1], t) {
				donut.Labels[1] = append(donut.Labels[1], t)
			}
			slice.Segments = append(slice.Segments, relay.Segment{Key: slices.Index(donut.Labels[1], t), Value: counts[id][t]})
		}
		donut.Slices = append(donut.Slices, slice)
	}
	return donut
}

// topTen lists the findings whose activity was seen most often.
func topTen(v view, all []finding) relay.TileContent {
	slices.SortStableFunc(all, func(a, b finding) int { return b.count() - a.count() })
	table := relay.DataTable{HideFilters: true, Columns: []relay.Column{
		{Key: "finding", Label: "Finding", Type: relay.LinkColumn},
		{Key: "severity", Label: "Severity", Type: relay.TextColumn},
		{Key: "count", Label: "Count", Type: relay.TextColumn},
		{Key: "seen", Label: "Last seen (UTC)", Type: relay.TextColumn},
	}}
	for _, f := range all[:min(len(all), 10)] {
		table.Rows = append(table.Rows, relay.Row{Link: f.url(v.region), Cells: map[string]string{
			"finding": string(cmp.Or(f.Title, f.Type, f.ID)), "severity": string(f.severity()),
			"count": strconv.Itoa(f.count()), "seen": f.lastSeen().UTC().Format("2006-01-02 15:04"),
		}})
	}
	return table
}

// probes counts port probes by the address that they come from. Addresses without a
// place are left out.
func probes(_ view, all []finding) relay.TileContent {
	places := map[string]relay.Place{}
	for _, f := range all {
		counted := map[string]bool{} // a probe of several ports is one
		for _, c := range f.connections() {
			ip, geo := string(c.RemoteIPDetails.ip()), c.RemoteIPDetails.GeoLocation
			lat, err := strconv.ParseFloat(string(geo.Lat), 64)
			lon, err2 := strconv.ParseFloat(string(geo.Lon), 64)
			if counted[ip] || err != nil || err2 != nil || !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) { // also not a number
				continue
			}
			counted[ip] = true
			places[ip] = relay.Place{Coordinates: [2]float64{lat, lon}, IP: ip, Volume: places[ip].Volume + f.count(), EmailType: "N/A", Hostname: "N/A"}
		}
	}
	points := relay.ThreatMap{}
	for _, ip := range slices.Sorted(maps.Keys(places)) {
		points = append(points, places[ip])
	}
	return points
}
