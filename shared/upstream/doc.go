// Package upstream calls third parties over HTTP on behalf of providers. It sets
// time limits, retries if that is safe, bounds concurrency and body sizes, verifies
// TLS, and returns errors that tell the platform's users what to do.
//
// A provider makes one Client per process, and one Caller per request with the
// caller's credential. Do sends a request and decodes the JSON of the response:
//
//	client, err := upstream.New(upstream.Options{Title: "Example", Address: settings.URL})
//	...
//	caller, err := client.Caller(upstream.Header("X-Api-Key", "key"), claims)
//	...
//	var answer struct{ Score int }
//	err = caller.Get(ctx, "/v1/score", url.Values{"ip": {ip}}, &answer)
//
// The package has a retry loop instead of go-retryablehttp. The loop must know the
// deadlines of all callers that wait for a response, must not repeat unsafe requests,
// and must keep URLs out of the log: they contain observables.
package upstream
