package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"

	"github.com/serverless-relay/relay/shared/relay"
)

func TestDescribe(t *testing.T) {
	got := Describe(struct {
		Timeout time.Duration `envconfig:"ACME_TIMEOUT" default:"10s" expected:"a duration" doc:"How long one call may take."`
		Strict  bool          `envconfig:"ACME_STRICT" doc:"Is strict."`
		Name    string        `envconfig:"ACME_NAME"`
		List    []string      `envconfig:"ACME_LIST"`
		Level   zapcore.Level `envconfig:"ACME_LEVEL"`
		other   int
	}{})
	want := []relay.Setting{
		{Name: "ACME_TIMEOUT", Default: "10s", Expected: "a duration", Doc: "How long one call may take."},
		{Name: "ACME_STRICT", Doc: "Is strict."},
		{Name: "ACME_NAME", Text: true},
		{Name: "ACME_LIST", Text: true},
		{Name: "ACME_LEVEL"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := Describe(nil); got != nil {
		t.Errorf("nil: %v", got)
	}
}
