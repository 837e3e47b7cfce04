// Package function starts a Lambda of the relay: it reads the settings and the keys,
// opens the provider and serves the function's routes.
package function

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/serverless-relay/relay/providers"
	"github.com/serverless-relay/relay/shared/config"
	"github.com/serverless-relay/relay/shared/gateway"
	"github.com/serverless-relay/relay/shared/logging"
	"github.com/serverless-relay/relay/shared/server"
	"github.com/serverless-relay/relay/shared/ssm"
)

// limitMemory sets how far the heap grows before garbage is collected: to four times
// the memory in use, but not beyond 3/8 of the Lambda's memory. By default it grows to
// twice the memory in use. That is too little for usual answers: one request in a
// hundred would wait for a collection. It is too much for an answer of 6 MB and its
// copies in a Lambda of 128 MB. GOGC and GOMEMLIMIT replace the limits.
func limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	megabytes, err := strconv.ParseInt(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64)
	if err != nil || megabytes < 128 {
		megabytes = 128 // the smallest Lambda
	}
	debug.SetMemoryLimit(megabytes << 20 * 3 / 8)
}

// Run serves routes of the relay as a Lambda. It doesn't return. An invalid setting
// ends the process with an error that names the variable.
func Run(routes func(*server.Server) server.Routes) {
	limitMemory()
	settings, err := config.Load()
	if err != nil {
		fail(err)
	}
	err = settings.ReadKeys(func(name string) (string, error) { return ssm.Parameter(context.Background(), name) })
	if err != nil {
		fail(err)
	}
	modules, err := providers.Open(settings, logging.New(os.Stderr, settings.LogLevel))
	if err != nil {
		fail(err)
	}
	start(modules, routes)
}

// RunVersion serves the route of the version. It opens no provider, and doesn't
// return.
func RunVersion() {
	selected, err := providers.Selected(os.Getenv("RELAY_PROVIDER"), providers.Find)
	if err != nil {
		fail(fmt.Errorf("setting RELAY_PROVIDER: %w", err))
	}
	var modules server.Modules
	for _, provider := range selected {
		modules = append(modules, server.New(server.Options{Declaration: provider.Declaration(), OneOfMany: len(selected) > 1}))
	}
	start(modules, (*server.Server).Version)
}

func start(modules server.Modules, routes func(*server.Server) server.Routes) {
	gateway.Start(modules.Routes(routes), routes(modules[0]).First())
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
