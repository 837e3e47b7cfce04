package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/serverless-relay/relay/providers/watchlist/dynamo"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/storetest"
)

// The credentials that must not appear in errors.
const (
	secretKey    = "wJalrXUtnFEMIsecret"
	sessionToken = "FwoGZXIvYXdzEtoken"
)

func secrets(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: secretKey, SessionToken: sessionToken}, nil
}

// answers is a transport that calls a handler, without a network.
type answers http.HandlerFunc

// RoundTrip implements http.RoundTripper.
func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	a(w, r)
	return w.Result(), r.Context().Err()
}

// fails responds with an error as DynamoDB does.
func fails(status int, code, message string) answers {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code, message)
	}
}

// reaching opens a table through a transport.
func reaching(t *testing.T, through http.RoundTripper) *dynamo.Store {
	t.Helper()
	store, err := dynamo.Open(dynamo.Options{Table: "indicators", AWS: &aws.Config{
		Region:      "eu-test-1",
		HTTPClient:  &http.Client{Transport: through},
		Credentials: aws.CredentialsProviderFunc(secrets),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// uses returns a call of each method of a store.
func uses() map[string]func(context.Context, *dynamo.Store) error {
	e := storetest.Entry("192.0.2.1", "a")
	return map[string]func(context.Context, *dynamo.Store) error{
		"get": func(ctx context.Context, s *dynamo.Store) error {
			_, err := s.Get(ctx, []entry.Key{e.Key()})
			return err
		},
		"put": func(ctx context.Context, s *dynamo.Store) error {
			_, err := s.Put(ctx, []entry.Entry{e})
			return err
		},
		"remove": func(ctx context.Context, s *dynamo.Store) error {
			_, err := s.Remove(ctx, []entry.Key{e.Key()}, func(entry.Entry) bool { return true })
			return err
		},
		"change": func(ctx context.Context, s *dynamo.Store) error {
			_, err := s.Change(ctx, e.Key(), entry.Note{What: "x"}, func([]entry.Entry) ([]entry.Entry, error) { return []entry.Entry{e}, nil })
			return err
		},
		"record": func(ctx context.Context, s *dynamo.Store) error {
			return s.Record(ctx, entry.NewChange(entry.Note{What: "x"}))
		},
		"counts": func(ctx context.Context, s *dynamo.Store) error {
			_, err := s.Counts(ctx, entry.Added, time.Time{})
			return err
		},
		"all": func(ctx context.Context, s *dynamo.Store) (err error) {
			for _, err = range s.All(ctx) {
			}
			return err
		},
		"history": func(ctx context.Context, s *dynamo.Store) (err error) {
			for _, err = range s.History(ctx) {
			}
			return err
		},
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	for _, tt := range []struct {
		name    string
		through http.RoundTripper
		want    error
		says    string
	}{
		{"throughput", fails(400, "ProvisionedThroughputExceededException", "m"), entry.ErrBusy, "try again later"},
		{"throttling", fails(400, "ThrottlingException", "m"), entry.ErrBusy, "try again later"},
		{"too many requests", fails(400, "RequestLimitExceeded", "m"), entry.ErrBusy, "try again later"},
		{"internal error", fails(500, "InternalServerError", "m"), entry.ErrUnreachable, "500"},
		{"unavailable", fails(503, "ServiceUnavailable", "m"), entry.ErrUnreachable, "503"},
		{"a proxy's page", answers(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>sign in")) }), entry.ErrUnreachable, ""},
		{"no connection", roundTrip(func(*http.Request) (*http.Response, error) { return nil, refused }), entry.ErrUnreachable, "connection refused"},
		{"no name", roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "dynamodb"}
		}), entry.ErrUnreachable, "no such host"},
		{"not allowed", fails(400, "AccessDeniedException", "User: arn:x is not authorized to perform: dynamodb:PutItem"), entry.ErrDenied, "dynamodb:PutItem"},
		{"unknown key", fails(400, "UnrecognizedClientException", "The security token included in the request is invalid."), entry.ErrDenied, "credentials"},
		{"expired", fails(400, "ExpiredTokenException", "The security token included in the request is expired"), entry.ErrDenied, "ExpiredTokenException"},
		{"wrong signature", fails(400, "InvalidSignatureException", "The canonical string should have been x-amz-security-token:"+sessionToken), entry.ErrDenied, "InvalidSignatureException"},
		{"no table", fails(400, "ResourceNotFoundException", "Requested resource not found"), entry.ErrMissing, "WATCHLIST_TABLE"},
		{"another table", fails(400, "ValidationException", "The provided key element does not match the schema"), entry.ErrForeign, "pk and sk"},
		{"anything else", fails(400, "SomethingNewException", "new"), nil, "SomethingNewException: new"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for name, use := range uses() {
					start := time.Now()
					err := use(t.Context(), reaching(t, tt.through))
					if spent := time.Since(start); spent > 10*time.Second {
						t.Errorf("%s took %v", name, spent)
					}
					if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
						t.Errorf("%s: %v", name, err)
						continue
					}
					text := err.Error()
					if !strings.Contains(text, "DynamoDB table indicators in eu-test-1") || !strings.Contains(text, tt.says) || strings.Contains(text, "\n") {
						t.Errorf("%s: %s", name, text)
					}
					if strings.Contains(text, secretKey) || strings.Contains(text, sessionToken) {
						t.Errorf("%s: a credential in %s", name, text)
					}
					if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
						t.Errorf("%s: %v is an error of a context", name, err)
					}
				}
			})
		})
	}
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Throttled requests are retried.
func TestThrottlingIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		store := reaching(t, answers(func(w http.ResponseWriter, r *http.Request) {
			if n++; n < 4 {
				fails(400, "ThrottlingException", "m")(w, r)
				return
			}
			_, _ = w.Write([]byte(`{"Responses":{}}`))
		}))
		if _, err := store.Get(t.Context(), []entry.Key{key("192.0.2.1")}); err != nil || n != 4 {
			t.Errorf("%v after %d requests", err, n)
		}
	})
}

// Keys that DynamoDB leaves unprocessed are requested again, but not forever.
func TestLeftOver(t *testing.T) {
	const one = `{"Responses":{"indicators":[{"pk":{"S":"ip#192.0.2.%d"},"sk":{"S":"entries"},"entries":{"S":"[{\"source\":\"a\"}]"}}]},"UnprocessedKeys":{%s}}`
	const second = `"indicators":{"Keys":[{"pk":{"S":"ip#192.0.2.2"},"sk":{"S":"entries"}}]}`
	keys := []entry.Key{key("192.0.2.1"), key("192.0.2.2")}
	t.Run("once", func(t *testing.T) {
		n := 0
		store := reaching(t, answers(func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 1 {
				fmt.Fprintf(w, one, 1, second)
			} else {
				fmt.Fprintf(w, one, 2, "")
			}
		}))
		found, err := store.Get(t.Context(), keys)
		if err != nil || len(found[0]) != 1 || len(found[1]) != 1 || n != 2 {
			t.Errorf("%v, %v after %d requests", found, err, n)
		}
	})
	t.Run("forever", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			store := reaching(t, answers(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, one, 1, second) }))
			if _, err := store.Get(t.Context(), keys); !errors.Is(err, entry.ErrBusy) {
				t.Errorf("error %v", err)
			}
		})
	})
}

// The error after the end of a context is the context's.
func TestContexts(t *testing.T) {
	hangs := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	for want, with := range map[error]func(context.Context) (context.Context, context.CancelFunc){
		context.DeadlineExceeded: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		},
		context.Canceled: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			for name, use := range uses() {
				ctx, cancel := with(t.Context())
				if err := use(ctx, reaching(t, hangs)); !errors.Is(err, want) || !strings.Contains(err.Error(), "indicators") {
					t.Errorf("%s: %v, want %v", name, err, want)
				}
				cancel()
			}
		})
	}
}

// A DynamoDB that accepts connections but never responds soon causes an error.
func TestNothingHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := dynamo.Open(dynamo.Options{Table: "indicators", AWS: &aws.Config{
			Region:       "eu-test-1",
			BaseEndpoint: aws.String("http://dynamodb.test"),
			HTTPClient: dynamo.NewHTTPClient().WithTransportOptions(func(t *http.Transport) {
				t.DialContext = func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					go func() { _, _ = io.Copy(io.Discard, server) }()
					return client, nil
				}
			}),
			Credentials: aws.CredentialsProviderFunc(secrets),
		}})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = store.Get(t.Context(), []entry.Key{key("192.0.2.1")})
		if !errors.Is(err, entry.ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 25*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		_ = store.Close()
	})
}

func TestReadOnly(t *testing.T) {
	store, err := dynamo.Open(dynamo.Options{Table: "indicators", ReadOnly: true, AWS: &aws.Config{Region: "eu-test-1"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, use := range uses() {
		want := entry.ErrDenied // there are no credentials
		if slices.Contains([]string{"put", "remove", "change", "record"}, name) {
			want = entry.ErrReadOnly
		}
		if err := use(t.Context(), store); !errors.Is(err, want) || !strings.Contains(err.Error(), "indicators") {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}
