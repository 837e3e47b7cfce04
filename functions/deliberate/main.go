// Lambda deliberate answers POST /deliberate/observables.
package main

import (
	"github.com/serverless-relay/relay/functions/internal/function"
	"github.com/serverless-relay/relay/shared/server"
)

func main() {
	function.Run((*server.Server).Deliberate)
}
