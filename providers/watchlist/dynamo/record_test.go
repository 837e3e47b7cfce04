package dynamo_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/shared/ctim"
)

// raw is an item as DynamoDB has it.
func raw(t *testing.T, table, partition, sort string) map[string]types.AttributeValue {
	t.Helper()
	out, err := dynamodb.NewFromConfig(dynamotest.Config()).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: partition}, "sk": &types.AttributeValueMemberS{Value: sort},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// TTL may delete what says nothing any more, and nothing else.
func TestExpiry(t *testing.T) {
	until := func(year int) func(*watchlist.Entry) {
		return func(e *watchlist.Entry) { e.ValidUntil = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	of := func(source string, more ...func(*watchlist.Entry)) watchlist.Entry {
		return entry("192.0.2.1", append(more, func(e *watchlist.Entry) { e.Source = source })...)
	}
	table := dynamotest.Table(t)
	store := open(t, table, nil)
	for _, tt := range []struct {
		do   operation
		want string // the year
	}{
		{putting(of("a", until(2040))), "2040"},
		{putting(of("b", until(2050))), "2050"},
		{putting(of("c", until(2030))), "2050"},
		{putting(of("d")), ""},
		{changing("192.0.2.1", of("d", until(2060))), "2060"},
		{removing("192.0.2.1"), fmt.Sprint(time.Now().Add(90 * 24 * time.Hour).Year())},
		{putting(of("e")), ""},
	} {
		if _, err := tt.do(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		got := ""
		if n, ok := raw(t, table, "ip#192.0.2.1", "entries")["expires"].(*types.AttributeValueMemberN); ok {
			var seconds int64
			if _, err := fmt.Sscan(n.Value, &seconds); err != nil {
				t.Fatal(err)
			}
			got = fmt.Sprint(time.Unix(seconds, 0).UTC().Year())
		}
		if got != tt.want {
			t.Errorf("expires in %q, want %q", got, tt.want)
		}
	}
}

// Values may be longer than DynamoDB's keys.
func TestLongValues(t *testing.T) {
	store := open(t, dynamotest.Table(t), nil)
	var keys []watchlist.Key
	var want [][]watchlist.Entry
	for i, length := range []int{2000, 2048, 100_000, 100_000} {
		e := entry("")
		e.Observable = ctim.Observable{Type: ctim.TypeURL, Value: strings.Repeat("u", length) + fmt.Sprint(i)}
		keys, want = append(keys, e.Key()), append(want, []watchlist.Entry{e})
		if _, err := putting(e)(t.Context(), store); err != nil {
			t.Fatal(err)
		}
	}
	got, err := store.Get(t.Context(), keys)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %.200s", err, diff)
	}
}

// What doesn't fit is named, and costs the rest nothing.
func TestTooLarge(t *testing.T) {
	huge := entry("192.0.2.1")
	huge.Description = strings.Repeat("x", 500_000)
	table := dynamotest.Table(t)
	store := open(t, table, nil)
	result, err := store.Put(t.Context(), []watchlist.Entry{entry("192.0.2.2"), huge, entry("192.0.2.3")})
	if !errors.Is(err, watchlist.ErrFull) || !strings.Contains(err.Error(), "ip 192.0.2.1") || result != (watchlist.PutResult{Added: 2}) {
		t.Errorf("%+v, %.200v", result, err)
	}
	made, err := store.Change(t.Context(), huge.Key(), watchlist.Note{What: "x"}, func([]watchlist.Entry) ([]watchlist.Entry, error) {
		return []watchlist.Entry{huge}, nil
	})
	if made || !errors.Is(err, watchlist.ErrFull) {
		t.Errorf("%v, %.200v", made, err)
	}
	line := watchlist.NewChange(watchlist.Note{What: "x"})
	line.After = []watchlist.Entry{huge}
	if err := store.Record(t.Context(), line); !errors.Is(err, watchlist.ErrFull) || !strings.Contains(err.Error(), line.ID) {
		t.Errorf("%.200v", err)
	}
	got := read(t, table)
	got.check(t)
	if len(got.Entries) != 2 || len(got.History) != 0 {
		t.Errorf("%d entries, %d lines", len(got.Entries), len(got.History))
	}

	// The largest that fits leaves room for all that is written about it.
	largest := entry("192.0.2.4")
	largest.Description = strings.Repeat("x", 130_000)
	for _, more := range []string{"", "y"} {
		e := largest
		e.Description += more
		if _, err := changing("192.0.2.4", e)(t.Context(), store); err != nil {
			t.Errorf("%.200v", err)
		}
	}
}

func TestWhatIsDamagedIsNamed(t *testing.T) {
	table := started(t)
	client := dynamodb.NewFromConfig(dynamotest.Config())
	item := raw(t, table, "ip#192.0.2.1", "entries")
	item["entries"] = &types.AttributeValueMemberS{Value: "["}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
		t.Fatal(err)
	}
	for name, use := range uses() {
		if name == "record" || name == "counts" || name == "history" {
			continue
		}
		if err := use(t.Context(), open(t, table, nil)); !errors.Is(err, watchlist.ErrDamaged) || !strings.Contains(err.Error(), "192.0.2.1") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A table that somebody else made for something else is no watchlist.
func TestForeignTable(t *testing.T) {
	dynamotest.Table(t)
	table := fmt.Sprint("accounts-", time.Now().UnixNano())
	client := dynamodb.NewFromConfig(dynamotest.Config())
	id := "id"
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &table, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: &id, AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: &id, KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
	store := open(t, table, nil)
	for _, want := range []error{watchlist.ErrForeign, watchlist.ErrMissing} {
		for range 100 { // until the table is ready
			if _, err = store.Get(t.Context(), []watchlist.Key{key("192.0.2.1")}); errors.Is(err, want) {
				break
			}
		}
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		store = open(t, "no-such-table", nil)
	}
}

// A store that ends in the middle of a Put that takes many batches leaves what
// the next one adds to.
func TestAnImportThatIsCutOff(t *testing.T) {
	var entries []watchlist.Entry
	for i := range 1200 {
		entries = append(entries, entry(fmt.Sprintf("10.0.%d.%d", i/256, i%256)))
	}
	table := dynamotest.Table(t)
	w := at(700, diesAfter)
	first, err := impatient(t, table, w).Put(t.Context(), entries)
	if err == nil || first.Added == 0 || first.Added >= len(entries) {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := impatient(t, table, &wire{}).Put(t.Context(), entries)
	if err != nil || second.Added+second.Unchanged != len(entries) || second.Unchanged < first.Added {
		t.Errorf("first %+v, then %+v, %v", first, second, err)
	}
	got := read(t, table)
	got.check(t)
	if len(got.Entries) != len(entries) || got.Added.Sum() != len(entries) {
		t.Errorf("%d entries, %+v", len(got.Entries), got.Added)
	}
}
