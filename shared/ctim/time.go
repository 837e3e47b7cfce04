package ctim

import "time"

// timeLayout is the platform's form: RFC 3339 in UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Time is a time in an entity. It is encoded in UTC with milliseconds.
type Time struct{ time.Time }

// Forever returns the time that means "without end" on the platform.
func Forever() Time { return Time{time.Date(2525, 1, 1, 0, 0, 0, 0, time.UTC)} }

// At returns t as a Time.
func At(t time.Time) Time { return Time{t} }

// String returns the encoded form.
func (t Time) String() string { return t.UTC().Format(timeLayout) }

// MarshalText implements encoding.TextMarshaler. It replaces the method of the
// embedded time.Time, which keeps the zone.
func (t Time) MarshalText() ([]byte, error) { return t.UTC().AppendFormat(nil, timeLayout), nil }

// MarshalJSON implements json.Marshaler, for the same reason.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.append(nil), nil
}

func (t Time) append(dst []byte) []byte { return t.UTC().AppendFormat(dst, `"`+timeLayout+`"`) }

// ValidTime is the period in which an entity is valid. A zero start or end is omitted
// and means that there is none.
type ValidTime struct {
	Start Time `json:"start_time,omitzero"`
	End   Time `json:"end_time,omitzero"`
}

// Between returns the period from start to end. A start after the end is moved to the
// end, because the platform refuses that order.
func Between(start, end time.Time) ValidTime {
	if !end.IsZero() && start.After(end) {
		start = end
	}
	return ValidTime{Start: At(start), End: At(end)}
}

// Contains reports whether the period includes now. The end is exclusive.
func (v ValidTime) Contains(now time.Time) bool {
	return !v.Start.After(now) && (v.End.IsZero() || now.Before(v.End.Time))
}

// ObservedTime is the time or period in which something was seen. Start is required.
// A zero end is omitted.
type ObservedTime struct {
	Start Time `json:"start_time"`
	End   Time `json:"end_time,omitzero"`
}
