package ctim

import (
	"slices"
	"strings"
)

// ParseTLP reads a colour, with "tlp:" before it or without. Clear is the newer
// name of white. CTIM has no amber+strict; amber is nearest. It is empty for
// anything else.
func ParseTLP(text string) TLP {
	text = strings.ToLower(strings.TrimSpace(text))
	switch strings.TrimSpace(strings.TrimPrefix(text, "tlp:")) {
	case "white", "clear":
		return TLPWhite
	case "green":
		return TLPGreen
	case "amber", "amber+strict":
		return TLPAmber
	case "red":
		return TLPRed
	}
	return ""
}

// Stricter is the colour of the two that allows less sharing. Empty is no
// colour.
func (t TLP) Stricter(other TLP) TLP {
	if slices.Index(TLPs(), other) > slices.Index(TLPs(), t) {
		return other
	}
	return t
}
