// Lambda deliberate answers POST /deliberate/observables.
package main

import (
	"github.com/serverless-relay/relay/functions/internal/function"
	"github.com/serverless-relay/relay/shared/relay"
)

func main() {
	function.Run((*relay.Relay).Deliberate)
}
