package dynamotest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// With a DynamoDB, tests run. Without one they are skipped, and in continuous integration
// they fail.
func TestTestsAreSkippedOnlyWithoutADynamoDB(t *testing.T) {
	if os.Getenv("RELAY_TEST_TABLE") != "" {
		Table(t)
		return
	}
	for name, tt := range map[string]struct {
		endpoint, ci string
		says         string
	}{
		"nothing":                {"", "", "--- SKIP"},
		"continuous integration": {"", "true", "--- FAIL"},
		"a DynamoDB":             {endpoint(), "", "--- PASS"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.says == "--- PASS" && tt.endpoint == "" {
				t.Skip("there is none")
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			test := exec.CommandContext(t.Context(), self, "-test.run=^TestTestsAreSkippedOnlyWithoutADynamoDB$", "-test.v")
			test.Env = append(os.Environ(), "RELAY_TEST_TABLE=1", "RELAY_DYNAMODB="+tt.endpoint, "CI="+tt.ci)
			out, _ := test.CombinedOutput() // one of them fails
			if !strings.Contains(string(out), tt.says) {
				t.Errorf("%s", out)
			}
		})
	}
}
