package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/server"
)

// A request has one log line, with metrics for CloudWatch if they are on. In synctest
// the date is 1 January 2000.
func TestLogLine(t *testing.T) {
	session := observer(func(ctx context.Context, o ctim.Observable) (ctim.Bundle, error) {
		end := logging.StartCall(ctx, "Example")
		time.Sleep(100 * time.Millisecond)
		end()
		if o.Value == "192.0.2.1" {
			defer logging.StartCall(ctx, "DynamoDB")()
			time.Sleep(1400 * time.Millisecond)
			return ctim.Bundle{}, relay.Errorf(relay.CodeNotFound, "It isn't there.")
		}
		return judge(ctx, o)
	})
	line := map[string]any{
		"level": "info", "message": "request", "request_id": "7", "api_request_id": "JKJaXmPLvHcESHA=", "route": "/observe/observables", "provider": "source",
		"observables": 4.0, "supported": 3.0, "errors": []any{"not found"}, "duration_ms": 1500.0,
		"calls": map[string]any{
			"DynamoDB": map[string]any{"count": 1.0, "ms": 1400.0},
			"Example":  map[string]any{"count": 3.0, "ms": 300.0},
		},
	}
	metrics := map[string]any{
		"Route": "/observe/observables", "Requests": 1.0, "Failures": 0.0, "Errors": 1.0, "Observables": 4.0, "DurationMs": 1500.0, "UpstreamCalls": 4.0,
		"Provider": "source", "CallMs": 425.0,
		"_aws": map[string]any{"Timestamp": 946684801500.0, "CloudWatchMetrics": []any{map[string]any{
			"Namespace": "Relay", "Dimensions": []any{[]any{"Route"}, []any{}},
			"Metrics": []any{
				map[string]any{"Name": "Requests", "Unit": "Count"}, map[string]any{"Name": "Failures", "Unit": "Count"}, map[string]any{"Name": "Errors", "Unit": "Count"},
				map[string]any{"Name": "Observables", "Unit": "Count"}, map[string]any{"Name": "DurationMs", "Unit": "Milliseconds"}, map[string]any{"Name": "UpstreamCalls", "Unit": "Count"},
			},
		}, map[string]any{
			"Namespace": "Relay", "Dimensions": []any{[]any{"Provider"}},
			"Metrics": []any{map[string]any{"Name": "UpstreamCalls", "Unit": "Count"}, map[string]any{"Name": "CallMs", "Unit": "Milliseconds"}},
		}}},
	}
	for _, namespace := range []string{"", "Relay"} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			r := server.New(server.Options{Declaration: declaration(), Service: source{session: session}, Authenticator: gate{}, Log: logging.New(&log, zap.InfoLevel), Metrics: namespace})
			ask(logging.WithRequestID(t.Context(), "7", "JKJaXmPLvHcESHA="), t, r, "/observe/observables",
				`[{"type":"ip","value":"192.0.2.0"},{"type":"ip","value":"192.0.2.1"},{"type":"ip","value":"192.0.2.2"},{"type":"moon","value":"x"}]`)
			if strings.Contains(log.String(), "192.0.2.0") {
				t.Error("the log has an observable")
			}
			var got map[string]any
			if err := json.Unmarshal(log.Bytes(), &got); err != nil {
				t.Fatalf("%v in %s", err, log.String())
			}
			delete(got, "time")
			delete(got, "bytes")
			want := map[string]any{}
			for name, value := range line {
				want[name] = value
			}
			if namespace != "" {
				for name, value := range metrics {
					want[name] = value
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
