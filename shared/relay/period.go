package relay

import "time"

// Period is how far back a tile looks.
type Period string

// The periods that the platform knows.
const (
	LastHour    Period = "last_hour"
	Last24Hours Period = "last_24_hours"
	Last7Days   Period = "last_7_days"
	Last30Days  Period = "last_30_days"
	Last60Days  Period = "last_60_days"
	Last90Days  Period = "last_90_days"
)

const day = 24 * time.Hour

// Duration returns the period's length; 0 for an unknown one.
func (p Period) Duration() time.Duration {
	switch p {
	case LastHour:
		return time.Hour
	case Last24Hours:
		return day
	case Last7Days:
		return 7 * day
	case Last30Days:
		return 30 * day
	case Last60Days:
		return 60 * day
	case Last90Days:
		return 90 * day
	default:
		return 0
	}
}
