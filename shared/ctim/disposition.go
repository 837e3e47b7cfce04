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

// String returns the disposition's name in CTIM.
func (d Disposition) String() string {
	switch d {
	case Clean:
		return "Clean"
	case Malicious:
		return "Malicious"
	case Suspicious:
		return "Suspicious"
	case Common:
		return "Common"
	case Unknown:
		return "Unknown"
	default:
		return "Disposition(" + strconv.Itoa(int(d)) + ")"
	}
}
