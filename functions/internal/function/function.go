// Package function is what the relay's Lambdas have in common: reading the
// settings and building the relay.
package function

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/gateway"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/relay"
)

// memoryLimit is where the garbage collector begins to hurry, in bytes: well
// within the smallest Lambda, of 128 MB. By itself it lets the heap grow to
// twice of what is in use, which an answer of 6 MB, in the forms that it takes
// on its way, makes too much. GOMEMLIMIT sets another.
const memoryLimit = 48 << 20

// Run serves some of a relay's routes as a Lambda. It doesn't return; a wrong
// setting ends the process with the setting's name on standard error.
func Run(routes func(*relay.Relay) relay.Routes) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
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
