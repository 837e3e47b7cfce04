package server_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/serverless-relay/relay/shared/relay"
)

func TestVersionMatchesPackageJSON(t *testing.T) {
	raw, err := os.ReadFile("../../package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Version string }
	if err := json.Unmarshal(raw, &manifest); err != nil || manifest.Version != relay.Version {
		t.Errorf("package.json has version %q, the relay %q (%v)", manifest.Version, relay.Version, err)
	}
}
