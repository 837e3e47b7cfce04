package importer

import (
	"bufio"
	"bytes"
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fill gives everything in a value something, so that what the codec leaves out
// is noticed.
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
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), n)
			}
		}
	default:
		panic(v.Kind())
	}
}

func TestCodec(t *testing.T) {
	var full item
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	past := item{Line: -1}
	past.Entry.FirstSeen = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	var file bytes.Buffer
	out := codec{w: bufio.NewWriter(&file)}
	want := []item{full, {}, past}
	for i := range want {
		if err := out.item(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.w.Flush(); err != nil {
		t.Fatal(err)
	}
	in := codec{r: bufio.NewReader(bytes.NewReader(file.Bytes()))}
	for _, want := range want {
		var got item
		if err := in.item(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(item{})); diff != "" {
			t.Error(diff)
		}
	}
	if err := in.item(&item{}); err != io.EOF {
		t.Errorf("after the last: %v", err)
	}
	cut := codec{r: bufio.NewReader(bytes.NewReader(file.Bytes()[:20]))}
	if err := cut.item(&item{}); err != io.ErrUnexpectedEOF {
		t.Errorf("cut off: %v", err)
	}
}
