package importer

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/threat"
)

// Sorting on disk gives what sorting in memory does, and leaves no files.
func TestSorter(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	random := rand.New(rand.NewPCG(1, 2))
	var items []item
	for n := range 1000 {
		e := entry.Entry{
			Observable: ctim.Observable{Type: ctim.TypeDomain, Value: fmt.Sprintf("d%d.example", random.IntN(300))},
			Source:     fmt.Sprint("s", random.IntN(2)), Tags: []string{"a", "b"}, ValidUntil: time.Unix(int64(n), 0).UTC(),
			Indicates: []threat.Threat{{Kind: threat.Malware, Name: "x"}},
		}
		if n%3 == 0 {
			e.Observable.Type = ctim.TypeHostname // the same key
		}
		if n%7 == 0 {
			e.With = []ctim.Observable{{Type: ctim.TypeIP, Value: fmt.Sprint("192.0.2.", n%3)}}
		}
		items = append(items, item{Entry: e, Value: e.Observable.Value, File: n % 2, Line: n / 2, Number: n / 2})
	}
	sorted := func(most int) (groups [][]item) {
		s := sorter{most: most}
		defer s.close()
		for _, i := range items {
			if err := s.add(i); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.each(func(same []item) error {
			groups = append(groups, slices.Clone(same))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return groups
	}
	want := sorted(10_000)
	n := 0
	for i, group := range want {
		n += len(group)
		for j := range group {
			if group[j].Entry.Identity() != group[0].Entry.Identity() || group[j].Entry.Key() != group[0].Entry.Key() || j > 0 && group[j].compare(&group[j-1]) <= 0 {
				t.Errorf("group %d: %v", i, group)
			}
		}
		if i > 0 && group[0].compare(&want[i-1][0]) <= 0 {
			t.Errorf("group %d is not behind the one before", i)
		}
	}
	if n != len(items) {
		t.Errorf("%d items of %d", n, len(items))
	}
	for _, most := range []int{1000, 999, 70, 7} {
		if diff := cmp.Diff(want, sorted(most), cmp.AllowUnexported(item{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%d: %s", most, diff)
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
