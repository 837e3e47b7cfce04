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

// The timeouts of an attempt at a request, and of its parts. DynamoDB responds within
// milliseconds.
const (
	dialTimeout    = 1500 * time.Millisecond
	tlsTimeout     = 2 * time.Second
	headerTimeout  = 3 * time.Second
	attemptTimeout = 10 * time.Second
	idleTimeout    = 5 * time.Minute
)

// How often a request is attempted, and the base of the delay between attempts. A
// request that writes many entries may wait longer than an analyst would.
const (
	attempts      = 5
	batchAttempts = 15
	retryDelay    = 100 * time.Millisecond
)

// newHTTPClient returns a client with these timeouts.
func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(attemptTimeout).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.TLSHandshakeTimeout = tlsTimeout
			t.ResponseHeaderTimeout = headerTimeout
			t.IdleConnTimeout = idleTimeout
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
		r.MaxAttempts = attempts
		r.Retryables = append(r.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if errors.Is(err, io.ErrUnexpectedEOF) { // the response was cut off
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
		r.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return jitter(retryDelay, attempt), nil
		})
		r.RateLimiter = ratelimit.None // there are few attempts
	})
}

// patiently is the option for a request that writes many entries.
func patiently(o *dynamodb.Options) { o.RetryMaxAttempts = batchAttempts }

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
