package formats

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// The types here read JSON as it is found, not as it should be: numbers in
// quotes, one value where a list belongs, null anywhere. What can't be read is
// zero, never an error.

// text is a string, or a number or boolean as text.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || raw[0] == 'n':
		return nil
	case len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0:
		s = string(raw[1 : len(raw)-1]) // nothing to unescape, as is the rule
	case json.Unmarshal(raw, &s) != nil:
		s = string(raw)
	}
	*t = text(strings.TrimSpace(s))
	return nil
}

// texts is a list of strings, or one.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var many []text
	if json.Unmarshal(raw, &many) != nil {
		var one text
		_ = one.UnmarshalJSON(raw)
		many = []text{one}
	}
	for _, one := range many {
		if one != "" {
			*t = append(*t, string(one))
		}
	}
	return nil
}

// flag is a boolean, or a number or word for one.
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	var word text
	_ = word.UnmarshalJSON(raw)
	yes, err := parseYes(string(word))
	*f = flag(yes && err == nil)
	return nil
}

// moment is a time in any of the ways of parseTime.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(raw []byte) error {
	var word text
	_ = word.UnmarshalJSON(raw)
	m.Time, _ = parseTime(string(word))
	return nil
}
