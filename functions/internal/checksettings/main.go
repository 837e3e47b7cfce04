// Command checksettings prints the error that would keep the functions from starting
// with the settings in its environment, or nothing. A deployment runs it on the
// deployer's machine. It reads no keys from Systems Manager and calls no third party.
package main

import (
	"fmt"

	"go.uber.org/zap"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
)

func main() {
	settings, err := config.Load()
	if err == nil {
		_, err = providers.Open(settings, zap.NewNop())
	}
	if err != nil {
		fmt.Println(err)
	}
}
