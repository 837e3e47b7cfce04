package upstream

import (
	"net/http"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/relay"
)

// The defaults of Options.
const (
	DefaultTimeout = 10 * time.Second
	DefaultRetries = 2
)

// Options configure a Client. Title is required.
type Options struct {
	// Title is the third party's name in messages, such as "AbuseIPDB".
	Title string
	// Address is the third party's, from the operator's settings. It may be zero if
	// each caller has an address (AddressFrom, AddressBelow) or Caller.At is used.
	Address Address
	// Timeout bounds one attempt, from sending the request to the last byte of the
	// response; 0 means DefaultTimeout. The context's deadline bounds all attempts.
	Timeout time.Duration
	// Retries is how many attempts may follow the first if that is safe; 0 means
	// DefaultRetries, and a negative number none.
	Retries int
	// Explain returns the third party's own message in the body of an error, or "".
	// The credential is redacted afterwards. Nil finds the usual members of a JSON
	// object, such as "message", "detail" and "error".
	Explain func(body []byte) string
	// Settings are the operator's for all third parties.
	Settings Settings
	// Transport is shared by Clients (OpenTransport). Nil makes one of the Settings.
	// In tests it replaces the network, including its rules about addresses, proxies
	// and certificates.
	Transport http.RoundTripper
}

// Client calls one third party. It is made once per process and is safe for
// concurrent use.
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
	calls      calls
	cache      *cache // across requests; nil if there is none
	tokens     tokens
}

// The sizes of the caches of a Client and a Caller, in bytes.
const (
	clientCacheSize = 8 << 20
	callerCacheSize = 2 << 20
)

// New returns a Client. It fails if the settings name a file of certificates that
// can't be read.
func New(o Options) (*Client, error) {
	c := &Client{
		title:      o.Title,
		address:    o.Address,
		allowLocal: o.Settings.AllowLocal,
		timeout:    o.Timeout,
		retries:    o.Retries,
		explain:    o.Explain,
		limits:     limits{perCredential: o.Settings.concurrency(), slots: map[identity]*slots{}},
		buffers:    newBuffers(),
		calls:      calls{byKey: map[key]*call{}},
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
		c.cache = newCache(clientCacheSize, o.Settings.Cache)
	}
	if o.Transport == nil {
		var err error
		if o.Transport, err = newTransport(o.Settings); err != nil {
			return nil, err
		}
	}
	c.http = &http.Client{Transport: o.Transport, CheckRedirect: checkRedirect}
	return c, nil
}

// Caller returns a Caller with the credential that auth makes of the claims. A
// credential that can't be sent is an error with relay.CodeAuthorization. An
// invalid address in the claims is an error with relay.CodeInvalidArgument. An
// address in a private network is refused only when it is called.
func (c *Client) Caller(auth Auth, claims relay.Claims) (*Caller, error) {
	credential := auth(claims)
	if err := credential.check(c.title); err != nil {
		return nil, err
	}
	address := c.address
	if credential.fromUser {
		var err error
		if address, err = c.parseUserAddress(credential.address, credential.domain); err != nil {
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
		cache:      newCache(callerCacheSize, 0),
	}
}

// parseUserAddress parses the address in a caller's claims. It must be below domain
// unless that is "".
func (c *Client) parseUserAddress(text, domain string) (Address, error) {
	address, err := ParseAddress(text)
	if err != nil {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings is not a URL such as https://host.example.com.", c.title)
	}
	if address.url.Scheme != "https" && !c.allowLocal {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings must begin with https://. Otherwise the credential would be sent unencrypted.", c.title)
	}
	if domain != "" && !strings.HasSuffix(strings.ToLower(address.url.Hostname()), "."+domain) && !c.allowLocal {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings is not a host below %s. Copy it from your credentials.", c.title, domain)
	}
	return address, nil
}
