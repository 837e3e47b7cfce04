package dynamo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// explain returns an error that names the table and wraps one of the store's errors
// instead of the SDK's. It leaves out AWS's message about a wrong signature, which
// contains a credential.
func (s *Store) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var response smithy.APIError
	var operation *smithy.OperationError
	var missing noCredentialsError
	switch {
	case errors.As(err, &response):
		err = s.explainResponse(err, response)
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &missing):
		err = missing.error
	case errors.As(err, &operation):
		err = fmt.Errorf("%w: %v", entry.ErrUnreachable, operation.Err)
	}
	return fmt.Errorf("DynamoDB table %s in %s: %w", s.table, s.region, err)
}

// explainResponse explains an error in a response of DynamoDB.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
// lists them.
func (s *Store) explainResponse(err error, response smithy.APIError) error {
	var status *awshttp.ResponseError
	code := response.ErrorCode()
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled:
		return fmt.Errorf("%w: DynamoDB responds %s: try again later", entry.ErrBusy, code)
	case code == "ResourceNotFoundException":
		return fmt.Errorf("%w: the table doesn't exist: check WATCHLIST_TABLE and AWS_REGION, or deploy the relay, which creates it", entry.ErrMissing)
	case code == "AccessDeniedException":
		return fmt.Errorf("%w: %s", entry.ErrDenied, response.ErrorMessage())
	case slices.Contains(refusals, code):
		return fmt.Errorf("%w: AWS doesn't accept the credentials (%s): check them, and this machine's clock", entry.ErrDenied, code)
	case code == "ValidationException" && strings.Contains(response.ErrorMessage(), "schema"):
		return fmt.Errorf("%w: it has other keys than %s and %s, both text", entry.ErrForeign, partitionKey, sortKey)
	case errors.As(err, &status) && status.HTTPStatusCode() >= http.StatusInternalServerError:
		return fmt.Errorf("%w: DynamoDB responds %d (%s)", entry.ErrUnreachable, status.HTTPStatusCode(), code)
	default:
		return fmt.Errorf("DynamoDB responds %s: %s", code, response.ErrorMessage())
	}
}

// refusals are the codes with which AWS refuses credentials.
var refusals = []string{
	"ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId", "InvalidSignatureException",
	"MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized",
	"OptInRequired", "SignatureDoesNotMatch", "UnrecognizedClientException",
}
