package check

import (
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/ctim/rules"
)

// Status is the outcome of a check.
type Status string

// The outcomes of a check.
const (
	Passed Status = "passed"
	// Warned is a difference that the platform tolerates.
	Warned Status = "warning"
	Failed Status = "failed"
	// Skipped is a check that wasn't possible. Got is the reason.
	Skipped Status = "skipped"
)

// Result is the result of a check. It contains neither the token nor its claims.
type Result struct {
	// Route is the path, such as /health.
	Route string `json:"route"`
	// Check is the check's name, in a few words.
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Sent describes the request, and Expected the response that the protocol
	// requires.
	Sent     string `json:"sent"`
	Expected string `json:"expected"`
	// Got is the beginning of the response, unless the check passed.
	Got string `json:"got,omitempty"`
	// Problems are the first few differences.
	Problems []string `json:"problems,omitempty"`
}

// Latency describes the response times of a route to valid requests.
type Latency struct {
	Route    string `json:"route"`
	Requests int    `json:"requests"`
	// P50 and Max are in milliseconds.
	P50 float64 `json:"p50_ms"`
	Max float64 `json:"max_ms"`
}

// Report is the result of Run.
type Report struct {
	URL string `json:"url"`
	// Version is the relay's, from /version. It may be empty.
	Version string    `json:"version,omitempty"`
	Results []Result  `json:"results"`
	Latency []Latency `json:"latency"`
}

// Count returns the number of results with a status.
func (r Report) Count(status Status) int {
	n := 0
	for _, result := range r.Results {
		if result.Status == status {
			n++
		}
	}
	return n
}

// Routes returns the routes in the order of their first results.
func (r Report) Routes() []string {
	var routes []string
	for _, result := range r.Results {
		if !slices.Contains(routes, result.Route) {
			routes = append(routes, result.Route)
		}
	}
	return routes
}

// statusOf returns the outcome of a check that found the problems.
func statusOf(problems []rules.Problem) Status {
	switch {
	case len(problems) == 0:
		return Passed
	case len(rules.Errors(problems)) == 0:
		return Warned
	default:
		return Failed
	}
}

// latencyOf summarizes the response times of a route.
func latencyOf(route string, times []time.Duration) Latency {
	sorted := slices.Sorted(slices.Values(times))
	return Latency{route, len(sorted), milliseconds(sorted[(len(sorted)-1)/2]), milliseconds(sorted[len(sorted)-1])}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
