package auth

import (
	"fmt"

	"github.com/serverless-relay/relay/shared/relay"
)

// The reasons for a refusal, in the words of the platform's documentation. They are
// constants, so that they contain no part of a token.
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

// The reasons that the platform's documentation lacks.
const (
	wrongTime         = "The token has expired or is not valid yet. Make a new one with `relay jwt STAGE`, or check the relay's clock if Cisco XDR signed it"
	wrongAddress      = "This relay accepts no requests from this address. Ask its operator to add the address to RELAY_ALLOW_FROM"
	wrongOrganization = "This relay accepts no tokens of this organization. Ask its operator to add the organization's id to RELAY_ORGANIZATIONS, or for a token made with `relay jwt`"
	wrongPurpose      = "The token is for another provider or stage. Make one for this relay with `relay jwt STAGE`"
)

// refuse returns the error for one of the reasons above.
func refuse(reason string) error {
	return relay.Errorf(relay.CodeAuthorization, "Authorization failed: %s", reason)
}

// refuseBecause adds details to the error of refuse, for the log. The platform only
// gets the refusal, which errors.As finds. Errors among the details are not wrapped:
// a timeout of a fetch must not look like one of the request.
func refuseBecause(reason, format string, details ...any) error {
	return fmt.Errorf("%w: %s", refuse(reason), fmt.Sprintf(format, details...))
}
