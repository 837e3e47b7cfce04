package ctim

import "strconv"

// Disposition classifies an observable. The numbers are CTIM's. Of two judgements
// with the same priority, the one with the lower number decides. Zero is none.
type Disposition int

// The dispositions of CTIM.
const (
	Clean      Disposition = 1
	Malicious  Disposition = 2
	Suspicious Disposition = 3
	Common     Disposition = 4
	Unknown    Disposition = 5
)

var dispositionNames = [...]string{
	Clean: "Clean", Malicious: "Malicious", Suspicious: "Suspicious", Common: "Common", Unknown: "Unknown",
}

// String returns the disposition's name in CTIM.
func (d Disposition) String() string {
	if d < Clean || d > Unknown {
		return "Disposition(" + strconv.Itoa(int(d)) + ")"
	}
	return dispositionNames[d]
}
