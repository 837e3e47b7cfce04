package server

import (
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
)

// metricDirective lists the members of a log line that are metrics, in CloudWatch's
// embedded metric format. CloudWatch reads it from the log.
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

// The metrics of a request, per route and in total, and of its calls to third parties
// per provider. Failures counts requests with a fatal error, Errors counts all errors in
// answers. CallMs is the mean duration of a request's calls.
const (
	routeDimension    = "Route"
	providerDimension = "Provider"
	requestsMetric    = "Requests"
	failuresMetric    = "Failures"
	errorsMetric      = "Errors"
	observablesMetric = "Observables"
	durationMetric    = "DurationMs"
	callsMetric       = "UpstreamCalls"
	callMetric        = "CallMs"
)

// metrics returns the request's metrics as members of its log line.
func (req *request) metrics(namespace, route string, took time.Duration, now time.Time) []zap.Field {
	failures := 0
	for _, e := range req.errors {
		if e.Type == relay.Fatal {
			failures = 1
		}
	}
	const count, milliseconds = "Count", "Milliseconds"
	sets := []metricSet{{
		Namespace:  namespace,
		Dimensions: [][]string{{routeDimension}, {}},
		Metrics: []metric{{requestsMetric, count}, {failuresMetric, count}, {errorsMetric, count}, {observablesMetric, count},
			{durationMetric, milliseconds}, {callsMetric, count}},
	}}
	var ofCalls []zap.Field
	calls, callsTook := req.calls.Total()
	if calls > 0 {
		sets = append(sets, metricSet{
			Namespace:  namespace,
			Dimensions: [][]string{{providerDimension}},
			Metrics:    []metric{{callsMetric, count}, {callMetric, milliseconds}},
		})
		ofCalls = []zap.Field{
			zap.String(providerDimension, req.Declaration.Name),
			zap.Float64(callMetric, logging.Milliseconds(callsTook/time.Duration(calls))),
		}
	}
	return append([]zap.Field{
		zap.Any("_aws", metricDirective{now.UnixMilli(), sets}),
		zap.String(routeDimension, route),
		zap.Int(requestsMetric, 1),
		zap.Int(failuresMetric, failures),
		zap.Int(errorsMetric, len(req.errors)),
		zap.Int(observablesMetric, req.requested),
		zap.Float64(durationMetric, logging.Milliseconds(took)),
		zap.Int(callsMetric, calls),
	}, ofCalls...)
}
