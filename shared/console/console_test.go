package console_test

import (
	"bytes"
	"testing"

	"github.com/serverless-relay/relay/shared/console"
)

// Terminals obey C1 control characters, and marks for the direction of text can hide
// what a line contains.
func TestPrintJSONIsSafeOnATerminal(t *testing.T) {
	var out bytes.Buffer
	value := map[string]string{"a<b": "\u009b31m\u202eevil\x1b é"}
	if err := (console.Console{Out: &out}).PrintJSON(value); err != nil {
		t.Fatal(err)
	}
	if err := console.WriteJSONLine(&out, value); err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"a<b\": \"\\u009b31m\\u202eevil\\u001b é\"\n}\n" + "{\"a<b\":\"\\u009b31m\\u202eevil\\u001b é\"}\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
