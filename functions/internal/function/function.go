// Package function is what the relay's Lambdas have in common: reading the
// settings and building the relay.
package function

import (
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/gateway"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/server"
)

// limitMemory makes the garbage collector hurry before memory runs out. By
// itself it lets the heap grow to twice of what is in use, which an answer of
// 6 MB, in the forms that it takes on its way, makes too much for a Lambda of
// 128 MB. GOMEMLIMIT sets another limit.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	megabytes, err := strconv.ParseInt(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64)
	if err != nil || megabytes < 128 {
		megabytes = 128 // the smallest
	}
	debug.SetMemoryLimit(megabytes << 20 * 3 / 8)
}

// Run serves some of a relay's routes as a Lambda. It doesn't return; a wrong
// setting ends the process with the setting's name on standard error.
func Run(routes func(*server.Server) server.Routes) {
	limitMemory()
	settings, err := config.Load()
	if err != nil {
		fail(err)
	}
	r, err := providers.NewServer(settings, logging.New(os.Stderr, settings.LogLevel))
	if err != nil {
		fail(err)
	}
	served := routes(r)
	gateway.Start(served, served.First())
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
