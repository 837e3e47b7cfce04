package mispevent

import (
	"strings"

	"github.com/serverless-relay/relay/shared/lenient"
)

// Warning reports that a value is on one of MISP's warning lists, of values that are
// harmless or common.
type Warning struct {
	// Value is the value that is on the list: the attribute's, or one half of a
	// composite. Older servers put the list's entry here, such as a network.
	Value    lenient.Text `json:"value"`
	List     lenient.Text `json:"warninglist_name"`
	Category lenient.Text `json:"warninglist_category"`
}

// IsFalsePositive reports whether values on the list are harmless. A list of the
// category "known" only identifies a value, for example as part of a cloud.
// Older servers have no categories: their lists are of false positives.
func (w Warning) IsFalsePositive() bool { return !strings.EqualFold(string(w.Category), "known") }
