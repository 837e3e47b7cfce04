package dynamo_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// done returns the contents of a table after an undisturbed operation.
func done(t *testing.T, do operation) contents {
	t.Helper()
	table := started(t)
	if _, err := do(t.Context(), open(t, table, nil)); err != nil {
		t.Fatal(err)
	}
	return read(t, table)
}

// Wherever a process dies, the counters match the entries. Repeating the operation
// leaves the table as if the process hadn't died.
func TestDyingAnywhereLosesNothingAndCountsNothingTwice(t *testing.T) {
	fates := map[string]fate{"died before": diesBefore, "died after": diesAfter, "got no response to": sentTwice}
	for name, do := range operations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := done(t, do)
			for how, happens := range fates {
				for n := int64(1); ; n++ {
					table, w := started(t), at(n, happens)
					if _, err := do(t.Context(), through(t, table, w)); (err != nil) != w.dead.Load() {
						t.Fatalf("%s request %d: %v", how, n, err)
					}
					if w.requests.Load() < n {
						break // it needs no more requests
					}
					read(t, table).check(t)
					if _, err := do(t.Context(), through(t, table, &wire{})); err != nil {
						t.Fatalf("%s request %d, and the next: %v", how, n, err)
					}
					if diff := cmp.Diff(want, read(t, table)); diff != "" {
						t.Fatalf("%s request %d: %s", how, n, diff)
					}
				}
			}
		})
	}
}

// While a process stops before a request, or waits for a response that is lost, another
// process changes the same entries. The first one's change is neither lost nor counted
// twice.
func TestTwoProcessesInEveryOrder(t *testing.T) {
	stops := map[string]fate{
		"stops before": func(_ *wire, send sender) (*http.Response, error) { return send() },
		"repeats":      sentTwice,
	}
	for name, do := range operations() {
		for _, other := range []string{"put some", "remove"} {
			t.Run(name+" and "+other, func(t *testing.T) {
				t.Parallel()
				for how, happens := range stops {
					for n := int64(1); ; n++ {
						table, want := started(t), effect{added: startedWith}
						run := func(do operation, by *wire) {
							got, err := do(t.Context(), through(t, table, by))
							if err != nil {
								t.Errorf("%s request %d: %v", how, n, err)
							}
							want.added += got.added
							want.lines += got.lines
						}
						w := at(n, func(w *wire, send sender) (*http.Response, error) {
							sent := 0
							return happens(w, func() (*http.Response, error) {
								if sent++; sent == 2 || how == "stops before" {
									run(operations()[other], &wire{})
								}
								return send()
							})
						})
						run(do, w)

						got := read(t, table)
						got.check(t)
						if diff := cmp.Diff(want, effect{got.Added.Sum(), len(got.History)}, cmp.AllowUnexported(effect{})); diff != "" {
							t.Error(diff)
						}
						if t.Failed() {
							t.Fatalf("%s request %d", how, n)
						}
						if w.requests.Load() < n {
							break
						}
					}
				}
			})
		}
	}
}

// Many processes concurrently do all kinds of operations, and die.
func TestChaos(t *testing.T) {
	table := dynamotest.Table(t)
	const processes, lives = 6, 20
	addresses := []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}
	fates := []fate{diesBefore, diesAfter, sentTwice}
	var mu sync.Mutex
	changes := map[string]bool{} // the changes that were made, and whether that is certain
	var group sync.WaitGroup
	for p := range processes {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(p), 1))
			for life := range lives {
				s := through(t, table, at(1+random.Int64N(20), fates[random.IntN(len(fates))]))
				var some []entry.Entry
				for _, address := range addresses[random.IntN(3):] {
					some = append(some, listed(address, func(e *entry.Entry) { e.Source = fmt.Sprint("list ", random.IntN(3)) }))
				}
				if random.IntN(2) == 0 {
					suspicious(&some[0])
				}
				switch random.IntN(4) {
				case 0:
					_, _ = s.Put(t.Context(), some)
				case 1:
					_, _ = removing(addresses[random.IntN(2):]...)(t.Context(), s)
				default:
					what := fmt.Sprintf("life %d of process %d", life, p)
					made, err := s.Change(t.Context(), some[0].Key(), entry.Note{What: what}, func(before []entry.Entry) ([]entry.Entry, error) {
						after, _ := entry.Merge(before, some[:1])
						return after, nil
					})
					if made || err != nil {
						mu.Lock()
						changes[what] = made
						mu.Unlock()
					}
				}
			}
		})
	}
	group.Wait()

	read(t, table).check(t)
	recorded := map[string]int{}
	for line, err := range open(t, table, nil).History(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		recorded[line.What]++
	}
	for what, n := range recorded {
		if _, tried := changes[what]; !tried || n != 1 {
			t.Errorf("%s has %d lines", what, n)
		}
	}
	for what, certain := range changes {
		if certain && recorded[what] != 1 {
			t.Errorf("%s has no line", what)
		}
	}
	t.Logf("%d lines", len(recorded))
}
