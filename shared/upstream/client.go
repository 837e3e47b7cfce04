package upstream

import (
	"net/http"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// What Options mean where they say nothing.
const (
	DefaultTimeout = 10 * time.Second
	DefaultRetries = 2
)

// Options say what a Client is for. Title is required.
type Options struct {
	// Title is the third party's name in messages, such as "AbuseIPDB".
	Title string
	// Address is where the third party is, from the operator's settings. It may
	// be left out where each caller brings an address: see CallerAt.
	Address Address
	// Timeout bounds one attempt, from sending the question to the last byte of
	// the answer; 0 means DefaultTimeout. The context's deadline bounds them all.
	Timeout time.Duration
	// Retries is how many attempts may follow the first where it is safe; 0
	// means DefaultRetries, and less than 0 none.
	Retries int
	// Explain finds what the third party says in the body of an error, for the
	// message. Empty is nothing. The credential is taken out of it.
	Explain func(body []byte) string
	// Settings are the operator's for all third parties.
	Settings Settings
	// Transport replaces the network in tests, with its rules about addresses,
	// proxies and certificates.
	Transport http.RoundTripper
}

// Client calls one third party. It is made once per process and used by many
// requests at the same time.
type Client struct {
	title      string
	address    Address
	allowLocal bool
	timeout    time.Duration
	retries    int
	explain    func([]byte) string
	http       *http.Client
	limits     limits
	buffers    *buffers
	flights    flights
	cache      *answers // nil without one
}

// cacheRoom is how many bytes of answers are kept across requests, and
// callerRoom within one.
const (
	cacheRoom  = 8 << 20
	callerRoom = 2 << 20
)

// FromEnvironment makes a Client with Settings from the environment. The error
// names the variable that is wrong.
func FromEnvironment(o Options) (*Client, error) {
	settings, err := LoadSettings()
	if err != nil {
		return nil, err
	}
	o.Settings = settings
	return New(o)
}

// New makes a Client. It fails where the settings name a file of certificates
// that can't be read.
func New(o Options) (*Client, error) {
	concurrency := o.Settings.Concurrency
	if concurrency <= 0 {
		concurrency = DefaultConcurrency
	}
	c := &Client{
		title:      o.Title,
		address:    o.Address,
		allowLocal: o.Settings.AllowLocal,
		timeout:    o.Timeout,
		retries:    o.Retries,
		explain:    o.Explain,
		limits:     limits{most: concurrency, slots: map[identity]*slots{}},
		buffers:    newBuffers(),
		flights:    flights{byKey: map[key]*flight{}},
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if c.retries == 0 {
		c.retries = DefaultRetries
	}
	if o.Settings.Cache > 0 {
		c.cache = newAnswers(cacheRoom, o.Settings.Cache)
	}
	if o.Transport == nil {
		roots, err := o.Settings.roots()
		if err != nil {
			return nil, err
		}
		o.Transport = newTransport(roots, c.allowLocal, concurrency)
	}
	c.http = &http.Client{Transport: o.Transport, CheckRedirect: checkRedirect}
	return c, nil
}

// Caller asks with a credential at the address in the Options: the headers that
// make up the credential, such as http.Header{"Key": {key}}. A credential that
// can't be sent is an error with relay.CodeAuthorization.
func (c *Client) Caller(credential http.Header) (*Caller, error) {
	return c.caller(c.address, credential, false)
}

// CallerAt asks at an address that a user gives, such as a claim of the token.
// It must begin with https://, or with the host, and its host must be on the
// public internet: whoever can write a token could otherwise look around in the
// relay's own network. An operator allows other addresses by
// UPSTREAM_ALLOW_LOCAL. An address that can't be one is an error with
// relay.CodeInvalidArgument; one that leads into a private network is found out
// when it is called.
func (c *Client) CallerAt(address string, credential http.Header) (*Caller, error) {
	at, err := ParseAddress(address)
	if err != nil {
		return nil, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings is not a URL such as https://host.example.com.", c.title)
	}
	if at.url.Scheme != "https" && !c.allowLocal {
		return nil, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings must begin with https://: the credential would be sent for all to read.", c.title)
	}
	return c.caller(at, credential, true)
}

func (c *Client) caller(address Address, credential http.Header, userGiven bool) (*Caller, error) {
	if address.url == nil {
		return nil, relay.Errorf(relay.CodeInvalidArgument, "The address of %s is not set.", c.title)
	}
	credential, err := sendable(c.title, credential)
	if err != nil {
		return nil, err
	}
	return &Caller{
		client:     c,
		address:    address,
		credential: credential,
		identity:   identify(credential, address),
		userGiven:  userGiven,
		answers:    newAnswers(callerRoom, 0),
	}, nil
}
