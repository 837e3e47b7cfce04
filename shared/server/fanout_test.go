package server_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/server"
)

func TestEachObservableIsAskedOnceInOrder(t *testing.T) {
	var mu sync.Mutex
	asked := map[ctim.Observable]int{}
	session := deliberator(func(_ context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
		mu.Lock()
		defer mu.Unlock()
		asked[o]++
		if o.Value == "192.0.2.3" {
			return nil, nil // nothing is known
		}
		return []ctim.Judgement{judgementOn(o, 0)}, nil
	})
	body := strings.Replace(ips(50), "[", `[{"type":"moon","value":"1"},{"type":"ip","value":" 192.0.2.7 "},{"type":"ip","value":"192.0.2.0"},`, 1)
	var got []string
	for _, v := range ask(t.Context(), t, newRelay(session), "/deliberate/observables", body).docs(t, "verdicts") {
		got = append(got, v["observable"].(map[string]any)["value"].(string))
	}
	want := []string{"192.0.2.7", "192.0.2.0"}
	for i := range 50 {
		if i != 0 && i != 7 && i != 3 {
			want = append(want, "192.0.2."+strconv.Itoa(i))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for o, n := range asked {
		if n != 1 || o.Type != ctim.TypeIP {
			t.Errorf("%v was asked about %d times", o, n)
		}
	}
}

// 100 observables at a third party that takes 200 ms each are 2 s: ten at once,
// no fewer and no more.
func TestFanOutIsBounded(t *testing.T) {
	for concurrency, want := range map[int]time.Duration{0: 2 * time.Second, 1: 20 * time.Second, 40: 600 * time.Millisecond, 1000: 200 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
				time.Sleep(200 * time.Millisecond) // of the bubble's time
				return judge(ctx, o)
			})
			r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{}, Concurrency: concurrency})
			start := time.Now()
			got := ask(t.Context(), t, r, "/observe/observables", ips(100))
			if took := time.Since(start); took != want || len(got.docs(t, "judgements")) != 100 {
				t.Errorf("%d at once: took %v for %d judgements, want %v", concurrency, took, len(got.docs(t, "judgements")), want)
			}
		})
	}
}

// A third party that hangs costs no more than the time that there is, and what
// came in time arrives.
func TestDeadline(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lambda time.Duration // what Lambda gives; 0: no deadline
		want   time.Duration
	}{
		{"of Lambda, less a second", 10 * time.Second, 9 * time.Second},
		{"25 seconds at most", 15 * time.Minute, 25 * time.Second},
		{"25 seconds without Lambda", 0, 25 * time.Second},
	} {
		for _, stubborn := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stubborn %v", tt.name, stubborn), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					defer close(release)
					session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
						switch {
						case o.Value == "192.0.2.0":
							return judge(ctx, o)
						case stubborn: // doesn't look at its context
							<-release
							return ctim.Bundle{}, nil
						default:
							<-ctx.Done()
							return ctim.Bundle{}, ctx.Err()
						}
					})
					ctx, cancel := context.WithCancel(context.Background())
					if tt.lambda > 0 {
						ctx, cancel = context.WithTimeout(context.Background(), tt.lambda)
					}
					defer cancel()
					start := time.Now()
					got := ask(ctx, t, newRelay(session), "/observe/observables", ips(30))
					if took := time.Since(start); took != tt.want {
						t.Errorf("took %v, want %v", took, tt.want)
					}
					if got.problems() != "error timeout" || len(got.docs(t, "judgements")) != 1 {
						t.Errorf("got %s", got.raw)
					}
				})
			})
		}
	}
}

// After the deadline nobody is asked any more: a provider that ignores it goes
// on with the observable that it has, and gets no further one.
func TestNothingIsAskedAfterTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		release := make(chan struct{})
		session := observer(func(context.Context, ctim.Observable) (ctim.Bundle, error) {
			asked.Add(1)
			<-release
			return ctim.Bundle{}, nil
		})
		got := ask(t.Context(), t, newRelay(session), "/observe/observables", ips(30))
		close(release)
		synctest.Wait() // for those that are left behind
		if n := asked.Load(); n != 10 || got.problems() != "fatal timeout" {
			t.Errorf("asked about %d observables, want the first 10: %s", n, got.raw)
		}
	})
}

// What came in at the last moment is not thrown away.
func TestAnswersAtTheDeadlineCount(t *testing.T) {
	for range 50 { // which of two ready channels is chosen is left to chance
		ctx, cancel := context.WithCancel(t.Context())
		session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
			found, err := judge(ctx, o)
			if o.Value == "192.0.2.3" { // the last: the others have answered
				cancel()
			}
			return found, err
		})
		r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{}, Concurrency: 1})
		if got := ask(ctx, t, r, "/observe/observables", ips(4)); len(got.docs(t, "judgements")) < 3 {
			t.Fatalf("got %s", got.raw)
		}
		cancel()
	}
}

func TestConnectSeesAllObservables(t *testing.T) {
	var all []ctim.Observable
	provider := source{judge, func(given []ctim.Observable) error {
		all = given
		return nil
	}}
	r := server.New(server.Options{Declaration: declaration(), Service: provider, Authenticator: gate{}})
	ask(t.Context(), t, r, "/observe/observables", strings.Replace(ips(3), "[", `[{"type":"moon","value":"1"},`, 1))
	if len(all) != 3 {
		t.Errorf("got %v", all)
	}
}
