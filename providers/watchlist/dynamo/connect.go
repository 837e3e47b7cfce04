package dynamo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	calls "github.com/serverless-relay/relay/shared/logging"
)

// newHTTPClient returns a client with timeouts for an attempt at a request, and for its
// parts. DynamoDB responds within milliseconds.
func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(10 * time.Second).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 1500 * time.Millisecond }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout = 2 * time.Second
			t.ResponseHeaderTimeout = 3 * time.Second
			t.IdleConnTimeout = 5 * time.Minute
			t.MaxIdleConnsPerHost = 2 * shardCount
		})
}

// counted counts and times calls of DynamoDB for the request's log line. Each attempt is
// a call.
type counted struct{ aws.HTTPClient }

// Do implements aws.HTTPClient.
func (c counted) Do(r *http.Request) (*http.Response, error) {
	defer calls.StartCall(r.Context(), "DynamoDB")()
	return c.HTTPClient.Do(r)
}

// retrying sets how the client retries.
func retrying(o *dynamodb.Options) {
	o.Logger = logging.Nop{} // its lines are not JSON, and the errors say what matters
	o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts = 5
		r.Retryables = append(r.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if errors.Is(err, io.ErrUnexpectedEOF) { // the response was cut off
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
		r.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return jitter(100*time.Millisecond, attempt), nil
		})
		r.RateLimiter = ratelimit.None // there are few attempts
	})
}

// patiently is the option for a request that writes many entries. It may wait longer than
// an analyst would.
func patiently(o *dynamodb.Options) { o.RetryMaxAttempts = 15 }

// credentials returns a noCredentialsError if there are none.
type credentials struct{ provider aws.CredentialsProvider }

// noCredentialsError distinguishes missing credentials from DynamoDB's errors.
type noCredentialsError struct{ error }

// Retrieve implements aws.CredentialsProvider.
func (c credentials) Retrieve(ctx context.Context) (found aws.Credentials, err error) {
	if c.provider != nil {
		found, err = c.provider.Retrieve(ctx)
	}
	switch {
	case err == nil && !found.HasKeys():
		err = errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
	case err == nil:
		return found, nil
	case strings.Contains(err.Error(), "IMDS"): // the SDK asks EC2 last, but that is not the reason
		err = errors.New("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
	}
	return aws.Credentials{}, noCredentialsError{fmt.Errorf("%w: there are no AWS credentials: %w", entry.ErrDenied, err)}
}
