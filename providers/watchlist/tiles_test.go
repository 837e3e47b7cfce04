package watchlist_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

func ask(t *testing.T, r *server.Server, path, body string, data any) {
	t.Helper()
	w := httptest.NewRecorder()
	r.Routes().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	answer := struct {
		Data   any
		Errors []relay.Error
	}{Data: data}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%s %s: %s", path, body, w.Body)
	}
}

// tile reads the data of tiles.
type tile struct {
	ObservedTime struct {
		Start time.Time `json:"start_time"`
		End   time.Time `json:"end_time"`
	} `json:"observed_time"`
	Labels [][]string
	Keys   []struct{ Key, Label string }
	Data   json.RawMessage
}

func tileData(t *testing.T, r *server.Server, id string, p relay.Period) (data tile) {
	t.Helper()
	ask(t, r, "/tiles/tile-data", fmt.Sprintf(`{"tile_id":%q,"period":%q}`, id, p), &data)
	return data
}

// numbers returns the values of a metric group or a chart by label, without zeros.
func numbers(t *testing.T, data tile) map[string]int {
	t.Helper()
	var points []struct {
		Label  string
		Value  int
		Values []struct {
			Key   string
			Value int
		}
	}
	if err := json.Unmarshal(data.Data, &points); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, p := range points {
		sum := 0
		for _, v := range p.Values {
			got[p.Label+" "+v.Key], sum = v.Value, sum+v.Value
		}
		if p.Values == nil {
			got[p.Label] = p.Value
		} else if sum != p.Value {
			t.Errorf("%s: %d in all of %d", p.Label, sum, p.Value)
		}
		if got[p.Label] == 0 {
			delete(got, p.Label)
		}
	}
	return got
}

// segments returns the values of a donut by both labels.
func segments(t *testing.T, data tile) map[string]int {
	t.Helper()
	var slices []struct {
		Key, Value int
		Segments   []struct{ Key, Value int }
	}
	if err := json.Unmarshal(data.Data, &slices); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, s := range slices {
		for _, seg := range s.Segments {
			got[data.Labels[0][s.Key]+" "+data.Labels[1][seg.Key]] = seg.Value
			s.Value -= seg.Value
		}
		if s.Value != 0 {
			t.Errorf("%s doesn't add up", data.Labels[0][s.Key])
		}
	}
	return got
}

func text(t *testing.T, data tile) (lines []string) {
	t.Helper()
	if err := json.Unmarshal(data.Data, &lines); err != nil {
		t.Fatal(err)
	}
	return lines
}

// Every tile has data for every period that it declares, from an empty store and from
// one with entries.
func TestEveryTileAnswersForItsPeriods(t *testing.T) {
	for name, entries := range map[string][]entry.Entry{"empty": nil, "full": {malicious(ctim.TypeIP, "192.0.2.1"), malicious(ctim.TypeDomain, "evil.example")}} {
		t.Run(name, func(t *testing.T) {
			r := serveAnn(t, openStore(t, entries...))
			var tiles []relay.Tile
			ask(t, r, "/tiles", "{}", &tiles)
			kinds := map[relay.TileType]bool{}
			for _, described := range tiles {
				kinds[described.Type] = true
				var one relay.Tile
				ask(t, r, "/tiles/tile", fmt.Sprintf(`{"tile_id":%q}`, described.ID), &one)
				if diff := cmp.Diff(described, one); diff != "" {
					t.Error(diff)
				}
				byDefault := false
				for _, p := range described.Periods {
					byDefault = byDefault || p == described.DefaultPeriod
					data := tileData(t, r, described.ID, p)
					if data.ObservedTime.End.Before(data.ObservedTime.Start) || data.ObservedTime.Start.IsZero() || !strings.HasPrefix(string(data.Data), "[") {
						t.Errorf("%s %s: %+v", described.ID, p, data)
					}
				}
				if !byDefault {
					t.Errorf("%s has not its default period", described.ID)
				}
			}
			if len(kinds) != 5 {
				t.Errorf("%d kinds of tiles", len(kinds))
			}
		})
	}
}

// In synctest it is the first of January 2000, 00:00.
func TestTilesCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := func(text string) time.Time {
			when, err := time.Parse("2006-01-02 15:04", text)
			if err != nil {
				t.Fatal(err)
			}
			return when
		}
		ip := func(n int, disposition ctim.Disposition, added, until string) entry.Entry {
			return malicious(ctim.TypeIP, fmt.Sprintf("192.0.2.%d", n), func(e *entry.Entry) {
				e.Disposition, e.Added = disposition, at(added)
				if until != "" {
					e.ValidUntil = at(until)
				}
			})
		}
		store := openStore(t,
			ip(1, ctim.Malicious, "1999-12-31 23:59", ""),
			ip(2, ctim.Malicious, "1999-12-31 23:00", "2000-01-01 12:30"),
			ip(3, ctim.Suspicious, "1999-12-31 00:30", "2000-01-02 00:00"),
			ip(4, ctim.Malicious, "1999-12-26 00:00", "2000-01-08 00:00"),
			ip(5, ctim.Malicious, "1999-12-25 23:59", "2000-01-08 00:01"),
			ip(6, ctim.Clean, "1999-12-03 10:00", "1999-12-31 23:00"), // over
			ip(7, ctim.Clean, "1999-10-01 10:00", "2000-03-01 00:00"),
			malicious(ctim.TypeDomain, "evil.example", func(e *entry.Entry) { e.Added = at("1999-12-31 12:00") }),
		)
		r := serveAnn(t, store)
		time.Sleep(12*time.Hour + 30*time.Minute) // half past noon, 2000-01-01
		if refused := take(t, r, actions(t, r, ctim.Observable{Type: ctim.TypeMD5, Value: strings.Repeat("ab", 16)})["mark-malicious"]); refused != "" {
			t.Fatal(refused)
		}

		for _, tt := range []struct {
			tile   string
			period relay.Period
			start  string
			want   map[string]int
		}{
			{"watchlist-totals", relay.Last24Hours, "1999-12-31 13:00", map[string]int{"Malicious": 6, "Suspicious": 1, "Clean": 1, "Added in the period": 3}},
			{"watchlist-totals", relay.Last7Days, "1999-12-26 00:00", map[string]int{"Malicious": 6, "Suspicious": 1, "Clean": 1, "Added in the period": 6}},
			{"watchlist-totals", relay.Last90Days, "1999-10-04 00:00", map[string]int{"Malicious": 6, "Suspicious": 1, "Clean": 1, "Added in the period": 8}},
			{"watchlist-added", relay.Last24Hours, "1999-12-31 13:00", map[string]int{"1999-12-31 23:00 Malicious": 2, "2000-01-01 12:00 Malicious": 1}},
			{"watchlist-added", relay.Last7Days, "1999-12-26 00:00", map[string]int{"1999-12-26 Malicious": 1, "1999-12-31 Malicious": 3, "1999-12-31 Suspicious": 1, "2000-01-01 Malicious": 1}},
			{"watchlist-added", relay.Last30Days, "1999-12-03 00:00", map[string]int{"1999-12-03 Clean": 1, "1999-12-25 Malicious": 1, "1999-12-26 Malicious": 1, "1999-12-31 Malicious": 3, "1999-12-31 Suspicious": 1, "2000-01-01 Malicious": 1}},
			{"watchlist-expiring", relay.Last24Hours, "2000-01-01 12:30", map[string]int{"2000-01-01 12:00 Malicious": 1, "2000-01-01 23:00 Suspicious": 1}},
			{"watchlist-expiring", relay.Last7Days, "2000-01-01 12:30", map[string]int{"2000-01-01 Malicious": 1, "2000-01-01 Suspicious": 1, "2000-01-07 Malicious": 1, "2000-01-08 Malicious": 1}},
			{"watchlist-expiring", relay.Last30Days, "2000-01-01 12:30", map[string]int{"2000-01-01 Malicious": 1, "2000-01-01 Suspicious": 1, "2000-01-07 Malicious": 1, "2000-01-08 Malicious": 1, "2000-01-31 Malicious": 1}},
			{"watchlist-expiring", relay.Last60Days, "2000-01-01 12:30", map[string]int{"2000-01-01 to 2000-01-07 Malicious": 2, "2000-01-01 to 2000-01-07 Suspicious": 1, "2000-01-08 to 2000-01-14 Malicious": 1, "2000-01-29 to 2000-02-04 Malicious": 1, "2000-02-26 to 2000-03-03 Clean": 1}},
		} {
			data := tileData(t, r, tt.tile, tt.period)
			if diff := cmp.Diff(tt.want, numbers(t, data)); diff != "" {
				t.Errorf("%s %s: %s", tt.tile, tt.period, diff)
			}
			if !data.ObservedTime.Start.Equal(at(tt.start)) {
				t.Errorf("%s %s: from %v", tt.tile, tt.period, data.ObservedTime.Start)
			}
		}
		if diff := cmp.Diff(map[string]int{"ip Malicious": 4, "ip Suspicious": 1, "ip Clean": 1, "domain Malicious": 1, "md5 Malicious": 1},
			segments(t, tileData(t, r, "watchlist-types", relay.LastHour))); diff != "" {
			t.Error(diff)
		}

		hash := strings.Repeat("ab", 16)
		if diff := cmp.Diff([]string{"- 2000-01-01 12:30 UTC, `ann`: `marked as malicious` `" + hash + "` (`not listed -> malicious until 2000-02-01 by analyst`)"},
			text(t, tileData(t, r, "watchlist-changes", relay.LastHour))); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Hour + time.Minute)
		if diff := cmp.Diff([]string{"No changes in this period."}, text(t, tileData(t, r, "watchlist-changes", relay.LastHour))); diff != "" {
			t.Error(diff)
		}
		if got := numbers(t, tileData(t, r, "watchlist-totals", relay.Last24Hours)); got["Malicious"] != 5 {
			t.Errorf("what has ended still counts: %v", got)
		}
	})
}

func TestTheTileOfChangesShowsTheNewest(t *testing.T) {
	store := openStore(t)
	for i := range 25 {
		if err := store.Record(t.Context(), entry.NewChange(entry.Note{What: fmt.Sprint("step ", i)})); err != nil {
			t.Fatal(err)
		}
	}
	lines := text(t, tileData(t, serveAnn(t, store), "watchlist-changes", relay.LastHour))
	if len(lines) != 20 || !strings.Contains(lines[0], "step 24") || !strings.Contains(lines[19], "step 5") {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}

// Texts from outside never become a link or markup in the platform's page.
func TestChangesCantBringMarkup(t *testing.T) {
	store := openStore(t)
	line := entry.NewChange(entry.Note{Who: "`[x](http://evil.example)`", What: "did\n# \u202e\u009b<b>it"})
	line.Observable = ctim.Observable{Type: ctim.TypeURL, Value: "http://evil.example/`*x*"}
	if err := store.Record(t.Context(), line); err != nil {
		t.Fatal(err)
	}
	got := text(t, tileData(t, serveAnn(t, store), "watchlist-changes", relay.LastHour))
	want := ": `did # ‹b>it` `http://evil.example/'*x*`"
	if len(got) != 1 || !strings.HasSuffix(got[0], want) || !strings.Contains(got[0], "`'[x] (http://evil.example)'`") {
		t.Errorf("got %q", got)
	}
}
