package dynamo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// cancels responds as DynamoDB does when it cancels a transaction for these reasons.
func cancels(reasons ...string) answers {
	var codes []string
	for _, reason := range reasons {
		codes = append(codes, fmt.Sprintf(`{"Code":%q}`, reason))
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[%s]}`, strings.Join(codes, ","))
	}
}

// A transaction that fails because of others is retried, but not forever. One that can't
// succeed is not retried.
func TestCancelledTransactions(t *testing.T) {
	for _, tt := range []struct {
		reasons []string
		want    error
		least   int // attempts
	}{
		{[]string{"None", "TransactionConflict"}, entry.ErrBusy, 50},
		{[]string{"ConditionalCheckFailed"}, entry.ErrBusy, 50},
		{[]string{"ThrottlingError", "None"}, entry.ErrBusy, 50},
		{[]string{"ProvisionedThroughputExceeded"}, entry.ErrBusy, 50},
		{[]string{"TransactionConflict", "ValidationError"}, nil, 1},
		{nil, nil, 1},
	} {
		t.Run(strings.Join(tt.reasons, ","), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				store := reaching(t, answers(func(w http.ResponseWriter, r *http.Request) {
					if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "TransactWriteItems") {
						_, _ = w.Write([]byte(`{"Responses":{}}`))
						return
					}
					attempts++
					cancels(tt.reasons...)(w, r)
				}))
				for _, name := range []string{"put", "change"} {
					attempts = 0
					err := uses()[name](t.Context(), store)
					if err == nil || tt.want != nil && !errors.Is(err, tt.want) || attempts < tt.least || tt.least == 1 && attempts > 1 {
						t.Errorf("%s: %v after %d attempts", name, err, attempts)
					}
				}
			})
		})
	}
}

// Reads before a change are consistent. Lookups are not, which costs half as much.
func TestConsistentReads(t *testing.T) {
	table := started(t)
	consistent := map[bool]int{}
	w := &wire{happens: func(_ *wire, _ int64, body string, send sender) (*http.Response, error) {
		var request struct {
			RequestItems map[string]struct{ ConsistentRead bool }
		}
		if err := json.Unmarshal([]byte(body), &request); err != nil {
			return nil, err
		}
		if about, ok := request.RequestItems[table]; ok {
			consistent[about.ConsistentRead]++
		}
		return send()
	}}
	store := open(t, table, w)
	for name, want := range map[string]bool{"put": true, "remove": true, "change": true, "get": false} {
		clear(consistent)
		if err := uses()[name](t.Context(), store); err != nil {
			t.Fatal(err)
		}
		if consistent[want] == 0 || consistent[!want] > 0 {
			t.Errorf("%s: consistent or not: %v", name, consistent)
		}
	}
}

// Writes that don't fit into one transaction take several, each with its counters.
func TestLargerThanATransaction(t *testing.T) {
	var days, large []entry.Entry
	for i := range 95 {
		day := listed(fmt.Sprint("10.0.0.", i), ending)
		day.ValidUntil = day.ValidUntil.AddDate(0, 0, i)
		days = append(days, day)
		huge := listed(fmt.Sprint("10.0.1.", i))
		huge.Description = strings.Repeat("x", 100_000)
		large = append(large, huge)
	}
	for name, entries := range map[string][]entry.Entry{"ends on many days": days, "many bytes": large} {
		t.Run(name, func(t *testing.T) {
			table := dynamotest.Table(t)
			m := &meter{kinds: map[string]int{}}
			if _, err := putting(entries...)(t.Context(), open(t, table, m)); err != nil {
				t.Fatal(err)
			}
			if m.kinds["TransactWriteItems"] < 2 {
				t.Errorf("%v", m.kinds)
			}
			got := read(t, table)
			got.check(t)
			if len(got.Entries) != len(entries) {
				t.Errorf("%d entries", len(got.Entries))
			}
		})
	}
	t.Run("one record", func(t *testing.T) {
		var of []entry.Entry
		for i := range 120 {
			e := listed("10.0.2.1", ending)
			e.Source, e.ValidUntil = fmt.Sprint("list ", i), e.ValidUntil.AddDate(0, 0, i)
			of = append(of, e)
		}
		store := open(t, dynamotest.Table(t), nil)
		if _, err := putting(of[:90]...)(t.Context(), store); err != nil {
			t.Error(err)
		}
		if _, err := putting(of...)(t.Context(), store); err != nil {
			t.Error(err)
		}
		if _, err := removing("10.0.2.1")(t.Context(), store); !errors.Is(err, entry.ErrFull) || !strings.Contains(err.Error(), "10.0.2.1") {
			t.Error(err)
		}
	})
}
