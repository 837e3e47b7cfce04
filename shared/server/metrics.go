package server

import (
	"time"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
)

// metricSet lists the metrics among the members of a log line, and their dimensions, in
// CloudWatch's embedded metric format. CloudWatch reads it from the log.
type metricSet struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct{ Name, Unit string }

const (
	count        = "Count"
	milliseconds = "Milliseconds"
)

// add adds a member as a metric and returns it.
func (s *metricSet) add(unit string, member zap.Field) zap.Field {
	s.Metrics = append(s.Metrics, metric{member.Key, unit})
	return member
}

// metrics returns metrics as members of the request's log line: for the request, per route
// and in total, and for its calls to third parties, per provider. Failures is 1 if there is
// a fatal error, Errors is the number of all errors. CallMs is the mean duration of the
// calls.
func (req *request) metrics(route string, took time.Duration, now time.Time) []zap.Field {
	failures := 0
	for _, e := range req.errors {
		if e.Type == relay.Fatal {
			failures = 1
		}
	}
	calls, callsTook := req.calls.Total()
	ofRequest := metricSet{Namespace: req.Metrics, Dimensions: [][]string{{"Route"}, {}}}
	ofCalls := metricSet{Namespace: req.Metrics, Dimensions: [][]string{{"Provider"}}}
	upstreamCalls := zap.Int("UpstreamCalls", calls)
	fields := []zap.Field{
		zap.String("Route", route),
		ofRequest.add(count, zap.Int("Requests", 1)),
		ofRequest.add(count, zap.Int("Failures", failures)),
		ofRequest.add(count, zap.Int("Errors", len(req.errors))),
		ofRequest.add(count, zap.Int("Observables", req.requested)),
		ofRequest.add(milliseconds, zap.Float64("DurationMs", logging.Milliseconds(took))),
		ofRequest.add(count, upstreamCalls),
	}
	sets := []metricSet{ofRequest}
	if calls > 0 {
		ofCalls.add(count, upstreamCalls)
		fields = append(fields,
			zap.String("Provider", req.Declaration.Name),
			ofCalls.add(milliseconds, zap.Float64("CallMs", logging.Milliseconds(callsTook/time.Duration(calls)))))
		sets = append(sets, ofCalls)
	}
	return append(fields, zap.Any("_aws", map[string]any{"Timestamp": now.UnixMilli(), "CloudWatchMetrics": sets}))
}
