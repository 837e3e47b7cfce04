package check

import (
	"slices"
	"time"

	"github.com/serverless-relay/relay/shared/ctim/rules"
)

// Status is what came of a check.
type Status string

// The statuses of a check.
const (
	Passed Status = "passed"
	// Warned is a difference where the protocol leaves room.
	Warned Status = "warning"
	Failed Status = "failed"
	// Skipped is a check that could not be made; Got says why.
	Skipped Status = "skipped"
)

// Result is one check with what came of it. None of its texts holds the token
// or any of the token's claims.
type Result struct {
	// Route is the path that was asked, such as /health.
	Route string `json:"route"`
	// Check says in a few words what was looked at.
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Sent and Expected say what was asked and what the answer should be.
	Sent     string `json:"sent"`
	Expected string `json:"expected"`
	// Got is the beginning of the answer, where it isn't as expected.
	Got string `json:"got,omitempty"`
	// Problems are what is wrong with the answer, the first few of them.
	Problems []string `json:"problems,omitempty"`
}

// Latency is how long a route took to answer real questions: those that were
// neither refused nor empty.
type Latency struct {
	Route    string `json:"route"`
	Requests int    `json:"requests"`
	// P50 and Max are in milliseconds.
	P50 float64 `json:"p50_ms"`
	Max float64 `json:"max_ms"`
}

// Report is what Run found.
type Report struct {
	URL string `json:"url"`
	// Version is what the relay says of itself at /version.
	Version string    `json:"version,omitempty"`
	Results []Result  `json:"results"`
	Latency []Latency `json:"latency"`
}

// Count is how many of the checks have that status.
func (r Report) Count(status Status) int {
	n := 0
	for _, result := range r.Results {
		if result.Status == status {
			n++
		}
	}
	return n
}

// Routes are the paths that were asked, each once, in that order.
func (r Report) Routes() []string {
	var routes []string
	for _, result := range r.Results {
		if !slices.Contains(routes, result.Route) {
			routes = append(routes, result.Route)
		}
	}
	return routes
}

// maxProblems is how many problems of one answer a result tells.
const maxProblems = 5

// statusOf is the status that follows from an answer's problems.
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

// latencyOf sums up how long a route took.
func latencyOf(route string, took []time.Duration) Latency {
	sorted := slices.Sorted(slices.Values(took))
	return Latency{route, len(sorted), milliseconds(sorted[(len(sorted)-1)/2]), milliseconds(sorted[len(sorted)-1])}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
