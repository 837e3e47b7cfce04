// Package upstream calls third parties over HTTP, as providers should: with a
// time limit, another try where that is safe, few calls at once, bodies of
// bounded size, TLS verified, and an error for the platform that says what to
// do.
//
// A provider makes one Client per process and one Caller per request, with the
// caller's credential. Do sends a question and decodes the JSON that comes
// back:
//
//	client, err := upstream.FromEnvironment(upstream.Options{Title: "Example", Address: settings.URL})
//	...
//	caller, err := client.Caller(upstream.Header("X-Api-Key", "key"), claims)
//	...
//	var answer struct{ Score int }
//	err = caller.Get(ctx, "/v1/score", url.Values{"ip": {ip}}, &answer)
//
// The retries are a loop of this package and not go-retryablehttp: they must
// know the deadlines of all who wait for an answer, not repeat what isn't safe
// to repeat, and keep URLs, which hold what is asked about, out of the log.
package upstream
