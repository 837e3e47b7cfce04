package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// texts returns the problems as lines, with warnings in brackets.
func texts(problems []Problem) (lines []string) {
	for _, p := range problems {
		line := p.String()
		if p.Warning {
			line = "(" + line + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

const tileSample = `{"id":"a","type":"data_table","title":"T","description":"","short_description":"","tags":[],"periods":["last_hour"],"default_period":"last_hour"}`

func TestAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, route, body string
		want              []string
	}{
		{"health", "/health", `{"data":{"status":"ok"}}`, nil},
		{"slash at the end", "/health/", `{"data":{"status":"ok"}}`, nil},
		{"refused", "/refer/observables", `{"errors":[{"type":"fatal","code":"timeout","message":"m"}]}`, nil},
		{"in part", "/deliberate/observables", `{"data":{},"errors":[{"type":"error","code":"timeout","message":"m"}]}`, nil},
		{"unknown route", "/deliberate", `{}`, []string{`"/deliberate" is not a route of a relay, such as /observe/observables`}},
		{"no JSON", "/health", `<html>`, []string{"must be JSON: invalid character '<' looking for beginning of value"}},
		{"neither", "/health", `{}`, []string{"has neither data nor errors: at least one must be there"}},
		{"no errors", "/health", `{"data":{"status":"ok"},"errors":[]}`, []string{"errors: is empty: leave it out"}},
		{"unknown code", "/health", `{"errors":[{"type":"fatal","code":"slow","message":"m"}]}`,
			[]string{`(errors[0].code: "slow" is not one of: authorization error, invalid argument, permission denied, not found, too many requests, timeout, ` +
				"connection error, service unavailable, internal error, health check failed, unknown)"}},
		{"error's type", "/health", `{"errors":[{"type":"bad","code":"timeout","message":" "}]}`,
			[]string{"errors[0].message: must not be blank", `errors[0].type: "bad" is not one of: fatal, error, warning`}},
		{"link", "/refer/observables", `{"data":[{"id":"i","title":"t","description":"","url":"javascript:x"}]}`,
			[]string{`data[0].url: must be an http or https URL, is "javascript:x"`}},
		{"action", "/respond/observables", `{"data":[{"id":"i","title":"t","description":"","query-params":{"a":7}}]}`,
			[]string{`data[0].query-params.a: must be a string, is 7`}},
		{"trigger", "/respond/trigger", `{"data":{"status":"done"}}`, []string{`data.status: "done" is not one of: success, failure`}},
		{"version", "/version", `{"version":""}`, []string{"version: must not be blank"}},
		{"tiles", "/tiles", `{"data":[` + tileSample + `]}`, nil},
		{"one id twice", "/tiles", `{"data":[` + tileSample + `,` + tileSample + `]}`, []string{"data[1].id: is the id of data[0], too: each tile needs its own"}},
		{"no default period", "/tiles", `{"data":[` + strings.Replace(tileSample, `,"default_period":"last_hour"`, ``, 1) + `]}`, []string{"(data[0].default_period: is missing)"}},
		{"default period", "/tiles/tile", `{"data":` + strings.Replace(tileSample, `"default_period":"last_hour"`, `"default_period":"last_7_days"`, 1) + `}`,
			[]string{`data.default_period: must be one of the tile's periods, is "last_7_days"`}},
		{"empty tile", "/tiles/tile", `{"data":{}}`, []string{"(data: is empty: it should be the tile as /tiles lists it)"}},
		{"tile data of any type", "/tiles/tile-data", tileDataOf(`"data":7`), nil},
		{"no tile data", "/tiles/tile-data", tileDataOf(`"a":7`), []string{"data.data: is missing"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, texts(Answer(tt.route, []byte(tt.body)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	const errors = `"errors":[{"type":"fatal","code":"timeout","message":"m"}]`
	for body, want := range map[string][]string{
		`{` + errors + `}`: nil,
		`{"data":{"status":"failure"},` + errors + `}`:       nil,
		`{"data":{"status":"success"},` + errors + `}`:       {`data.status: "success" is not one of: error, failure`},
		`{"data":{"verdicts":{}},` + errors + `}`:            {"data.status: is missing", "data.verdicts: is not a known field: leave it out"},
		`{"data":{"status":"failure"}}`:                      {"errors: is missing"},
		`{"data":{"status":"failure"},"errors":[]}`:          {"errors: is empty: leave it out"},
		`{"errors":[{"type":"fatal","code":"timeout"}]}`:     {"errors[0].message: is missing"},
		`{"message":"Internal Server Error"}`:                {"errors: is missing", "message: is not a known field: leave it out"},
		`{"data":{"status":"failure"},` + errors + `,"x":1}`: {"x: is not a known field: leave it out"},
	} {
		if diff := cmp.Diff(want, texts(Refusal([]byte(body)))); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

// tileDataOf returns a response with the members that all types of tiles share,
// and these.
func tileDataOf(members string) string {
	return `{"data":{"tile_id":"a","period":"last_hour","observed_time":{"start_time":"2026-01-02T03:00:00.000Z","end_time":"2026-01-02T04:00:00.000Z"},` +
		`"valid_time":{"start_time":"2026-01-02T04:00:00.000Z","end_time":"2026-01-02T04:01:00.000Z"},"hide_legend":false,"cache_scope":"org",` + members + `}}`
}

func TestTileData(t *testing.T) {
	const (
		metric   = `"data":[{"icon":"block","label":"l","value":7,"value_unit":"integer"}]`
		two      = `"labels":[["a"],["b","c"]],"label_headers":["A","B"],"data":[{"key":0,"value":3,"segments":[{"key":1,"value":3}]}]`
		one      = `"labels":[["a"]],"data":[{"key":0,"value":3,"link_uri":"https://example.com"}]`
		bars     = `"keys":[{"key":"a","label":"A"}],"key_type":"string","data":[{"key":"m","label":"M","value":1,"values":[{"key":"a","value":1,"tooltip":"t"}]}]`
		table    = `"data":{"columns":[{"key":"a","label":"A","content_type":"text"}],"rows":[{"a":"x","link_uri":"https://example.com"}],"hide_filters":true}`
		location = `"data":[{"coordinates":[52.5,-13.4],"ip_address":"192.0.2.1","volume":1,"email_type":"N/A","hostname":"N/A"}]`
	)
	for _, tt := range []struct {
		name, kind, content string
		old, new            string // a change of the response
		want                []string
	}{
		{"metrics", "metric_group", metric, "", "", nil},
		{"donut", "donut_graph", two, "", "", nil},
		{"donut of one ring", "donut_graph", one, "", "", nil},
		{"bars", "vertical_bar_chart", bars, "", "", nil},
		{"Markdown", "markdown", `"data":["# A"]`, "", "", nil},
		{"table", "data_table", table, "", "", nil},
		{"map", "threat_map", location, "", "", nil},
		{"type that isn't known", "pie", `"data":7`, "", "", nil},
		{"status colours", "metric_group", metric + `,"color_scale":"status"`, "", "", nil},

		// What working relays do.
		{"neither id nor period", "metric_group", metric, `"tile_id":"a","period":"last_hour",`, ``, []string{"(data.period: is missing)", "(data.tile_id: is missing)"}},
		{"no legend", "metric_group", metric, `"hide_legend":false,`, ``, []string{"(data.hide_legend: is missing)"}},
		{"no zone", "metric_group", metric, `03:00:00.000Z`, `03:00:00.000`,
			[]string{`(data.observed_time.start_time: should be in UTC with milliseconds, as in 2006-01-02T15:04:05.000Z, is "2026-01-02T03:00:00.000")`}},
		{"metric that is a string", "metric_group", metric, `"value":7`, `"value":"today"`, []string{`(data.data[0].value: should be a number, is "today")`}},
		{"value-unit", "metric_group", metric, `value_unit`, `value-unit`, []string{"(data.data[0].value-unit: should be called value_unit)"}},
		{"link of a metric", "metric_group", metric, `"label"`, `"link_uri":"https://example.com","label"`, nil},
		{"unknown icon", "metric_group", metric, `"block"`, `"moon"`, []string{`(data.data[0].icon: "moon" is none of the 46 words known here, such as add)`}},
		{"other colours", "metric_group", metric + `,"color_scale":"rainbow"`, "", "", []string{`(data.color_scale: "rainbow" is not one of: status)`}},
		{"ring without segments", "donut_graph", one, `"value":3`, `"value":3,"segments":[]`, nil},
		{"two rings without headers", "donut_graph", two, `"label_headers":["A","B"],`, ``, []string{"(data.label_headers: should have 2 items, one for each ring, has 0)"}},
		{"point without a key", "horizontal_bar_chart", bars, `"key":"m",`, ``, []string{"(data.data[0].key: is missing)"}},
		{"another type of column", "data_table", table, `"text"`, `"icon_and_text"`, []string{`(data.data.columns[0].content_type: "icon_and_text" is not one of: text, filter_text, linked_text)`}},
		{"row without a cell", "data_table", table, `"a":"x",`, ``, []string{"(data.data.rows[0].a: should be a text, is null)"}},
		{"place without a volume", "threat_map", location, `"volume":1,`, `"id":1,`, []string{"(data.data[0].volume: is missing)"}},

		// What no relay may do.
		{"times backwards", "metric_group", metric, `"end_time":"2026-01-02T04:01`, `"end_time":"2026-01-02T03:01`,
			[]string{"data.valid_time: must not start after it ends: starts 2026-01-02T04:00:00.000Z, ends 2026-01-02T03:01:00.000Z"}},
		{"no unit", "metric_group", metric, `,"value_unit":"integer"`, ``, []string{`data.data[0].value_unit: is missing, such as "integer"`}},
		{"no number", "metric_group", metric, `"value":7`, `"value":null`, []string{"data.data[0].value: must be a number, is null"}},
		{"three rings", "donut_graph", two, `[["a"],`, `[["a"],["x"],`, []string{"data.labels: must have 1 or 2 items, one for each ring, has 3"}},
		{"slice without a label", "donut_graph", one, `"key":0`, `"key":1`, []string{"data.data[0].key: is 1, and there are 1 labels"}},
		{"segment without a label", "donut_graph", two, `"key":1`, `"key":2`, []string{"data.data[0].segments[0].key: is 2, and there are 2 labels"}},
		{"segment without a ring", "donut_graph", one, `"value":3`, `"value":3,"segments":[{"key":0,"value":3}]`, []string{"data.data[0].segments[0].key: is 0, and there are 0 labels"}},
		{"value of no series", "line_chart", bars, `"values":[{"key":"a"`, `"values":[{"key":"b"`, []string{`data.data[0].values[0].key: must be one of the chart's keys, is "b"`}},
		{"no time", "line_chart", bars, `"key_type":"string"`, `"key_type":"timestamp"`, []string{`data.data[0].key: must be a whole number, is "m"`}},
		{"table that is a list", "data_table", `"data":[]`, "", "", []string{"data.data: must be an object, is a list"}},
		{"three coordinates", "threat_map", location, `[52.5,-13.4]`, `[52.5,-13.4,0]`, []string{"data.data[0].coordinates: must have 2 items, latitude and longitude, has 3"}},
		{"coordinates the other way round", "threat_map", location, `[52.5,-13.4]`, `[-113.4,52.5]`, []string{"data.data[0].coordinates[0]: must be from -90 to 90 degrees, is -113.4"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := tileDataOf(tt.content)
			if !strings.Contains(body, tt.old) {
				t.Fatalf("%s is not in %s", tt.old, body)
			}
			got := texts(TileData(tt.kind, []byte(strings.Replace(body, tt.old, tt.new, 1))))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// No input makes the rules panic, or their messages unsafe for a terminal.
func FuzzRules(f *testing.F) {
	f.Add("donut_graph", []byte(tileDataOf(`"labels":[["a"]],"data":[{"key":0,"value":3}]`)))
	f.Add("threat_map", []byte(tileDataOf(`"data":[{"coordinates":[1e999,-0]}]`)))
	f.Add("data_table", []byte(tileDataOf(`"data":{"columns":[{"key":"a","label":"A","content_type":"text"}],"rows":[{"a":[]}]}`)))
	f.Add("/observe/observables", []byte(`{"data":{"verdicts":{"count":1,"docs":[null,{"observable":[],"judgement_id":"x"}]},"relationships":{"docs":[{"source_ref":7}]}}}`))
	f.Add("/tiles", []byte(`{"data":[`+tileSample+`]}`))
	f.Fuzz(func(t *testing.T, route string, body []byte) {
		for _, problems := range [][]Problem{Answer(route, body), TileData(route, body), Entity(body), Refusal(body)} {
			for _, p := range problems {
				if strings.ContainsAny(p.String(), "\n\x1b") || p.Message == "" {
					t.Errorf("%q", p)
				}
			}
		}
	})
}
