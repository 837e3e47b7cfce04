package ctim_test

import (
	"testing"

	"github.com/serverless-relay/relay/shared/ctim"
)

func TestTLP(t *testing.T) {
	for text, want := range map[string]ctim.TLP{
		"tlp:white": ctim.TLPWhite, "TLP:CLEAR": ctim.TLPWhite, " green ": ctim.TLPGreen, "tlp: amber": ctim.TLPAmber,
		"tlp:amber+strict": ctim.TLPAmber, "Red": ctim.TLPRed, "tlp:unclear": "", "tlp:": "", "": "", "pap:red": "",
	} {
		if got := ctim.ParseTLP(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	order := []ctim.TLP{"", ctim.TLPWhite, ctim.TLPGreen, ctim.TLPAmber, ctim.TLPRed}
	for i, a := range order {
		for j, b := range order {
			if got := a.Stricter(b); got != order[max(i, j)] {
				t.Errorf("of %q and %q, %q is stricter", a, b, got)
			}
		}
	}
}
