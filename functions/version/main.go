// Lambda version answers POST /version. It needs no settings.
package main

import (
	"github.com/serverless-relay/relay/shared/gateway"
	"github.com/serverless-relay/relay/shared/server"
)

func main() {
	routes := server.Version()
	gateway.Start(routes, routes.First())
}
