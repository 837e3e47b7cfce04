// Lambda refer answers POST /refer/observables.
package main

import (
	"github.com/serverless-relay/relay/functions/internal/function"
	"github.com/serverless-relay/relay/shared/relay"
)

func main() {
	function.Run((*relay.Relay).Refer)
}
