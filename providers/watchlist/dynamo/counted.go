package dynamo

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/serverless-relay/relay/shared/logging"
)

// counted counts and times calls of DynamoDB for the request's log line. An attempt
// that is retried is a call.
type counted struct{ aws.HTTPClient }

// Do implements aws.HTTPClient.
func (c counted) Do(r *http.Request) (*http.Response, error) {
	defer logging.StartCall(r.Context(), "DynamoDB")()
	return c.HTTPClient.Do(r)
}
