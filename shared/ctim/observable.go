package ctim

// Observable is something that can be observed on a network or a machine, such as an
// address, a domain or the hash of a file.
type Observable struct {
	Type  ObservableType `json:"type"`
	Value string         `json:"value"`
}
