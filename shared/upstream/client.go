package upstream

import (
	"cmp"
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
	// Refusal is another status than 401 with which the third party always refuses the
	// credential, such as 403; 0 for none. After it all further calls of a Caller fail.
	Refusal int
	// Settings are the operator's for all third parties.
	Settings Settings
	// Transport may be a *Transport that several Clients share. Nil makes one of the Settings.
	// In tests it replaces the network, including its rules about addresses, proxies
	// and certificates.
	Transport http.RoundTripper
}

// Client calls one third party. It is made once per process and is safe for
// concurrent use.
type Client struct {
	options Options // with the defaults instead of zero
	http    *http.Client
	limits  limits
	buffers *buffers
	calls   calls
	cache   *cache // across requests; nil if each Caller has its own
	tokens  tokens
}

// The sizes of the caches of a Client and a Caller, in bytes.
const (
	clientCacheSize = 8 << 20
	callerCacheSize = 2 << 20
)

// New returns a Client. It fails if the settings name a file of certificates that
// can't be read.
func New(o Options) (*Client, error) {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Retries == 0 {
		o.Retries = DefaultRetries
	}
	var shared *cache
	if o.Settings.Cache > 0 {
		shared = newCache(clientCacheSize, o.Settings.Cache)
	}
	if o.Transport == nil {
		own := new(Transport)
		if err := own.set(o.Settings); err != nil {
			return nil, err
		}
		o.Transport = own
	}
	return &Client{
		options: o,
		http:    &http.Client{Transport: o.Transport, CheckRedirect: checkRedirect},
		limits:  limits{perCredential: o.Settings.concurrency(), slots: map[identity]*slots{}},
		buffers: newBuffers(),
		calls:   calls{byKey: map[key]*call{}},
		cache:   shared,
	}, nil
}

// Caller returns a Caller with the credential that auth makes of the claims. A
// credential that can't be sent is an error with relay.CodeAuthorization. An
// invalid address in the claims is an error with relay.CodeInvalidArgument. An
// address in a private network is refused only when it is called.
func (c *Client) Caller(auth Auth, claims relay.Claims) (*Caller, error) {
	credential := auth(claims)
	if err := credential.check(c.options.Title); err != nil {
		return nil, err
	}
	address := c.options.Address
	if credential.fromUser {
		var err error
		if address, err = c.parseUserAddress(credential.address, credential.domain); err != nil {
			return nil, err
		}
	}
	return c.callerAt(c.options.Title, address, credential), nil
}

func (c *Client) callerAt(title string, address Address, credential credential) *Caller {
	if o := credential.oauth2; o != nil && strings.HasPrefix(o.TokenURL, "/") && address.url != nil {
		o.TokenURL = address.join(o.TokenURL).String()
	}
	return &Caller{
		client:     c,
		title:      title,
		address:    address,
		credential: credential,
		identity:   credential.identify(address),
		cache:      cmp.Or(c.cache, newCache(callerCacheSize, 0)),
	}
}

// parseUserAddress parses the address in a caller's claims. It must be below domain
// unless that is "".
func (c *Client) parseUserAddress(text, domain string) (Address, error) {
	address, err := ParseAddress(text)
	if err != nil {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings is not like https://host.example.com: %w.", c.options.Title, err)
	}
	if address.url.Scheme != "https" && !c.options.Settings.AllowLocal {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings must begin with https://. Otherwise the credential would be sent unencrypted.", c.options.Title)
	}
	if domain != "" && !strings.HasSuffix(strings.ToLower(address.url.Hostname()), "."+domain) && !c.options.Settings.AllowLocal {
		return Address{}, relay.Errorf(relay.CodeInvalidArgument,
			"The address of %s in the module's settings is not a host below %s. Copy it from your credentials.", c.options.Title, domain)
	}
	return address, nil
}
