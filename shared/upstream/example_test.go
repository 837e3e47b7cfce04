package upstream_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// A provider makes one client, and a caller for each request.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Key") != "some key" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"ip":%q,"score":97}`, r.URL.Query().Get("ip"))
	}))
	defer server.Close()

	at, err := upstream.ParseAddress(server.URL) // usually from a setting
	if err != nil {
		panic(err)
	}
	client, err := upstream.New(upstream.Options{Title: "Example Intelligence", Address: at})
	if err != nil {
		panic(err)
	}
	for _, key := range []string{"some key", "another key"} {
		caller, err := client.Caller(upstream.Header("Key", "key"), relay.NewClaims(map[string]any{"key": key}))
		if err != nil {
			panic(err)
		}
		var answer struct {
			IP    string
			Score int
		}
		err = caller.Get(context.Background(), "/v1/score", url.Values{"ip": {"192.0.2.1"}}, &answer)
		fmt.Println(answer, err)
	}
	// Output:
	// {192.0.2.1 97} <nil>
	// { 0} authorization error: Example Intelligence refuses the credential (401). Check it in the module's settings. (upstream: status 401)
}
