package client

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

func TestExplain(t *testing.T) {
	for body, want := range map[string]string{
		`{"errors":[{"detail":"The address is wrong.","status":422},{"detail":"More."}]}`: "The address is wrong.",
		`{"errors":[]}`:            "",
		`{"errors":"The end."}`:    "",
		`<html>No</html>`:          "",
		``:                         "",
		`{"errors":[{"title":1}]}`: "",
	} {
		if got := Explain([]byte(body)); got != want {
			t.Errorf("%s: got %q", body, got)
		}
	}
}

// Whatever comes, it is no more than was asked for, the newest first, and a
// report is never without a time.
func FuzzCheck(f *testing.F) {
	body, err := os.ReadFile("../../testdata/reported.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body, 2)
	f.Add([]byte(`{"data":{"reports":[1,null,{"reportedAt":"2026-01-01T00:00:00Z"},{"reportedAt":"9999-12-31T23:59:59-23:59"}]}}`), 100)
	f.Add([]byte(`{"data":{"reports":{"reportedAt":1}}}`), 0)
	f.Fuzz(func(t *testing.T, body []byte, most int) {
		most = max(0, min(most, 1000))
		answer := struct{ Data *Check }{&Check{Reports: Reports{most: most}}}
		if json.Unmarshal(body, &answer) != nil || answer.Data == nil {
			return
		}
		newest := answer.Data.Reports.Newest
		if len(newest) > most {
			t.Fatalf("%d reports, wanted %d", len(newest), most)
		}
		if !slices.IsSortedFunc(newest, func(a, b Report) int { return b.ReportedAt.Compare(a.ReportedAt) }) {
			t.Fatal("not the newest first")
		}
		for _, r := range newest {
			if r.ReportedAt.IsZero() || len(r.Comment) > maxComment {
				t.Fatalf("report %+v", r)
			}
		}
	})
}
