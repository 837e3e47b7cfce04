package dynamo

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
)

// How long an attempt at a request may take, and its parts. DynamoDB answers
// within milliseconds.
const (
	dialTimeout    = 1500 * time.Millisecond
	tlsTimeout     = 2 * time.Second
	headerTimeout  = 3 * time.Second
	attemptTimeout = 10 * time.Second
	idleTimeout    = 5 * time.Minute
)

// How often a request is tried, and how long is waited in between. A request
// of a list that is being written may wait longer than one of an analyst.
const (
	attempts      = 5
	batchAttempts = 15
	retryDelay    = 100 * time.Millisecond
)

// newHTTPClient makes a client that gives up on what doesn't answer.
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

// retrying sets how the client repeats what failed for the moment.
func retrying(o *dynamodb.Options) {
	o.Logger = logging.Nop{} // its lines are not JSON, and what matters is in the errors
	o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts = attempts
		r.Retryables = append(r.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if errors.Is(err, io.ErrUnexpectedEOF) { // the answer was cut off
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
		r.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return jitter(retryDelay, attempt), nil
		})
		r.RateLimiter = ratelimit.None // the attempts are few
	})
}

// patiently is for a request that many others depend on.
func patiently(o *dynamodb.Options) { o.RetryMaxAttempts = batchAttempts }

// credentials marks it as such when there are none.
type credentials struct{ provider aws.CredentialsProvider }

// Retrieve implements aws.CredentialsProvider.
func (c credentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if c.provider == nil {
		return aws.Credentials{}, &noCredentialsError{errNotSet}
	}
	found, err := c.provider.Retrieve(ctx)
	if err != nil {
		return aws.Credentials{}, &noCredentialsError{err}
	}
	return found, nil
}
