package importer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/bolt"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/providers/watchlist/importer"
)

func newStore(t *testing.T) entry.Store {
	t.Helper()
	store, err := bolt.Open(filepath.Join(t.TempDir(), "watchlist.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// input is a file with a text.
func input(name, text string) importer.Input {
	return importer.Input{Name: name, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func options() importer.Options { return importer.Options{BatchSize: 100, By: "ann"} }

// run imports files, which must succeed.
func run(t *testing.T, store entry.Store, o importer.Options, inputs ...importer.Input) *importer.Report {
	t.Helper()
	report, err := importer.Run(t.Context(), store, inputs, o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// stored are the values in a store, with their sources.
func stored(t *testing.T, store entry.Store) []string {
	t.Helper()
	var values []string
	for e, err := range store.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, e.Observable.Value+" "+e.Source)
	}
	slices.Sort(values)
	return values
}

func expect(t *testing.T, store entry.Store, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, stored(t, store)); diff != "" {
		t.Error(diff)
	}
}

func bundle(objects ...string) string { return `{"objects":[` + strings.Join(objects, ",") + `]}` }

// indicator is a version of the indicator with a number.
func indicator(n int, modified, value, more string) string {
	return fmt.Sprintf(`{"type":"indicator","id":"indicator--%d","created":"2024-01-01T00:00:00Z","modified":"%s","pattern":"[domain-name:value = '%s']"%s}`, n, modified, value, more)
}

const (
	first  = "2024-01-01T00:00:00Z"
	second = "2024-02-01T00:00:00Z"
)

// What a source takes back is removed, and nobody else's.
func TestTakenBack(t *testing.T) {
	event := func(attributes string) string {
		return `{"Event":{"uuid":"e1","info":"Campaign","Orgc":{"name":"CERT"},"Attribute":[` + attributes + `]}}`
	}
	attribute := func(uuid, value, more string) string {
		return fmt.Sprintf(`{"uuid":"%s","type":"domain","value":"%s"%s}`, uuid, value, more)
	}
	tests := map[string]struct {
		before, after string
		want          []string
	}{
		"revoked":              {bundle(indicator(1, first, "a.example", ""), indicator(2, first, "b.example", "")), bundle(indicator(1, second, "a.example", `,"revoked":true`)), []string{"b.example CERT"}},
		"revoked, other text":  {bundle(indicator(1, first, "a.example", "")), bundle(indicator(1, second, "c.example", `,"revoked":true`), indicator(3, first, "d.example", "")), []string{"d.example CERT"}},
		"revoked, no pattern":  {bundle(indicator(1, first, "a.example", "")), bundle(`{"type":"indicator","id":"indicator--1","modified":"2024-02-01T00:00:00Z","revoked":true}`), nil},
		"another value":        {bundle(indicator(1, first, "a.example", "")), bundle(indicator(1, second, "b.example", "")), []string{"b.example CERT"}},
		"can't be matched now": {bundle(indicator(1, first, "a.example", "")), bundle(strings.ReplaceAll(indicator(1, second, "a%", ""), " = ", " LIKE ")), nil},
		"the same":             {bundle(indicator(1, first, "a.example", "")), bundle(indicator(1, second, "a.example", "")), []string{"a.example CERT"}},
		"never there":          {bundle(indicator(1, first, "a.example", "")), bundle(indicator(2, second, "a.example", `,"revoked":true`)), []string{"a.example CERT"}},
		"deleted":              {event(attribute("u1", "a.example", `,"to_ids":true`)), event(attribute("u1", "a.example", `,"to_ids":true,"deleted":true`)), nil},
		"not for detection":    {event(attribute("u1", "a.example", `,"to_ids":true`)), event(attribute("u1", "a.example", `,"to_ids":false`)), nil},
		"corrected":            {event(attribute("u1", "a.example", `,"to_ids":true`)), event(attribute("u1", "b.example", `,"to_ids":true`)), []string{"b.example CERT"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			o := options()
			o.Formats.Source = "CERT"
			run(t, store, o, input("before.json", tt.before))
			other := options()
			other.Formats.Source = "Other"
			run(t, store, other, input("before.json", tt.before))
			had := stored(t, store)
			report := run(t, store, o, input("after.json", tt.after))
			var want []string
			for _, value := range had {
				if strings.HasSuffix(value, " Other") {
					want = append(want, value)
				}
			}
			want = append(want, tt.want...)
			slices.Sort(want)
			expect(t, store, want...)
			if report.Removed > 0 {
				for line, err := range store.History(t.Context()) {
					if err != nil || !strings.Contains(line.What, "removed") || len(line.Before) != report.Removed || line.Who != "ann" {
						t.Errorf("history %+v, %v", line, err)
					}
					break
				}
			}
			if again := run(t, store, o, input("after.json", tt.after)); again.Added+again.Updated+again.Removed > 0 {
				t.Errorf("the second time: %+v", again)
			}
			expect(t, store, want...)
		})
	}
}

func TestReplace(t *testing.T) {
	store := newStore(t)
	o := options()
	run(t, store, o, input("list.txt", "192.0.2.1\n192.0.2.2\n192.0.2.3\n"), input("other.txt", "192.0.2.1\n192.0.2.9\n"))
	o.Replace = true
	report := run(t, store, o, input("list.txt", "192.0.2.1\n192.0.2.3\n192.0.2.4\n"))
	if report.Removed != 1 || report.Added != 1 {
		t.Errorf("got %+v", report)
	}
	all := []string{"192.0.2.1 list", "192.0.2.1 other", "192.0.2.3 list", "192.0.2.4 list", "192.0.2.9 other"}
	expect(t, store, all...)

	for name, text := range map[string]string{"too few": "192.0.2.4\n", "nothing": "# none\n", "unreadable": "", "a page": "<html>"} {
		if _, err := importer.Run(t.Context(), store, []importer.Input{input("list.txt", text), input("other.txt", "192.0.2.1\n192.0.2.9\n")}, o); err == nil || !strings.Contains(err.Error(), "--replace: nothing is changed") {
			if name != "nothing" { // the other has something
				t.Errorf("%s: %v", name, err)
			}
		}
		expect(t, store, all...)
	}
	o.Force = true
	run(t, store, o, input("list.txt", "192.0.2.4\n"))
	expect(t, store, "192.0.2.1 other", "192.0.2.4 list", "192.0.2.9 other")
}

// Of a MISP event only what that event had is replaced.
func TestReplaceEvent(t *testing.T) {
	event := func(info string, values ...string) string {
		var attributes []string
		for _, v := range values {
			attributes = append(attributes, fmt.Sprintf(`{"uuid":"%s-%s","type":"domain","value":"%s","to_ids":true}`, info, v, v))
		}
		return `{"Event":{"info":"` + info + `","Orgc":{"name":"CERT"},"Attribute":[` + strings.Join(attributes, ",") + `]}}`
	}
	store := newStore(t)
	o := options()
	run(t, store, o, input("1", event("one", "a.example", "b.example")), input("2", event("two", "c.example")))
	o.Replace = true
	run(t, store, o, input("1", event("one", "b.example")))
	expect(t, store, "b.example CERT", "c.example CERT")
}

// Of entries with one identity one is chosen, wherever they stand.
func TestChoose(t *testing.T) {
	future := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	for name, tt := range map[string]struct {
		files      []string
		end        string
		subdomains bool
	}{
		"longer":              {[]string{"value,valid_until\na.example,2020-01-01\na.example," + future + "\na.example,2021-01-01\n"}, future, false},
		"endless":             {[]string{"value,valid_until\na.example,2020-01-01\na.example,\n", "value,valid_until\na.example," + future + "\n"}, "", false},
		"wildcard first":      {[]string{"*.a.example\na.example\n"}, "", true},
		"wildcard last":       {[]string{"a.example\n*.a.example\n"}, "", true},
		"wildcard that ended": {[]string{"value,valid_until,subdomains\na.example,,\na.example,2020-01-01,yes\n"}, "", false},
		"the same file twice": {[]string{"a.example\n", "a.example\n"}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			store := newStore(t)
			var inputs []importer.Input
			o := options()
			o.Formats.Source = "x"
			for i, text := range tt.files {
				inputs = append(inputs, input(fmt.Sprintf("f%d", i), text))
			}
			report := run(t, store, o, inputs...)
			if report.Added != 1 {
				t.Errorf("got %+v", report)
			}
			for e, err := range store.All(t.Context()) {
				end := ""
				if !e.ValidUntil.IsZero() {
					end = e.ValidUntil.Format(time.DateOnly)
				}
				if err != nil || end != tt.end || e.Subdomains != tt.subdomains {
					t.Errorf("got %+v, %v", e, err)
				}
			}
			if again := run(t, store, o, inputs...); again.Unchanged != 1 || again.Added+again.Updated > 0 {
				t.Errorf("the second time: %+v", again)
			}
		})
	}
}

// An import that says nothing of an end leaves one that is to come.
func TestKeepsEnds(t *testing.T) {
	store := newStore(t)
	end := time.Now().AddDate(0, 1, 0).UTC().Truncate(time.Second)
	o := options()
	o.Formats.ValidUntil = end
	run(t, store, o, input("list", "192.0.2.1\n"))
	o.Formats.ValidUntil = time.Now().AddDate(0, -1, 0)
	run(t, store, o, input("list", "192.0.2.2\n"))
	o.Formats.ValidUntil = time.Time{}
	if report := run(t, store, o, input("list", "192.0.2.1\n192.0.2.2\n")); report.Unchanged != 1 || report.Updated != 1 {
		t.Errorf("got %+v", report)
	}
	for e := range store.All(t.Context()) {
		if e.Observable.Value == "192.0.2.1" && !e.ValidUntil.Equal(end) || e.Observable.Value == "192.0.2.2" && !e.ValidUntil.IsZero() {
			t.Errorf("%s until %v", e.Observable.Value, e.ValidUntil)
		}
	}
}

func TestReport(t *testing.T) {
	store := newStore(t)
	text := "x1\n10.0.0.1\nx2\nx3\ncom.\n8.8.8.8\n192.0.2.1\n192.0.2.1\nx4\ngoogle.com\n"
	missing := importer.Input{Name: "missing", Open: func(context.Context) (io.ReadCloser, error) { return nil, errors.New("there is no such file") }}
	report, err := importer.Run(t.Context(), store, []importer.Input{input("list", text), missing, input("empty", "# nothing\n")}, options())
	if err != nil {
		t.Fatal(err)
	}
	f := report.Files[0]
	want := []importer.Reason{
		{Text: "not an address, domain, URL, e-mail address or hash", Count: 4, Places: []importer.Place{{Line: 1, Value: "x1"}, {Line: 3, Value: "x2"}, {Line: 4, Value: "x3"}}},
		{Text: "a name without a dot", Count: 1, Places: []importer.Place{{Line: 5, Value: "com."}}},
		{Text: "a duplicate: the files contain it again with the same source and title", Count: 1, Places: []importer.Place{{Line: 8, Value: "192.0.2.1"}}},
	}
	if diff := cmp.Diff(want, f.Skipped); diff != "" {
		t.Error(diff)
	}
	if importer.Count(f.Warnings) != 3 || f.Read != 10 || report.Added != 4 || report.Failed() != 1 || report.Files[1].Error != "there is no such file" {
		t.Errorf("got %+v, %+v", report, f)
	}
	if got := report.Files[2].Skipped; len(got) != 1 || got[0].Text != "nothing in it" {
		t.Errorf("got %+v", got)
	}
	for line := range store.History(t.Context()) {
		if line.What != "imported list, empty: 4 added, 0 updated" {
			t.Errorf("history %q", line.What)
		}
	}
}

func TestPreviewStoresNothing(t *testing.T) {
	report, entries, err := importer.Preview(t.Context(), input("list", "192.0.2.1\n192.0.2.2\nx\n192.0.2.3\n"), options(), 2)
	if err != nil || report.Read != 4 || importer.Count(report.Skipped) != 1 || len(entries) != 2 || report.Format != formats.List {
		t.Errorf("got %+v, %v, %v", report, entries, err)
	}
}

// failing is a store whose Put does something first.
type failing struct {
	entry.Store
	put func(call int) error
	n   int
}

func (f *failing) Put(ctx context.Context, entries []entry.Entry) (entry.PutResult, error) {
	f.n++
	if err := f.put(f.n); err != nil {
		return entry.PutResult{}, err
	}
	return f.Store.Put(ctx, entries)
}

func addresses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "10.%d.%d.%d\n", i>>16&255, i>>8&255, i&255)
	}
	return b.String()
}

// An import that is interrupted while it writes keeps whole batches, and goes on
// from there.
func TestInterrupted(t *testing.T) {
	store := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	report, err := importer.Run(ctx, &failing{Store: store, put: func(call int) error {
		if call == 3 {
			cancel()
		}
		return nil
	}}, []importer.Input{input("list", addresses(5000))}, options())
	if !errors.Is(err, context.Canceled) || report.Added == 0 || report.Added%100 != 0 || report.Added == 5000 || len(stored(t, store)) != report.Added {
		t.Fatalf("got %+v, %v", report, err)
	}
	if again := run(t, store, options(), input("list", addresses(5000))); again.Added != 5000-report.Added || again.Unchanged != report.Added {
		t.Errorf("got %+v", again)
	}
}

func TestStoreFails(t *testing.T) {
	broken := errors.New("the disk is broken")
	report, err := importer.Run(t.Context(), &failing{Store: newStore(t), put: func(call int) error {
		if call == 2 {
			return broken
		}
		return nil
	}}, []importer.Input{input("list", addresses(5000))}, options())
	if !errors.Is(err, broken) || report.Added != 100 {
		t.Errorf("got %+v, %v", report, err)
	}
}
