package server_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// checkCut checks that an answer is little smaller than the limit, and has a warning.
func checkCut(t *testing.T, got answer, limit int) {
	t.Helper()
	sent, _ := json.Marshal(string(got.raw)) // as Lambda sends it
	if len(sent) > limit || len(sent) < limit*9/10 {
		t.Errorf("%d bytes, want little less than %d", len(sent), limit)
	}
	if got.problems() != "warning invalid argument" {
		t.Errorf("errors %v", got.Errors)
	}
}

func TestObserveIsCutToTheNewest(t *testing.T) {
	const observables, judgements, limit = 15, 20, 1 << 20
	indicator := ctim.Indicator{Base: ctim.Base{ID: ctim.NewID("indicator", "1")}, Producer: "p"}
	session := observer(func(_ context.Context, o ctim.Observable) (ctim.Bundle, error) {
		b := ctim.Bundle{Indicators: []ctim.Indicator{indicator}}
		for i := range judgements {
			j := judgementOn(o, i)
			j.Reason = ctim.ShortString(strings.Repeat(`"`, 1000)) // longer in JSON
			b.Judgements = append(b.Judgements, j)
			b.Relationships = append(b.Relationships, ctim.Relate(j.ID, ctim.ElementOf, indicator.ID))
		}
		return b, nil
	})
	r := newRelay(session)
	r.SetMaxAnswer(limit)
	got := ask(t.Context(), t, r, "/observe/observables", ips(observables))
	checkCut(t, got, limit)
	kept, verdicts, relationships := got.docs(t, "judgements"), got.docs(t, "verdicts"), got.docs(t, "relationships")
	deciding := map[any]bool{}
	for _, v := range verdicts {
		deciding[v["judgement_id"]] = true
	}
	oldest := past.AddDate(0, 0, judgements-len(kept)/observables-2).Format(time.DateOnly)
	for _, j := range kept {
		if start := j["valid_time"].(map[string]any)["start_time"].(string); start < oldest && !deciding[j["id"]] {
			t.Fatalf("a judgement of %s was kept, want those from %s and those that decide", start, oldest)
		}
	}
	if len(relationships) != len(kept) || len(verdicts) != observables {
		t.Errorf("%d judgements, %d relationships, %d verdicts", len(kept), len(relationships), len(verdicts))
	}
}

// Verdicts keep their judgements. Even if every judgement has a verdict, the answer is cut.
func TestObserveIsCutToTheFirst(t *testing.T) {
	const observables, limit = 600, 1 << 20
	session := observer(func(_ context.Context, o ctim.Observable) (ctim.Bundle, error) {
		j := judgementOn(o, 0)
		j.Reason = ctim.ShortString(strings.Repeat(`"`, 1000)) // longer in JSON
		return ctim.Bundle{Judgements: []ctim.Judgement{j}}, nil
	})
	r := newRelay(session)
	r.SetMaxAnswer(limit)
	got := ask(t.Context(), t, r, "/observe/observables", ips(observables))
	checkCut(t, got, limit)
	judgements := map[any]bool{}
	for _, j := range got.docs(t, "judgements") {
		judgements[j["id"]] = true
	}
	verdicts := got.docs(t, "verdicts")
	for i, v := range verdicts {
		if value := v["observable"].(map[string]any)["value"]; value != "192.0.2."+strconv.Itoa(i) || !judgements[v["judgement_id"]] {
			t.Fatalf("verdict %d is about %s, with judgement %v", i, value, judgements[v["judgement_id"]])
		}
	}
	if len(verdicts) < len(judgements)/2 {
		t.Errorf("%d verdicts with %d judgements", len(verdicts), len(judgements))
	}
}

func TestDeliberateIsCut(t *testing.T) {
	session := deliberator(func(_ context.Context, o ctim.Observable) ([]ctim.Judgement, error) {
		return []ctim.Judgement{judgementOn(o, 0)}, nil
	})
	const limit = 1 << 20
	long := make([]ctim.Observable, 200)
	for i := range long {
		long[i] = ctim.Observable{Type: ctim.TypeDomain, Value: strings.Repeat(`"`, 1700) + strconv.Itoa(i)}
	}
	body, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	r := newRelay(session)
	r.SetMaxAnswer(limit)
	checkCut(t, ask(t.Context(), t, r, "/deliberate/observables", string(body)), limit)
}

// The default is Lambda's limit.
func TestReferIsCut(t *testing.T) {
	long := strings.Repeat(`\`, 1000)
	session := referrer(func(_ context.Context, o ctim.Observable) ([]relay.Link, error) {
		return []relay.Link{{ID: o.Value, Title: long, Description: long, URL: "https://example.com"}}, nil
	})
	checkCut(t, ask(t.Context(), t, newRelay(session), "/refer/observables", ips(1000)), 6*1024*1024)
}
