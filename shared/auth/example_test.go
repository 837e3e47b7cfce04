package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/serverless-relay/relay/shared/auth"
)

// A relay for a service that needs a key: the token carries it.
func Example() {
	secretKey := auth.NewSecretKey()
	token, err := auth.Sign(secretKey, map[string]any{"key": "the service's API key"})
	if err != nil {
		fmt.Println(err)
		return
	}

	authenticator := auth.New(auth.Options{SecretKey: secretKey, Credentials: []string{"key"}})
	r := httptest.NewRequest(http.MethodPost, "/health", nil)
	_, err = authenticator.Authenticate(r)
	fmt.Println(err)

	r.Header.Set("Authorization", "Bearer "+token)
	claims, err := authenticator.Authenticate(r)
	fmt.Println(claims.Get("key"), err)
	// Output:
	// authorization error: Authorization failed: Authorization header is missing
	// the service's API key <nil>
}
