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
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

func TestEachObservableIsLookedUpOnce(t *testing.T) {
	var mu sync.Mutex
	lookups := map[ctim.Observable]int{}
	session := deliberator(func(_ context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
		mu.Lock()
		defer mu.Unlock()
		lookups[o]++
		if o.Value == "192.0.2.3" {
			return nil, nil // unknown
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
	for o, n := range lookups {
		if n != 1 || o.Type != ctim.TypeIP {
			t.Errorf("%v was looked up %d times", o, n)
		}
	}
}

// Ten concurrent lookups of 200 ms each take 2 s for 100 observables.
func TestConcurrency(t *testing.T) {
	for concurrency, want := range map[int]time.Duration{0: 2 * time.Second, 1: 20 * time.Second, 40: 600 * time.Millisecond, 1000: 200 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
				time.Sleep(200 * time.Millisecond)
				return judge(ctx, o)
			})
			r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{}, Concurrency: concurrency})
			start := time.Now()
			got := ask(t.Context(), t, r, "/observe/observables", ips(100))
			if took := time.Since(start); took != want || len(got.docs(t, "judgements")) != 100 {
				t.Errorf("concurrency %d: took %v for %d judgements, want %v", concurrency, took, len(got.docs(t, "judgements")), want)
			}
		})
	}
}

// If a third party hangs, the results until the deadline are returned.
func TestDeadline(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lambda time.Duration // until Lambda's deadline; 0 is none
		want   time.Duration
	}{
		{"Lambda's, less a second", 10 * time.Second, 9 * time.Second},
		{"25 seconds at most", 15 * time.Minute, 25 * time.Second},
		{"25 seconds without Lambda", 0, 25 * time.Second},
	} {
		for _, ignoresContext := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, provider ignores its context: %v", tt.name, ignoresContext), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					defer close(release)
					session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
						switch {
						case o.Value == "192.0.2.0":
							return judge(ctx, o)
						case ignoresContext:
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

// No lookups start after the deadline, even if a provider ignores its context.
func TestNoLookupsAfterTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lookups atomic.Int32
		release := make(chan struct{})
		session := observer(func(context.Context, ctim.Observable) (ctim.Bundle, error) {
			lookups.Add(1)
			<-release
			return ctim.Bundle{}, nil
		})
		got := ask(t.Context(), t, newRelay(session), "/observe/observables", ips(30))
		close(release)
		synctest.Wait() // for the lookups that ignored their context
		if n := lookups.Load(); n != 10 || got.problems() != "fatal timeout" {
			t.Errorf("%d lookups, want the first 10: %s", n, got.raw)
		}
	})
}

// Results that are ready when the context ends are not lost.
func TestResultsAtTheDeadline(t *testing.T) {
	for range 50 { // select chooses one of two ready channels at random
		ctx, cancel := context.WithCancel(t.Context())
		session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
			found, err := judge(ctx, o)
			if o.Value == "192.0.2.3" { // the last one
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
	provider := source{judge, func(observables []ctim.Observable) error {
		all = observables
		return nil
	}}
	r := server.New(server.Options{Declaration: declaration(), Service: provider, Authenticator: gate{}})
	ask(t.Context(), t, r, "/observe/observables", strings.Replace(ips(3), "[", `[{"type":"moon","value":"1"},`, 1))
	if len(all) != 3 {
		t.Errorf("got %v", all)
	}
}

// Two spellings of an observable have the same link.
func TestALinkIsAnsweredOnce(t *testing.T) {
	session := referrer(func(_ context.Context, o ctim.Observable) ([]relay.Link, error) {
		name := strings.ToLower(o.Value)
		return []relay.Link{{ID: "ref-" + name, Title: "Open", URL: "https://example.com/" + name}}, nil
	})
	a := ask(t.Context(), t, newRelay(session), "/refer/observables",
		`[{"type":"domain","value":"evil.example"},{"type":"domain","value":"EVIL.example"},{"type":"domain","value":"worse.example"}]`)
	if got := strings.Count(string(a.raw), `"id":"ref-`); got != 2 {
		t.Errorf("%d links: %s", got, a.raw)
	}
}
