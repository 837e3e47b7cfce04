package dynamo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// errNotSet is why there are no credentials.
var errNotSet = errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")

// noCredentialsError is why there are no credentials.
type noCredentialsError struct{ cause error }

func (e *noCredentialsError) Error() string { return e.cause.Error() }
func (e *noCredentialsError) Unwrap() error { return e.cause }

// advice says what to do. That this machine is none of EC2's, which the SDK
// asks last, is not the reason.
func (e *noCredentialsError) advice() string {
	if strings.Contains(e.Error(), "IMDS") {
		return "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
	}
	return e.Error()
}

// explain names the table in what went wrong, and makes of the SDK's errors
// those of package watchlist. The texts that they keep hold no credential: what
// AWS says about a wrong signature would.
func (s *Store) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var answer smithy.APIError
	var operation *smithy.OperationError
	var missing *noCredentialsError
	switch {
	case errors.As(err, &answer):
		err = s.explainAnswer(err, answer)
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.As(err, &missing):
		err = fmt.Errorf("%w: there are no AWS credentials: %s", entry.ErrDenied, missing.advice())
	case errors.As(err, &operation):
		err = fmt.Errorf("%w: %v", entry.ErrUnreachable, operation.Err)
	}
	return fmt.Errorf("DynamoDB table %s in %s: %w", s.table, s.region, err)
}

// explainAnswer explains an error with which DynamoDB answered.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
// lists them.
func (s *Store) explainAnswer(err error, answer smithy.APIError) error {
	var response *awshttp.ResponseError
	code := answer.ErrorCode()
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled:
		return fmt.Errorf("%w: DynamoDB answers %s: ask again later", entry.ErrBusy, code)
	case code == "ResourceNotFoundException":
		return fmt.Errorf("%w: the table is not there: check WATCHLIST_TABLE and AWS_REGION, or deploy the relay, which makes it", entry.ErrMissing)
	case code == "AccessDeniedException":
		return fmt.Errorf("%w: %s", entry.ErrDenied, answer.ErrorMessage())
	case code == "InvalidSignatureException":
		return fmt.Errorf("%w: AWS doesn't accept the credentials (%s), or this machine's clock is wrong", entry.ErrDenied, code)
	case denies(code):
		return fmt.Errorf("%w: AWS doesn't accept the credentials (%s)", entry.ErrDenied, code)
	case code == "ValidationException" && strings.Contains(answer.ErrorMessage(), "schema"):
		return fmt.Errorf("%w: it has other keys than %s and %s, both text", entry.ErrForeign, partitionKey, sortKey)
	case errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError:
		return fmt.Errorf("%w: DynamoDB answers %d (%s)", entry.ErrUnreachable, response.HTTPStatusCode(), code)
	default:
		return fmt.Errorf("DynamoDB answers %s: %s", code, answer.ErrorMessage())
	}
}

// denies reports whether AWS refused the credentials.
func denies(code string) bool {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized",
		"OptInRequired", "SignatureDoesNotMatch", "UnrecognizedClientException":
		return true
	}
	return false
}
