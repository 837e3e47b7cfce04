package ctim

import "strconv"

// Disposition is what somebody holds an observable to be. The numbers are
// CTIM's; between judgements of the same priority the lower one wins.
type Disposition int

// The dispositions of CTIM.
const (
	Clean      Disposition = 1
	Malicious  Disposition = 2
	Suspicious Disposition = 3
	Common     Disposition = 4
	Unknown    Disposition = 5
)

// String is the disposition's name as CTIM writes it.
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
