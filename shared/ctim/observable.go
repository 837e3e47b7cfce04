package ctim

// Observable is a thing that can be seen on a network or a machine: an
// address, a domain, the hash of a file.
type Observable struct {
	Type  ObservableType `json:"type"`
	Value string         `json:"value"`
}
