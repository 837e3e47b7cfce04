package dynamo_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// nothingSet removes a developer's AWS configuration from the environment, and points it
// to configuration files that don't exist.
func nothingSet(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "HTTP_PROXY", "http_proxy",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/config")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/credentials")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestEnvironment(t *testing.T) {
	var asked http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header
		_, _ = w.Write([]byte(`{"Responses":{}}`))
	}))
	defer server.Close()
	const nobody = "http://127.0.0.1:1"
	for name, tt := range map[string]struct {
		set   map[string]string
		scope string
	}{
		"region":           {map[string]string{"AWS_REGION": "eu-west-9", "AWS_ENDPOINT_URL_DYNAMODB": server.URL}, "/eu-west-9/dynamodb/"},
		"default region":   {map[string]string{"AWS_DEFAULT_REGION": "us-east-9", "AWS_ENDPOINT_URL_DYNAMODB": server.URL}, "/us-east-9/dynamodb/"},
		"any endpoint":     {map[string]string{"AWS_REGION": "eu-west-9", "AWS_ENDPOINT_URL": server.URL}, "/eu-west-9/dynamodb/"},
		"the right one":    {map[string]string{"AWS_REGION": "eu-west-9", "AWS_ENDPOINT_URL": nobody, "AWS_ENDPOINT_URL_DYNAMODB": server.URL}, "/eu-west-9/dynamodb/"},
		"the right region": {map[string]string{"AWS_REGION": "eu-west-9", "AWS_DEFAULT_REGION": "us-east-9", "AWS_ENDPOINT_URL": server.URL}, "/eu-west-9/dynamodb/"},
	} {
		t.Run(name, func(t *testing.T) {
			nothingSet(t)
			t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
			t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
			t.Setenv("AWS_SESSION_TOKEN", sessionToken)
			for variable, value := range tt.set {
				t.Setenv(variable, value)
			}
			store, err := dynamo.Open(dynamo.Options{Table: "indicators"})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = store.Close() }()
			if _, err := store.Get(t.Context(), []entry.Key{key("192.0.2.1")}); err != nil {
				t.Fatal(err)
			}
			if signed := asked.Get("Authorization"); !strings.Contains(signed, "Credential=AKIDEXAMPLE/") || !strings.Contains(signed, tt.scope) {
				t.Errorf("signed as %s", signed)
			}
			if asked.Get("X-Amz-Security-Token") != sessionToken {
				t.Error("the session token is missing")
			}
		})
	}
}

func TestEmptyEnvironment(t *testing.T) {
	nothingSet(t)
	if _, err := dynamo.Open(dynamo.Options{Table: "indicators"}); err == nil || !strings.Contains(err.Error(), "AWS_REGION") || !strings.Contains(err.Error(), "indicators") {
		t.Errorf("without a region: %v", err)
	}
	t.Setenv("AWS_REGION", "eu-west-9")
	store, err := dynamo.Open(dynamo.Options{Table: "indicators"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(t.Context(), []entry.Key{key("192.0.2.1")}); !errors.Is(err, entry.ErrDenied) || !strings.Contains(err.Error(), "no AWS credentials") {
		t.Errorf("without credentials: %v", err)
	}
}
