package ctim_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/serverless-relay/relay/shared/ctim"
)

// appender is an entity.
type appender interface{ AppendJSON([]byte) []byte }

// kinds returns a pointer to a zero entity of each kind.
func kinds() []any {
	return []any{
		new(ctim.Verdict), new(ctim.Judgement), new(ctim.Sighting), new(ctim.Indicator), new(ctim.Relationship), new(ctim.AttackPattern),
		new(ctim.Malware), new(ctim.Tool), new(ctim.Actor), new(ctim.Campaign), new(ctim.Vulnerability), new(ctim.IdentityAssertion),
	}
}

func checkAppend(t *testing.T, entity any) {
	t.Helper()
	want, err := json.Marshal(entity)
	if err != nil {
		t.Fatal(err)
	}
	e := reflect.ValueOf(entity).Elem().Interface().(appender)
	if got := e.AppendJSON([]byte("before")); string(got) != "before"+string(want) {
		t.Errorf("%T:\n got %s\nwant before%s", e, got, want)
	}
}

// AppendJSON must write each field, in its place. Each is set alone, and then together
// with those before it.
func TestAppendJSONIsMarshal(t *testing.T) {
	for _, entity := range kinds() {
		checkAppend(t, entity)
		fields := leaves(reflect.ValueOf(entity).Elem())
		for i, field := range fields {
			zero := reflect.New(field.Type()).Elem()
			set(field, fmt.Sprintf("text %d", i), i+1)
			checkAppend(t, entity)
			field.Set(zero)
		}
		for i, field := range fields {
			set(field, fmt.Sprintf("text %d <&> \"é\"\n\x80\u2028", i), -i-1)
			checkAppend(t, entity)
		}
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add("malware.example.com", 7, uint64(1<<63|5))
	f.Add("<a href=x>\x00\xff\u202e](", -1, uint64(0xffffffff))
	f.Fuzz(func(t *testing.T, text string, n int, which uint64) {
		for _, entity := range kinds() {
			for i, field := range leaves(reflect.ValueOf(entity).Elem()) {
				if which>>(i%64)&1 == 1 {
					set(field, text, n)
				}
			}
			checkAppend(t, entity)
		}
	})
}

// leaves returns the fields of a struct that can be set, with those of the structs
// in it. Lists are leaves.
func leaves(v reflect.Value) []reflect.Value {
	var all []reflect.Value
	for i := range v.NumField() {
		field := v.Field(i)
		switch {
		case !field.CanSet() || field.Kind() == reflect.Struct && field.NumField() == 0:
		case field.Kind() == reflect.Struct && field.Type() != reflect.TypeFor[ctim.Time]() && field.Type() != reflect.TypeFor[ctim.Table]():
			all = append(all, leaves(field)...)
		default:
			all = append(all, field)
		}
	}
	return all
}

// set sets a value, and everything in it, from a text and a number.
func set(v reflect.Value, text string, n int) {
	switch x := v.Addr().Interface().(type) {
	case *ctim.Time:
		*x = ctim.At(time.Unix(int64(int32(n)), 123456789))
		return
	case *ctim.Table:
		*x = ctim.Table{Columns: []string{text}, Rows: [][]string{{text}}}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		v.SetInt(int64(n))
	case reflect.Bool:
		v.SetBool(n != 0)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		set(v.Index(0), text, n)
		set(v.Index(1), text+"2", n+1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(v.Elem(), text, n)
	case reflect.Struct:
		for _, field := range leaves(v) {
			set(field, text, n)
		}
	default:
		panic("a field of " + v.Type().String() + " can't be set")
	}
}
