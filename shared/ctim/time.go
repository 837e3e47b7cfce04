package ctim

import "time"

// timeLayout is RFC 3339 in UTC with milliseconds, as the platform writes it.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Time is a moment in an entity. It is written in UTC with milliseconds.
type Time struct{ time.Time }

// Forever is the platform's word for "without end".
func Forever() Time { return Time{time.Date(2525, 1, 1, 0, 0, 0, 0, time.UTC)} }

// At wraps t.
func At(t time.Time) Time { return Time{t} }

// String writes the time as it stands in an entity.
func (t Time) String() string { return t.UTC().Format(timeLayout) }

// MarshalText implements encoding.TextMarshaler. It takes precedence over the
// method of the embedded time.Time, which would keep the zone.
func (t Time) MarshalText() ([]byte, error) { return t.UTC().AppendFormat(nil, timeLayout), nil }

// MarshalJSON implements json.Marshaler, for the same reason.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(nil, `"`+timeLayout+`"`), nil
}

// ValidTime is the span in which an entity holds. An end that is zero is left
// out, and means "until further notice".
type ValidTime struct {
	Start Time `json:"start_time,omitzero"`
	End   Time `json:"end_time,omitzero"`
}

// Between is the span from start to end. A start after the end, as found in
// sloppy data, is moved to the end: the platform refuses the other order.
func Between(start, end time.Time) ValidTime {
	if !end.IsZero() && start.After(end) {
		start = end
	}
	return ValidTime{Start: At(start), End: At(end)}
}

// Contains says whether the span includes now. The end is exclusive.
func (v ValidTime) Contains(now time.Time) bool {
	return !v.Start.After(now) && (v.End.IsZero() || now.Before(v.End.Time))
}

// ObservedTime is the moment or span in which something was seen. Start is
// required; an end that is zero is left out.
type ObservedTime struct {
	Start Time `json:"start_time"`
	End   Time `json:"end_time,omitzero"`
}
