// Lambda version answers POST /version. Its only setting is RELAY_PROVIDER.
package main

import "github.com/serverless-relay/relay/functions/internal/function"

func main() {
	function.RunVersion()
}
