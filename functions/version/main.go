// Lambda version answers POST /version. It needs no settings.
package main

import (
	"github.com/serverless-relay/relay/shared/gateway"
	"github.com/serverless-relay/relay/shared/relay"
)

func main() {
	routes := relay.VersionRoutes()
	gateway.Start(routes, routes.First())
}
