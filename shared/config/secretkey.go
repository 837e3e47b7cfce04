package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The least number of characters of a secret key, and of different ones among
// them. Random keys have more, even 32 hexadecimal digits.
const (
	minKeyLength    = 32
	minKeyDifferent = 8
)

// CheckSecretKey returns an error if a key is too weak to sign with: it is short
// or has few different characters. The error begins with the given name of the
// key and doesn't quote the key.
func CheckSecretKey(name, key string) error {
	key = strings.TrimSpace(key)
	different := map[rune]bool{}
	for _, c := range key {
		different[c] = true
	}
	problem := ""
	switch {
	case utf8.RuneCountInString(key) < minKeyLength:
		problem = fmt.Sprintf("fewer than %d characters", minKeyLength)
	case len(different) < minKeyDifferent:
		problem = fmt.Sprintf("fewer than %d different characters", minKeyDifferent)
	default:
		return nil
	}
	return fmt.Errorf("%s is a weak key with %s: remove it, and make one with relay jwt STAGE --save", name, problem)
}
