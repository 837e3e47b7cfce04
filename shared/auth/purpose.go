package auth

import "github.com/serverless-relay/relay/shared/relay"

// checkPurpose refuses a verified token for another provider or stage than this
// relay's. Several relays may have the same key.
func (a *Authenticator) checkPurpose(t Unverified) error {
	if _, named := t.Claims[relay.ProviderClaim]; !named && a.options.NotFirst && t.Header["alg"] == algHS256 {
		return refuseBecause(wrongPurpose, "it has no claim %s, which must be %q here", relay.ProviderClaim, a.options.Provider)
	}
	for _, bound := range [...]struct{ claim, name string }{{relay.ProviderClaim, a.options.Provider}, {relay.StageClaim, a.options.Stage}} {
		claimed, present := t.Claims[bound.claim]
		if present && bound.name != "" && claimed != bound.name {
			return refuseBecause(wrongPurpose, "its claim %s is not %q", bound.claim, bound.name)
		}
	}
	return nil
}
