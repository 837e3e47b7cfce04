package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/serverless-relay/relay/shared/relay"
)

// problem makes the platform's error of one that a call ended with. What the
// log should know beyond the message is wrapped around it.
func (c *Caller) problem(err error) error {
	title := c.title
	var (
		status *StatusError
		name   *net.DNSError
		cert   *tls.CertificateVerificationError
		noTLS  tls.RecordHeaderError
		slow   net.Error
	)
	var told *relay.Error
	switch {
	case errors.As(err, &status):
		told = c.refusedWith(status)
	case errors.Is(err, errSlow):
		return relay.Errorf(relay.CodeTimeout, "%s did not answer within %v. Ask again later.", title, c.client.timeout)
	case errors.Is(err, ErrTooLarge):
		told = relay.Errorf(relay.CodeServiceUnavailable, "The answer of %s is larger than the %d MB that the relay reads.", title, maxBody>>20)
	case errors.Is(err, errNoToken):
		told = relay.Errorf(relay.CodeServiceUnavailable, "The token service of %s answers in a form that the relay doesn't know. Try again later.", title)
	case errors.Is(err, errUnsigned):
		told = relay.Errorf(relay.CodeAuthorization, "The credential for %s can't sign requests. Check it in the module's settings.", title)
	case errors.Is(err, errLocal):
		told = relay.Errorf(relay.CodeConnection,
			"The address of %s leads into a private network. The relay's operator can allow that by UPSTREAM_ALLOW_LOCAL.", title)
	case errors.Is(err, errElsewhere):
		told = relay.Errorf(relay.CodeConnection,
			"%s redirects to another host, to which the credential isn't sent. Put its final address into the settings.", title)
	case errors.Is(err, errCircles):
		told = relay.Errorf(relay.CodeConnection, "%s redirects in a way that can't be followed. Check its address in the settings.", title)
	case errors.As(err, &cert):
		told = relay.Errorf(relay.CodeConnection, "The certificate of %s can't be trusted: %s", title, distrust(cert.Err))
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch):
		told = relay.Errorf(relay.CodeConnection, "%s doesn't speak TLS at its address. Check the address in the settings.", title)
	case errors.As(err, &name) && !name.IsTimeout:
		told = relay.Errorf(relay.CodeConnection, "The host of %s can't be found. Check its address in the settings.", title)
	case errors.As(err, &slow) && slow.Timeout():
		told = relay.Errorf(relay.CodeTimeout, "%s can't be reached in time. Check its address in the settings, or ask again later.", title)
	default:
		told = relay.Errorf(relay.CodeConnection, "%s can't be reached, or hangs up. Check its address in the settings, or ask again later.", title)
	}
	return fmt.Errorf("%w (%w)", told, err)
}

// late is the error of a caller who can't wait any longer.
func (c *Caller) late(ctx context.Context) error {
	return fmt.Errorf("%w (%w)", relay.Errorf(relay.CodeTimeout,
		"%s did not answer in the time that there was. Ask again, or about fewer observables.", c.title), ctx.Err())
}

// refusedWith is the error for a status.
func (c *Caller) refusedWith(e *StatusError) *relay.Error {
	title := c.title
	says := c.says(e.Body)
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return relay.Errorf(relay.CodeAuthorization, "%s refuses the credential (%d). Check it in the module's settings.%s", title, e.Status, says)
	case http.StatusNotFound:
		return relay.Errorf(relay.CodeNotFound, "%s doesn't know what was asked for (404). Check its address in the settings.%s", title, says)
	case http.StatusRequestTimeout:
		return relay.Errorf(relay.CodeTimeout, "%s gave up waiting (408). Ask again later.%s", title, says)
	case http.StatusTooManyRequests:
		return relay.Errorf(relay.CodeTooManyRequests, "%s got too many requests. Ask again %s.%s", title, in(e.RetryAfter), says)
	}
	switch {
	case e.Status >= 500:
		return relay.Errorf(relay.CodeServiceUnavailable, "%s has a problem of its own (%d). Ask again %s.%s", title, e.Status, in(e.RetryAfter), says)
	case e.Status >= 400:
		return relay.Errorf(relay.CodeInvalidArgument, "%s can't answer the question (%d).%s", title, e.Status, says)
	default:
		return relay.Errorf(relay.CodeConnection, "%s answers in a way that the relay doesn't know (%d). Check its address in the settings.%s", title, e.Status, says)
	}
}

// maxSays is how many characters of a third party's own words are passed on.
const maxSays = 200

// says are the third party's own words about an error, as a sentence to add:
// in one line, of printable characters, and without the credential.
func (c *Caller) says(body []byte) string {
	words := c.credential.redact(c.client.explain(body))
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if runes := []rune(words); len(runes) > maxSays {
		words = string(runes[:maxSays]) + "…"
	}
	if words == "" {
		return ""
	}
	return " It says: " + words
}

// in is when to ask again, in words.
func in(wait time.Duration) string {
	switch {
	case wait <= 0:
		return "later"
	case wait < 2*time.Minute:
		return fmt.Sprintf("in %d seconds", (wait+time.Second-1)/time.Second)
	case wait < 2*time.Hour:
		return fmt.Sprintf("in %d minutes", (wait+time.Minute-1)/time.Minute)
	default:
		return fmt.Sprintf("in %d hours", (wait+time.Hour-1)/time.Hour)
	}
}

// distrust says why a certificate isn't trusted, and what to do.
func distrust(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
	)
	switch {
	case errors.As(err, &unknown):
		return "nobody known has signed it. If it is a private authority, its certificate belongs in UPSTREAM_CA_FILE."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired or isn't valid yet. Have it renewed."
	case errors.As(err, &host):
		return "it is for another host. Check the address in the settings."
	default:
		return "it is not valid. Have it renewed."
	}
}
