package logging_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/serverless-relay/relay/shared/logging"
)

func TestLevel(t *testing.T) {
	var out strings.Builder
	log := logging.New(&out, zap.WarnLevel)
	log.Info("quiet")
	log.Warn("loud")
	if got := out.String(); strings.Contains(got, "quiet") || !strings.Contains(got, `"level":"warn"`) || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q", got)
	}
}

func ExampleWith() {
	log := logging.New(os.Stdout, zap.InfoLevel).WithOptions(zap.WrapCore(withoutTime))
	ctx := logging.WithRequestID(context.Background(), "8476a536", "JKJaXmPLvHcESHA=")
	logging.With(ctx, log).Info("request", zap.String("route", "/health"))
	// Output: {"level":"info","message":"request","request_id":"8476a536","api_request_id":"JKJaXmPLvHcESHA=","route":"/health"}
}

// withoutTime omits the time, which would differ on each run.
func withoutTime(zapcore.Core) zapcore.Core {
	encoding := zapcore.EncoderConfig{LevelKey: "level", MessageKey: "message", EncodeLevel: zapcore.LowercaseLevelEncoder}
	return zapcore.NewCore(zapcore.NewJSONEncoder(encoding), os.Stdout, zap.InfoLevel)
}
