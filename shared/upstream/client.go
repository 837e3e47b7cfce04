package upstream

import (
	"net/http"
	"strings"
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
	// be zero if each caller brings an address (AddressFrom) or Caller.At is used.
	Address Address
	// Timeout bounds one attempt, from sending the question to the last byte of
	// the answer; 0 means DefaultTimeout. The context's deadline bounds them all.
	Timeout time.Duration
	// Retries is how many attempts may follow the first where it is safe; 0
	// means DefaultRetries, and less than 0 none.
	Retries int
	// Explain finds the third party's own words in the body of an error, for the
	// message. The credential is redacted. Nil looks for the usual members of a
	// JSON object, such as "message", "detail" and "error".
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
	tokens     tokens
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
	if c.explain == nil {
		c.explain = explain
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

// Caller returns a Caller with the credential that auth makes of the claims. A
// credential that can't be sent is an error with relay.CodeAuthorization; an
// address in the claims that can't be one is an error with
// relay.CodeInvalidArgument. One that leads into a private network is found when
// it is called.
func (c *Client) Caller(auth Auth, claims relay.Claims) (*Caller, error) {
	credential := auth(claims)
	if err := credential.check(c.title); err != nil {
		return nil, err
	}
	address := c.address
	if credential.fromUser {
		var err error
		if address, err = c.userAddress(credential.address); err != nil {
			return nil, err
		}
	}
	if o := credential.oauth2; o != nil && strings.HasPrefix(o.TokenURL, "/") && address.url != nil {
		o.TokenURL = address.join(o.TokenURL).String()
	}
	return c.callerAt(c.title, address, credential), nil
}

func (c *Client) callerAt(title string, address Address, credential credential) *Caller {
	return &Caller{
		client:     c,
		title:      title,
		address:    address,
		credential: credential,
		identity:   credential.identify(address),
		answers:    newAnswers(callerRoom, 0),
	}
}

// userAddress reads the address in a caller's claims.
func (c *Client) userAddress(text string) (Address, error) {
	address, err := ParseAddress(text)
	if err != nil {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings is not a URL such as https://host.example.com.", c.title)
	}
	if address.url.Scheme != "https" && !c.allowLocal {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings must begin with https://: the credential would be sent for all to read.", c.title)
	}
	return address, nil
}
