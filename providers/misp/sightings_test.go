package misp

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
)

func TestSummarize(t *testing.T) {
	on := func(day int) lenient.Time { return lenient.Time{Time: time.Date(2000, 1, day, 0, 0, 0, 0, time.UTC)} }
	says := func(org string, kind mispevent.SightingType, day int) mispevent.Sighting {
		s := mispevent.Sighting{Type: kind, Date: on(day), OrgID: lenient.Text(org)}
		s.Org.Name = lenient.Text("CERT " + org)
		return s
	}
	for _, tt := range []struct {
		name          string
		sightings     []mispevent.Sighting
		falsePositive bool
		by            []string
		expires       int // day, 0 for never
	}{
		{"no sightings", nil, false, nil, 0},
		{"seen", []mispevent.Sighting{says("1", mispevent.Seen, 1)}, false, nil, 0},
		{"a false positive", []mispevent.Sighting{says("1", mispevent.FalsePositive, 1)}, true, []string{"CERT 1"}, 0},
		{"one against one", []mispevent.Sighting{says("1", mispevent.Seen, 1), says("2", mispevent.FalsePositive, 1)}, true, []string{"CERT 2"}, 0},
		{"two against one", []mispevent.Sighting{says("1", mispevent.Seen, 1), says("2", mispevent.Seen, 1), says("3", mispevent.FalsePositive, 2)}, false, []string{"CERT 3"}, 0},
		{"a sensor that repeats itself", []mispevent.Sighting{says("1", mispevent.Seen, 1), says("1", mispevent.Seen, 2), says("1", mispevent.Seen, 3), says("2", mispevent.FalsePositive, 2)}, true, []string{"CERT 2"}, 0},
		{"the last word is seen", []mispevent.Sighting{says("1", mispevent.Seen, 2), says("1", mispevent.FalsePositive, 1)}, false, nil, 0},
		{"the last word is a false positive", []mispevent.Sighting{says("1", mispevent.FalsePositive, 2), says("1", mispevent.Seen, 1)}, true, []string{"CERT 1"}, 0},
		{"hidden organisations are one", []mispevent.Sighting{{Type: mispevent.Seen, Date: on(1), OrgID: "0"}, {Type: mispevent.Seen, Date: on(2)}, {Type: mispevent.FalsePositive, Date: on(3), OrgID: "0"}}, true, []string{""}, 0},
		{"expired", []mispevent.Sighting{says("1", mispevent.Seen, 1), says("2", mispevent.Expiration, 5)}, false, nil, 5},
		{"the earliest expiration", []mispevent.Sighting{says("1", mispevent.Expiration, 7), says("2", mispevent.Expiration, 5)}, false, nil, 5},
		{"seen after it", []mispevent.Sighting{says("1", mispevent.Seen, 6), says("2", mispevent.Expiration, 5)}, false, nil, 0},
		{"seen after one of two", []mispevent.Sighting{says("1", mispevent.Seen, 6), says("2", mispevent.Expiration, 5), says("3", mispevent.Expiration, 7)}, false, nil, 7},
		{"a false positive after it", []mispevent.Sighting{says("1", mispevent.FalsePositive, 6), says("2", mispevent.Expiration, 5)}, true, []string{"CERT 1"}, 5},
		{"an expiration without a date", []mispevent.Sighting{{Type: mispevent.Expiration, OrgID: "1"}}, false, nil, 0},
		{"an expiration to come", []mispevent.Sighting{says("1", mispevent.Expiration, 25)}, false, nil, 25},
		{"seen in the future", []mispevent.Sighting{says("1", mispevent.Seen, 25), says("2", mispevent.Expiration, 5)}, false, nil, 5},
		{"seen in the future, and a false positive", []mispevent.Sighting{says("1", mispevent.Seen, 25), says("1", mispevent.FalsePositive, 2)}, true, []string{"CERT 1"}, 0},
		{"a false positive in the future", []mispevent.Sighting{says("1", mispevent.FalsePositive, 25)}, true, []string{"CERT 1"}, 0},
		{"of another kind", []mispevent.Sighting{says("1", "3", 1), says("1", "", 1)}, false, nil, 0},
	} {
		got := summarize(tt.sightings, on(20).Time)
		var expires time.Time
		if tt.expires > 0 {
			expires = on(tt.expires).Time
		}
		if got.isFalsePositive() != tt.falsePositive || !got.expires.Equal(expires) {
			t.Errorf("%s: a false positive %v, expires %v", tt.name, got.isFalsePositive(), got.expires)
		}
		if diff := cmp.Diff(tt.by, got.falsePositiveBy); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestSourceHalf(t *testing.T) {
	for source, want := range map[string]ctim.ObservableType{
		"Cisco XDR 0123456789abcdef (ip)":     ctim.TypeIP,
		"Cisco XDR 0123456789abcdef (domain)": ctim.TypeDomain,
		"Cisco XDR 0123456789abcdef":          "",
		"Another tool (ip)":                   "",
		"Cisco XDR (ip":                       "",
		"":                                    "",
	} {
		if got := sourceHalf(source); got != want {
			t.Errorf("%q: got %q", source, got)
		}
	}
}

func TestBy(t *testing.T) {
	for want, names := range map[string][]string{
		"":                       {},
		" by A":                  {"A"},
		" by A, B, C":            {"A", "B", "C"},
		" by A, B, C and 2 more": {"A", "B", "", "C", "D"},
		" by A and 1 more":       {"", "A"},
	} {
		if got := by(names); got != want {
			t.Errorf("%q: got %q, want %q", names, got, want)
		}
	}
	if got := by([]string{"", ""}); got != "" {
		t.Errorf("got %q", got)
	}
}
