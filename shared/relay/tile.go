package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// A Dashboard has tiles that the platform shows.
type Dashboard interface {
	// Tiles are all tiles. They are the same at every call.
	Tiles() []Tile
	// TileData is what the tile of that ID shows for a period. The relay asks
	// only for tiles that there are, and periods that they have.
	TileData(ctx context.Context, id string, p Period) (TileData, error)
}

// Tile describes a tile.
type Tile struct {
	// ID names the tile, the same at every call.
	ID               string   `json:"id"`
	Type             TileType `json:"type"`
	Title            string   `json:"title"`
	Description      string   `json:"description"`
	ShortDescription string   `json:"short_description"`
	Tags             []string `json:"tags"`
	// Periods are those that a person may choose; DefaultPeriod is one of them.
	Periods       []Period `json:"periods"`
	DefaultPeriod Period   `json:"default_period"`
}

// TileType is how a tile shows its data.
type TileType string

// The types of tiles, each with the TileContent that it takes.
const (
	MetricGroup        TileType = "metric_group"         // Metrics
	DonutGraph         TileType = "donut_graph"          // Donut
	VerticalBarChart   TileType = "vertical_bar_chart"   // Chart
	HorizontalBarChart TileType = "horizontal_bar_chart" // Chart
	LineChart          TileType = "line_chart"           // Chart
	MarkdownTile       TileType = "markdown"             // Markdown
	DataTableTile      TileType = "data_table"           // DataTable
	ThreatMapTile      TileType = "threat_map"           // ThreatMap
)

// TileData is what a tile shows.
type TileData struct {
	// ObservedTime is the time that the data is about. Zero means the period
	// that ends now.
	ObservedTime ctim.ObservedTime
	// ValidTime is how long the data may be shown. Zero means the next
	// minute.
	ValidTime  ctim.ValidTime
	HideLegend bool
	// CacheScope says who may be shown the same data. Empty means CacheOrg.
	CacheScope CacheScope
	// Content is of the kind that the tile's type takes.
	Content TileContent
}

// CacheScope says among whom the platform may share a tile's data.
type CacheScope string

// The scopes that the platform knows.
const (
	CacheNone CacheScope = "none"
	CacheUser CacheScope = "user"
	CacheOrg  CacheScope = "org"
)

// TileContent is the data of one kind of tile: Metrics, Donut, Chart, Markdown,
// DataTable or ThreatMap.
type TileContent interface {
	fits(TileType) bool
	fill(*tileData)
}

// Metrics are a few numbers.
type Metrics []Metric

// Metric is a number with its name.
type Metric struct {
	// Icon is the name of one of the platform's icons.
	Icon  string `json:"icon"`
	Label string `json:"label"`
	Value int    `json:"value"`
	// Unit is "integer" or whatever the platform should write after the value.
	Unit string `json:"value_unit"`
}

func (Metrics) fits(t TileType) bool { return t == MetricGroup }

func (m Metrics) fill(d *tileData) { d.Data = append(Metrics{}, m...) }

// Donut is two rings: each slice of the inner has segments in the outer one.
type Donut struct {
	// Labels are the words for the keys: those of the slices, then those of
	// the segments. Headers name both.
	Labels  [2][]string
	Headers [2]string
	Slices  []Slice
}

// Slice is a part of a donut. Key is a position in the first of the Labels.
type Slice struct {
	Key      int       `json:"key"`
	Value    int       `json:"value"`
	Tooltip  string    `json:"tooltip,omitempty"`
	Link     string    `json:"link_uri,omitempty"`
	Segments []Segment `json:"segments"`
}

// Segment is a part of a slice. Key is a position in the second of the Labels.
type Segment struct {
	Key   int `json:"key"`
	Value int `json:"value"`
}

func (Donut) fits(t TileType) bool { return t == DonutGraph }

func (g Donut) fill(d *tileData) {
	d.Labels = [][]string{append([]string{}, g.Labels[0]...), append([]string{}, g.Labels[1]...)}
	d.LabelHeaders = []string{g.Headers[0], g.Headers[1]}
	d.Data = append([]Slice{}, g.Slices...)
}

// Chart is bars or points in a row. Each has a value for some of the Keys,
// stacked where it is a bar.
type Chart struct {
	Keys []ChartKey
	// Timestamps says that the points' keys are times, in milliseconds since
	// 1970.
	Timestamps bool
	Points     []Point
}

// ChartKey is a series of a chart.
type ChartKey struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

// Point is a bar or a point of a chart.
type Point struct {
	// Key is a string, or an int64 where the chart has timestamps.
	Key   any    `json:"key"`
	Label string `json:"label"`
	// Value is the sum of the Values.
	Value  int          `json:"value"`
	Values []PointValue `json:"values"`
}

// PointValue is a point's value in one series.
type PointValue struct {
	// Key is the ChartKey's.
	Key     string `json:"key"`
	Value   int    `json:"value"`
	Tooltip string `json:"tooltip,omitempty"`
	Link    string `json:"link_uri,omitempty"`
}

func (Chart) fits(t TileType) bool {
	return t == VerticalBarChart || t == HorizontalBarChart || t == LineChart
}

func (c Chart) fill(d *tileData) {
	d.Keys = append([]ChartKey{}, c.Keys...)
	d.KeyType = "string"
	if c.Timestamps {
		d.KeyType = "timestamp"
	}
	d.Data = append([]Point{}, c.Points...)
}

// Markdown are lines of text.
type Markdown []string

func (Markdown) fits(t TileType) bool { return t == MarkdownTile }

func (m Markdown) fill(d *tileData) { d.Data = append([]string{}, m...) }

// DataTable is rows of text below the titles of their columns.
type DataTable struct {
	Columns []Column
	Rows    []Row
	// HideFilters leaves out the fields in which people filter the rows.
	HideFilters bool
}

// Column is a column of a data table.
type Column struct {
	// Key names the column's cells in a Row. It is not "link_uri".
	Key   string     `json:"key"`
	Label string     `json:"label"`
	Type  ColumnType `json:"content_type"`
}

// ColumnType is how a data table shows the cells of a column.
type ColumnType string

// The types of columns that the platform knows.
const (
	TextColumn   ColumnType = "text"
	FilterColumn ColumnType = "filter_text" // people can filter the rows by it
	LinkColumn   ColumnType = "linked_text" // leads to the Row's Link
)

// Row is a row of a data table.
type Row struct {
	// Cells are the texts by the Key of their Column. A cell that is missing is
	// empty.
	Cells map[string]string
	// Link is the web page about the row. Empty means none.
	Link string
}

func (DataTable) fits(t TileType) bool { return t == DataTableTile }

func (t DataTable) fill(d *tileData) {
	rows := make([]map[string]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = map[string]string{}
		for _, column := range t.Columns {
			rows[i][column.Key] = row.Cells[column.Key]
		}
		if row.Link != "" {
			rows[i]["link_uri"] = row.Link
		}
	}
	d.Data = struct {
		Columns     []Column            `json:"columns"`
		Rows        []map[string]string `json:"rows"`
		HideFilters bool                `json:"hide_filters"`
	}{append([]Column{}, t.Columns...), rows, t.HideFilters}
}

// ThreatMap is points on a map of the world.
type ThreatMap []Place

// Place is a point on a threat map.
type Place struct {
	// Coordinates are the latitude, from -90 to 90, and the longitude, from -180
	// to 180, in degrees.
	Coordinates [2]float64 `json:"coordinates"`
	IP          string     `json:"ip_address"`
	// Volume is how much was seen there, such as a number of events.
	Volume int `json:"volume"`
	// EmailType is for maps of e-mail, such as "spam". Other maps have "N/A", as
	// they have for a Hostname that isn't known.
	EmailType string `json:"email_type"`
	Hostname  string `json:"hostname"`
}

func (ThreatMap) fits(t TileType) bool { return t == ThreatMapTile }

func (m ThreatMap) fill(d *tileData) { d.Data = append(ThreatMap{}, m...) }

// tileData is TileData as it stands in an answer. A list is never null there.
type tileData struct {
	TileID       string            `json:"tile_id"`
	Period       Period            `json:"period"`
	ObservedTime ctim.ObservedTime `json:"observed_time"`
	ValidTime    ctim.ValidTime    `json:"valid_time"`
	HideLegend   bool              `json:"hide_legend"`
	CacheScope   CacheScope        `json:"cache_scope"`

	Labels       [][]string `json:"labels,omitzero"`
	LabelHeaders []string   `json:"label_headers,omitzero"`
	Keys         []ChartKey `json:"keys,omitzero"`
	KeyType      string     `json:"key_type,omitempty"`
	Data         any        `json:"data"`
}

// tileDataLifetime is how long a tile's data may be shown unless the provider
// says otherwise.
const tileDataLifetime = time.Minute

// Render returns d as the platform expects it for this tile and period: a value
// for encoding/json. It is an error if the tile's type can't show d.Content.
func (t Tile) Render(d TileData, p Period, now time.Time) (any, error) {
	if d.Content == nil || !d.Content.fits(t.Type) {
		return nil, fmt.Errorf("tile %s: a %s can't show %T", t.ID, t.Type, d.Content)
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
	body := tileData{TileID: t.ID, Period: p, ObservedTime: d.ObservedTime, ValidTime: d.ValidTime, HideLegend: d.HideLegend, CacheScope: d.CacheScope}
	d.Content.fill(&body)
	return body, nil
}
