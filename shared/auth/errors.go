package auth

import (
	"fmt"

	"github.com/serverless-relay/relay/shared/relay"
)

// The reasons for a refusal, word for word as the platform's documentation of
// relays and its users know them. They are constants, so no part of a token
// can get into one.
const (
	missingHeader   = "Authorization header is missing"
	wrongType       = "Wrong authorization type"
	wrongStructure  = "Wrong JWT structure"
	wrongSignature  = "Failed to decode JWT with provided key"
	wrongPayload    = "Wrong JWT payload structure"
	missingKey      = "<SECRET_KEY> is missing"
	wrongAudience   = "Wrong configuration-token-audience"
	unknownKeyID    = "kid from JWT header not found in API response"
	missingJWKSHost = "jwks_host is missing in JWT payload. Make sure custom_jwks_host field is present in module_type"
	wrongJWKSHost   = "Wrong jwks_host in JWT payload. Make sure domain follows the visibility.<region>.cisco.com structure"
)

// refuse makes the error for one of the reasons above.
func refuse(reason string) error {
	return relay.Errorf(relay.CodeAuthorization, "Authorization failed: %s", reason)
}

// refuseBecause is refuse with the text of a cause, for whoever runs the relay.
// The platform sees the refusal alone, as errors.As finds it. The cause is not
// wrapped: a fetch that timed out must not look like a request that did.
func refuseBecause(reason string, cause error) error {
	return fmt.Errorf("%w: %v", refuse(reason), cause)
}
