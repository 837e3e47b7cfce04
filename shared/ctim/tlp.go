package ctim

import (
	"slices"
	"strings"
)

// ParseTLP parses a colour with or without the prefix "tlp:". It returns "" for an
// unknown colour. Clear is the newer name of white. CTIM has no amber+strict, so it
// becomes amber.
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

// Stricter returns the colour that allows less sharing. "" allows the most.
func (t TLP) Stricter(other TLP) TLP {
	order := []TLP{TLPWhite, TLPGreen, TLPAmber, TLPRed}
	if slices.Index(order, other) > slices.Index(order, t) {
		return other
	}
	return t
}
