package ctim

import "strings"

// Observable is something that can be observed on a network or a machine, such as an
// address, a domain or the hash of a file.
type Observable struct {
	Type  ObservableType `json:"type"`
	Value string         `json:"value"`
}

// Address returns an IP address as an observable.
func Address(ip string) Observable {
	if strings.Contains(ip, ":") {
		return Observable{Type: TypeIPv6, Value: ip}
	}
	return Observable{Type: TypeIP, Value: ip}
}
