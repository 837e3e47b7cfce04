package auth

import (
	"slices"

	"github.com/google/uuid"
)

// OrganizationClaim is the claim with the id of the organization that an RS256 token
// belongs to, according to the platform's documentation of its tokens.
const OrganizationClaim = "https://schemas.cisco.com/iroh/identity/claims/org/id"

// checkOrganization refuses an RS256 token of an organization that the settings don't
// name. The platform's signature is not enough: each of its customers can get a token
// for any relay's URL. If the settings name no organization, callers must have a
// credential for the third party.
//
// A token without the claim is refused. The check relies on the platform to set the
// claim itself, because module types choose the names of other claims.
func (a *Authenticator) checkOrganization(t Unverified) error {
	if len(a.options.Organizations) == 0 {
		if len(a.options.Credentials) > 0 {
			return nil
		}
		return refuseBecause(wrongOrganization, "the provider needs no credentials, so RELAY_ORGANIZATIONS must name the organizations")
	}
	claimed, _ := t.Claims[OrganizationClaim].(string)
	if claimed != "" && slices.Contains(a.options.Organizations, claimed) {
		return nil
	}
	// The operator may need the id for the setting. Any other text stays out of the
	// log, because the token is not verified yet.
	if id, err := uuid.Parse(claimed); err == nil {
		return refuseBecause(wrongOrganization, "RELAY_ORGANIZATIONS does not contain %s", id)
	}
	return refuseBecause(wrongOrganization, "the token has no claim %s that is a UUID", OrganizationClaim)
}
