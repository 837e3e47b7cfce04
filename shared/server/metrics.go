package server

import (
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/relay"
)

// metricDirective tells CloudWatch which members of a log line are metrics,
// in its embedded metric format: a log line is all that it takes.
type metricDirective struct {
	// Timestamp is in milliseconds since 1970.
	Timestamp         int64       `json:"Timestamp"`
	CloudWatchMetrics []metricSet `json:"CloudWatchMetrics"`
}

type metricSet struct {
	Namespace  string     `json:"Namespace"`
	Dimensions [][]string `json:"Dimensions"`
	Metrics    []metric   `json:"Metrics"`
}

type metric struct {
	Name string `json:"Name"`
	Unit string `json:"Unit"`
}

// The metrics of a request, by Route and over all routes. Failures counts the
// requests that were not answered at all, Errors what is in the answers.
const (
	routeDimension    = "Route"
	requestsMetric    = "Requests"
	failuresMetric    = "Failures"
	errorsMetric      = "Errors"
	observablesMetric = "Observables"
	durationMetric    = "DurationMs"
	callsMetric       = "UpstreamCalls"
)

// measured are a request's metrics, in a namespace, as members of its log line.
func (req *request) measured(namespace, route string, took time.Duration, now time.Time) []zap.Field {
	failures := 0
	for _, e := range req.errors {
		if e.Type == relay.Fatal {
			failures = 1
		}
	}
	const count = "Count"
	return []zap.Field{
		zap.Any("_aws", metricDirective{now.UnixMilli(), []metricSet{{
			Namespace:  namespace,
			Dimensions: [][]string{{routeDimension}, {}},
			Metrics: []metric{{requestsMetric, count}, {failuresMetric, count}, {errorsMetric, count}, {observablesMetric, count},
				{durationMetric, "Milliseconds"}, {callsMetric, count}},
		}}}),
		zap.String(routeDimension, route),
		zap.Int(requestsMetric, 1),
		zap.Int(failuresMetric, failures),
		zap.Int(errorsMetric, len(req.errors)),
		zap.Int(observablesMetric, req.asked),
		zap.Float64(durationMetric, milliseconds(took)),
		zap.Int(callsMetric, req.calls.Count()),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
