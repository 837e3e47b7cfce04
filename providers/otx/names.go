package otx

import (
	"cmp"
	"encoding/json"

	"github.com/serverless-relay/relay/shared/lenient"
)

// names are the members of a list. OTX writes each as a text, or as an object such as
// {"id": "T1566", "display_name": "T1566 - Phishing"}.
type names []string

// UnmarshalJSON implements json.Unmarshaler. What has no name is dropped.
func (n *names) UnmarshalJSON(raw []byte) error {
	var members []json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		members = []json.RawMessage{raw}
	}
	for _, member := range members {
		if name := nameIn(member); name != "" {
			*n = append(*n, name)
		}
	}
	return nil
}

// author is a user's name, on its own or in an object.
type author string

// UnmarshalJSON implements json.Unmarshaler.
func (a *author) UnmarshalJSON(raw []byte) error {
	*a = author(nameIn(raw))
	return nil
}

// nameIn returns the name in a text or an object, or "".
func nameIn(raw []byte) string {
	var text lenient.Text
	var object struct {
		Display lenient.Text `json:"display_name"`
		User    lenient.Text `json:"username"`
		Name    lenient.Text `json:"name"`
		ID      lenient.Text `json:"id"`
	}
	if json.Unmarshal(raw, &object) != nil {
		_ = json.Unmarshal(raw, &text)
	}
	return string(cmp.Or(text, object.Display, object.User, object.Name, object.ID))
}
