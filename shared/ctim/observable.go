package ctim

import "strings"

// Observable is something that can be observed on a network or a machine, such as an
// address, a domain or the hash of a file.
type Observable struct {
	Type  ObservableType `json:"type"`
	Value string         `json:"value"`
}

// Noun returns the type in words, such as "IP address" or "SHA-1".
func (t ObservableType) Noun() string {
	switch t {
	case TypeIP, TypeIPv6:
		return "IP address"
	case TypeURL, TypeMD5:
		return strings.ToUpper(string(t))
	case TypeSHA1:
		return "SHA-1"
	case TypeSHA256:
		return "SHA-256"
	default:
		return strings.ReplaceAll(string(t), "_", " ")
	}
}
