// Lambda tiles answers POST /tiles, POST /tiles/tile and POST /tiles/tile-data.
package main

import (
	"github.com/serverless-relay/relay/functions/internal/function"
	"github.com/serverless-relay/relay/shared/server"
)

func main() {
	function.Run((*server.Server).Tiles)
}
