// Package function is what the relay's Lambdas have in common: reading the
// settings and building the relay.
package function

import (
	"fmt"
	"os"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/gateway"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
)

// Run serves some of a relay's routes as a Lambda. It doesn't return; a wrong
// setting ends the process with the setting's name on standard error.
func Run(routes func(*relay.Relay) relay.Routes) {
	settings, err := config.Load()
	if err != nil {
		fail(err)
	}
	r, err := providers.NewRelay(settings, logging.New(os.Stderr, settings.LogLevel))
	if err != nil {
		fail(err)
	}
	gateway.Start(routes(r))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
