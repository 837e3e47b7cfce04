package dynamo_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
)

// done is what a table has after an operation to which nothing happens.
func done(t *testing.T, do operation) contents {
	t.Helper()
	table := started(t)
	if _, err := do(t.Context(), open(t, table, nil)); err != nil {
		t.Fatal(err)
	}
	return read(t, table)
}

// Wherever a process dies, whoever does the same again finds and leaves all as
// if it hadn't.
func TestDyingAnywhereLosesNothingAndCountsNothingTwice(t *testing.T) {
	fates := map[string]fate{"died before": diesBefore, "died after": diesAfter, "was told nothing of": sentTwice}
	for name, do := range operations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := done(t, do)
			for how, happens := range fates {
				for n := int64(1); ; n++ {
					table, w := started(t), at(n, happens)
					if _, err := do(t.Context(), impatient(t, table, w)); (err != nil) != w.dead.Load() {
						t.Fatalf("%s request %d: %v", how, n, err)
					}
					if w.requests.Load() < n {
						break // it needs no more requests
					}
					if _, err := do(t.Context(), impatient(t, table, &wire{})); err != nil {
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

// Those who clean up may die at it, too.
func TestDyingTwice(t *testing.T) {
	t.Parallel()
	do := operations()["put some"]
	want := done(t, do)
	for first, more := int64(1), true; more; first++ {
		for second, again := int64(1), true; again; second++ {
			table, w1, w2 := started(t), at(first, diesAfter), at(second, diesBefore)
			_, _ = do(t.Context(), impatient(t, table, w1))
			_, _ = do(t.Context(), impatient(t, table, w2))
			if _, err := do(t.Context(), impatient(t, table, &wire{})); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, read(t, table)); diff != "" {
				t.Fatalf("died after request %d, then before %d: %s", first, second, diff)
			}
			more, again = w1.dead.Load(), w2.dead.Load()
		}
	}
}

// While a process stops before a request, or waits for an answer that is lost,
// another one changes the same, takes the first for dead, and moves the lane
// on. What the first sends then must neither be lost nor count twice.
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
						run := func(do operation, through *wire) {
							got, err := do(t.Context(), impatient(t, table, through))
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
									run(filling, &wire{})
								}
								return send()
							})
						})
						run(do, w)

						got := read(t, table)
						got.check(t)
						added := got.Added.Sum()
						// Of what it wrote without being told, and another then took over, the
						// first says that it was there.
						if how == "repeats" && name == "put some" && other == "put some" && added > want.added {
							added = want.added
						}
						if diff := cmp.Diff(want, effect{added, len(got.History)}, cmp.AllowUnexported(effect{})); diff != "" {
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

// Many processes do all kinds of things at the same time, and die at it.
func TestChaos(t *testing.T) {
	table := dynamotest.Table(t)
	const processes, lives = 6, 20
	addresses := []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}
	fates := []fate{diesBefore, diesAfter, sentTwice}
	var mu sync.Mutex
	changes := map[string]bool{} // what was changed, and whether that is certain
	var group sync.WaitGroup
	for p := range processes {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(p), 1))
			for life := range lives {
				s := impatient(t, table, at(1+random.Int64N(20), fates[random.IntN(len(fates))]))
				var some []watchlist.Entry
				for _, address := range addresses[random.IntN(3):] {
					some = append(some, entry(address, func(e *watchlist.Entry) { e.Source = fmt.Sprint("list ", random.IntN(3)) }))
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
					made, err := s.Change(t.Context(), some[0].Key(), watchlist.Note{What: what}, func(before []watchlist.Entry) ([]watchlist.Entry, error) {
						after, _ := watchlist.Place(before, some[:1])
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

	// Whoever looks at a key to change it puts right what the dead left.
	last := impatient(t, table, &wire{})
	var keys []watchlist.Key
	for _, address := range addresses {
		keys = append(keys, key(address))
	}
	if _, err := last.Remove(t.Context(), keys, func(watchlist.Entry) bool { return false }); err != nil {
		t.Fatal(err)
	}
	read(t, table).check(t)
	told := map[string]int{}
	for line, err := range last.History(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		told[line.What]++
	}
	for what, n := range told {
		if _, tried := changes[what]; !tried || n != 1 {
			t.Errorf("%s has %d lines", what, n)
		}
	}
	for what, certain := range changes {
		if certain && told[what] != 1 {
			t.Errorf("%s has no line", what)
		}
	}
	t.Logf("%d lines", len(told))
}

// A process that is at work is waited for.
func TestAWriterAtWorkIsNotTakenForDead(t *testing.T) {
	table := started(t)
	some := operations()["put some"]
	waiting := make(chan struct{})
	var look sync.Once
	other := &wire{happens: func(_ *wire, _ int64, body string, send sender) (*http.Response, error) {
		if strings.Contains(body, `"batch#`) {
			defer look.Do(func() { close(waiting) })
		}
		return send()
	}}
	result := make(chan watchlist.PutResult, 1)
	commits := 0
	first := &wire{happens: func(_ *wire, _ int64, body string, send sender) (*http.Response, error) {
		if strings.Contains(body, `"committed"`) {
			commits++
			go func() {
				got, err := open(t, table, other).Put(t.Context(), []watchlist.Entry{entry("192.0.2.3", ending), entry("192.0.2.5")})
				if err != nil {
					t.Error(err)
				}
				result <- got
			}()
			<-waiting
		}
		return send()
	}}
	if _, err := some(t.Context(), open(t, table, first)); err != nil {
		t.Fatal(err)
	}
	if got := <-result; got != (watchlist.PutResult{Added: 1, Unchanged: 1}) {
		t.Errorf("the other did %+v", got)
	}
	if commits != 1 {
		t.Errorf("%d attempts to commit", commits)
	}
	read(t, table).check(t)
}
