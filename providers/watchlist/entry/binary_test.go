package entry

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
)

// fill sets all fields of a value, so that a field that the codec forgets is noticed.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(rune('a'+*n%26)) + "\x00é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*n) * 1000)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(9999, 12, 31, 23, 59, 59, *n, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic(v.Kind())
	}
}

func TestBinary(t *testing.T) {
	var full Entry
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	past := Entry{Observable: ctim.Observable{Type: ctim.TypeHostname, Value: "a.example"}}
	past.FirstSeen = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	file := Entry{Observable: ctim.Observable{Type: ctim.TypeFileName, Value: "A.exe"}}
	for _, e := range []Entry{full, past, file} {
		for _, key := range []string{e.Key().Text(), "ip\x00192.0.2.1", ""} {
			raw := string(AppendBinary(nil, key, e, full))
			got, err := ParseBinary(key, raw)
			if diff := cmp.Diff([]Entry{e, full}, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
			if _, err := ParseBinary(key, raw[:len(raw)-1]); err == nil {
				t.Error("no error for an entry that is cut off")
			}
		}
	}
}

// Entries that were parsed are the same after they are written and parsed again.
func FuzzParseBinary(f *testing.F) {
	const key = "domain\x00a.example"
	f.Add(string(AppendBinary(nil, key, Entry{Source: "list", Tags: []string{"a"}, Added: time.Unix(1, 2)})))
	f.Add("\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Fuzz(func(t *testing.T, raw string) {
		entries, err := ParseBinary(key, raw)
		if err != nil {
			return
		}
		again, err := ParseBinary(key, string(AppendBinary(nil, key, entries...)))
		if diff := cmp.Diff(entries, again); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}
