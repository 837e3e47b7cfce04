// Lambda respond answers POST /respond/observables and POST /respond/trigger.
package main

import (
	"github.com/serverless-relay/relay/functions/internal/function"
	"github.com/serverless-relay/relay/shared/server"
)

func main() {
	function.Run((*server.Server).Respond)
}
