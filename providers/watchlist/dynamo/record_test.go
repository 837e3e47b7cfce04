package dynamo_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo/dynamotest"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
)

// raw returns an item as DynamoDB stores it.
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

// TTL may delete a record when all its entries have ended.
func TestExpiry(t *testing.T) {
	until := func(year int) func(*entry.Entry) {
		return func(e *entry.Entry) { e.ValidUntil = time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	of := func(source string, more ...func(*entry.Entry)) entry.Entry {
		return listed("192.0.2.1", append(more, func(e *entry.Entry) { e.Source = source })...)
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
		{removing("192.0.2.1"), "no item"},
		{putting(of("e")), ""},
	} {
		if _, err := tt.do(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		got, item := "", raw(t, table, "ip#192.0.2.1", "entries")
		if item == nil {
			got = "no item"
		}
		if n, ok := item["expires"].(*types.AttributeValueMemberN); ok {
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

// Values may be longer than DynamoDB's keys may be.
func TestLongValues(t *testing.T) {
	store := open(t, dynamotest.Table(t), nil)
	var keys []entry.Key
	var want [][]entry.Entry
	for i, length := range []int{2000, 2048, 100_000, 100_000} {
		e := listed("")
		e.Observable = ctim.Observable{Type: ctim.TypeURL, Value: strings.Repeat("u", length) + fmt.Sprint(i)}
		keys, want = append(keys, e.Key()), append(want, []entry.Entry{e})
		if _, err := putting(e)(t.Context(), store); err != nil {
			t.Fatal(err)
		}
	}
	got, err := store.Get(t.Context(), keys)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %.200s", err, diff)
	}
}

// The error names an entry that doesn't fit. Other entries are stored.
func TestTooLarge(t *testing.T) {
	huge := listed("192.0.2.1")
	huge.Description = strings.Repeat("x", 500_000)
	table := dynamotest.Table(t)
	store := open(t, table, nil)
	result, err := store.Put(t.Context(), []entry.Entry{listed("192.0.2.2"), huge, listed("192.0.2.3")})
	if !errors.Is(err, entry.ErrFull) || !strings.Contains(err.Error(), "ip 192.0.2.1") || result != (entry.PutResult{Added: 2}) {
		t.Errorf("%+v, %.200v", result, err)
	}
	made, err := store.Change(t.Context(), huge.Key(), entry.Note{What: "x"}, func([]entry.Entry) ([]entry.Entry, error) {
		return []entry.Entry{huge}, nil
	})
	if made || !errors.Is(err, entry.ErrFull) {
		t.Errorf("%v, %.200v", made, err)
	}
	line := entry.NewChange(entry.Note{What: "x"})
	line.After = []entry.Entry{huge}
	if err := store.Record(t.Context(), line); !errors.Is(err, entry.ErrFull) || !strings.Contains(err.Error(), line.ID) {
		t.Errorf("%.200v", err)
	}
	got := read(t, table)
	got.check(t)
	if len(got.Entries) != 2 || len(got.History) != 0 {
		t.Errorf("%d entries, %d lines", len(got.Entries), len(got.History))
	}

	// The largest entry that fits leaves room for its line and counters.
	largest := listed("192.0.2.4")
	largest.Description = strings.Repeat("x", 130_000)
	for _, more := range []string{"", "y"} {
		e := largest
		e.Description += more
		if _, err := changing("192.0.2.4", e)(t.Context(), store); err != nil {
			t.Errorf("%.200v", err)
		}
	}
}

// An attribute that is missing, malformed or of another type causes an error, never
// "not listed" or a smaller count.
func TestDamage(t *testing.T) {
	client := dynamodb.NewFromConfig(dynamotest.Config())
	wrong := map[string]types.AttributeValue{
		"no JSON": &types.AttributeValueMemberS{Value: "["}, "a number": &types.AttributeValueMemberN{Value: "1.5"},
		"bytes": &types.AttributeValueMemberB{Value: []byte("[]")}, "a list": &types.AttributeValueMemberL{},
		"null": &types.AttributeValueMemberNULL{Value: true}, "missing": nil,
	}
	for _, tt := range []struct {
		of, name string
		not      []string // values that are valid
		uses     []string // the methods that read it
	}{
		{"entries", "entries", nil, []string{"get", "put", "remove", "change", "all"}},
		{"entries", "version", []string{"no JSON"}, []string{"put", "remove", "change"}},
		{"line", "line", nil, []string{"history"}},
		{"counters", "T03#ip#2", []string{"missing"}, []string{"counts"}},
	} {
		table := started(t)
		if _, err := operations()["add"](t.Context(), open(t, table, nil)); err != nil {
			t.Fatal(err)
		}
		at := map[string][2]string{"entries": {"ip#192.0.2.1", "entries"}, "counters": {"count#added", "2026-01-02#0"}}[tt.of]
		if tt.of == "line" {
			for line := range open(t, table, nil).History(t.Context()) {
				at = [2]string{"history", line.ID}
			}
		}
		store := open(t, table, nil)
		store.SetShard() // that of started
		good := raw(t, table, at[0], at[1])
		if good[tt.name] == nil {
			t.Fatalf("the item %v has no attribute %s: %v", at, tt.name, good)
		}
		for how, value := range wrong {
			if slices.Contains(tt.not, how) {
				continue
			}
			item := maps.Clone(good)
			if item[tt.name] = value; value == nil {
				delete(item, tt.name)
			}
			if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
				t.Fatal(err)
			}
			for name, use := range uses() {
				if slices.Contains(tt.uses, name) {
					if err := use(t.Context(), store); !errors.Is(err, entry.ErrDamaged) || !strings.Contains(err.Error(), at[0]) || !strings.Contains(err.Error(), tt.name) {
						t.Errorf("%s of %s is %s, %s: %v", tt.name, tt.of, how, name, err)
					}
				}
			}
			if _, err := entry.Verify(t.Context(), store); (tt.name != "version") != errors.Is(err, entry.ErrDamaged) {
				t.Errorf("%s of %s is %s, verify: %v", tt.name, tt.of, how, err)
			}
		}
	}
}

// Another program's table is no watchlist.
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
	for _, want := range []error{entry.ErrForeign, entry.ErrMissing} {
		for range 100 { // until the table is ready
			if _, err = store.Get(t.Context(), []entry.Key{key("192.0.2.1")}); errors.Is(err, want) {
				break
			}
		}
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		store = open(t, "no-such-table", nil)
	}
}

// A Put that is interrupted between its batches has stored some entries. Repeating it
// stores the rest.
func TestAnImportThatIsCutOff(t *testing.T) {
	var entries []entry.Entry
	for i := range 1200 {
		entries = append(entries, listed(fmt.Sprintf("10.0.%d.%d", i/256, i%256)))
	}
	table := dynamotest.Table(t)
	w := at(9, diesAfter)
	first, err := through(t, table, w).Put(t.Context(), entries)
	if err == nil || first.Added == 0 || first.Added >= len(entries) {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := through(t, table, &wire{}).Put(t.Context(), entries)
	if err != nil || second.Added+second.Unchanged != len(entries) || second.Unchanged < first.Added {
		t.Errorf("first %+v, then %+v, %v", first, second, err)
	}
	got := read(t, table)
	got.check(t)
	if len(got.Entries) != len(entries) || got.Added.Sum() != len(entries) {
		t.Errorf("%d entries, %+v", len(got.Entries), got.Added)
	}
}
