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
	"syscall"
	"time"
	"unicode"

	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/text"
)

// relayError returns the error for the platform about a failed call. It wraps the
// cause too if the log needs that.
func (c *Caller) relayError(cause error) error {
	explained := c.explainError(cause)
	if errors.Is(cause, errTimeout) {
		return explained
	}
	if c.credential.fromUser || c.credential.tokenFromUser {
		cause = unnamed{cause}
	}
	return fmt.Errorf("%w (%w)", explained, cause)
}

// unnamed is the cause of a failed call to an address from a caller. Its text names
// neither that address nor others that lead to it, such as its IP address or the
// names in its certificate.
type unnamed struct{ error }

func (u unnamed) Unwrap() error { return u.error }

func (u unnamed) Error() string {
	var (
		status *StatusError
		system syscall.Errno
		alert  tls.AlertError
	)
	switch {
	case errors.As(u.error, &status):
		return status.Error()
	case errors.As(u.error, &system):
		return system.Error()
	case errors.As(u.error, &alert):
		return alert.Error()
	}
	innermost := u.error
	for next := innermost; next != nil; next = errors.Unwrap(innermost) {
		innermost = next
	}
	return fmt.Sprintf("%T", innermost)
}

func (c *Caller) explainError(cause error) *relay.Error {
	title := c.title
	var (
		status  *StatusError
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		noTLS   tls.RecordHeaderError
		network net.Error
	)
	switch {
	case errors.As(cause, &status):
		return c.explainStatus(status)
	case errors.Is(cause, errTimeout):
		return relay.Errorf(relay.CodeTimeout, "%s did not respond within %v. Try again later.", title, c.client.options.Timeout)
	case errors.Is(cause, errTooLargeToSkim):
		return c.tooLarge(maxSkimmed)
	case errors.Is(cause, ErrTooLarge):
		return c.tooLarge(maxBody)
	case errors.Is(cause, errNotJSON):
		return c.notJSON()
	case errors.Is(cause, errNoToken):
		return relay.Errorf(relay.CodeServiceUnavailable, "The token service of %s sent no token. Try again later.", title)
	case errors.Is(cause, errNoTokenEndpoint):
		return relay.Errorf(relay.CodeNotFound, "The token service of %s responds with not found (404). Check its address in the settings.", title)
	case errors.Is(cause, errNotSigned):
		return relay.Errorf(relay.CodeAuthorization, "The credential for %s can't sign requests. Check it in the module's settings.", title)
	case errors.Is(cause, errPrivate):
		return relay.Errorf(relay.CodeConnection,
			"The address of %s is in a private network. The relay's operator can allow this with UPSTREAM_ALLOW_LOCAL.", title)
	case errors.Is(cause, errOtherHost):
		return relay.Errorf(relay.CodeConnection,
			"%s redirects to another host, to which the credential is not sent. Set its final address in the settings.", title)
	case errors.Is(cause, errRedirect):
		return relay.Errorf(relay.CodeConnection, "%s redirects in a way that can't be followed. Check its address in the settings.", title)
	case errors.As(cause, &cert):
		return relay.Errorf(relay.CodeConnection, "The certificate of %s is not trusted: %s", title, explainCertificate(cert.Err))
	case errors.As(cause, &noTLS), errors.Is(cause, http.ErrSchemeMismatch):
		return relay.Errorf(relay.CodeConnection, "%s does not use TLS at its address. Check the address in the settings.", title)
	case errors.As(cause, &dns) && !dns.IsTimeout:
		return relay.Errorf(relay.CodeConnection, "The host of %s can't be found. Check its address in the settings.", title)
	case errors.As(cause, &network) && network.Timeout():
		return relay.Errorf(relay.CodeTimeout, "%s can't be reached in time. Check its address in the settings, or try again later.", title)
	default:
		return relay.Errorf(relay.CodeConnection, "%s can't be reached or closed the connection. Check its address in the settings, or try again later.", title)
	}
}

// tooLarge returns the error about a response above limit, in bytes.
func (c *Caller) tooLarge(limit int) *relay.Error {
	return relay.Errorf(relay.CodeServiceUnavailable, "The response of %s is larger than the %d MB that the relay reads.", c.title, limit>>20)
}

// deadlineError returns the error of a caller whose context has ended.
func (c *Caller) deadlineError(ctx context.Context) error {
	return fmt.Errorf("%w (%w)", relay.Errorf(relay.CodeTimeout,
		"%s did not respond in the time available. Try again, or ask about fewer observables.", c.title), ctx.Err())
}

func (c *Caller) explainStatus(e *StatusError) *relay.Error {
	title, message := c.title, c.messageIn(e.Body)
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return relay.Errorf(relay.CodeAuthorization, "%s refuses the credential (%d). Check it in the module's settings.%s", title, e.Status, message)
	case http.StatusNotFound:
		return relay.Errorf(relay.CodeNotFound, "%s responds with not found (404). Check its address in the settings.%s", title, message)
	case http.StatusRequestTimeout:
		return relay.Errorf(relay.CodeTimeout, "%s responds with a timeout (408). Try again later.%s", title, message)
	case http.StatusTooManyRequests:
		return relay.Errorf(relay.CodeTooManyRequests, "%s received too many requests. Try again %s.%s", title, inWords(e.RetryAfter), message)
	}
	switch {
	case e.Status >= 500:
		return relay.Errorf(relay.CodeServiceUnavailable, "%s has an internal problem (%d). Try again %s.%s", title, e.Status, inWords(e.RetryAfter), message)
	case e.Status >= 400:
		return relay.Errorf(relay.CodeInvalidArgument, "%s refuses the request (%d).%s", title, e.Status, message)
	default:
		return relay.Errorf(relay.CodeConnection, "%s responds with an unexpected status (%d). Check its address in the settings.%s", title, e.Status, message)
	}
}

// maxMessage is how many characters of a third party's own message are shown.
const maxMessage = 200

// messageIn returns the third party's own message in the body of an error, as a
// sentence to append: one line, printable and without the credential.
func (c *Caller) messageIn(body []byte) string {
	message := c.credential.redact(text.Shorten(explain(body), 10*maxMessage)) // redacting takes time
	message = strings.Join(strings.FieldsFunc(message, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if message == "" {
		return ""
	}
	return " It says: " + text.Shorten(message, maxMessage)
}

// inWords returns when to try again, such as "in 90 seconds".
func inWords(wait time.Duration) string {
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

// explainCertificate returns why a certificate isn't trusted, and what to do.
func explainCertificate(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
	)
	switch {
	case errors.As(err, &unknown):
		return "its authority is unknown. If that is a private one, add its certificate to UPSTREAM_CA_FILE."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired or is not valid yet. Have it renewed."
	case errors.As(err, &host):
		return "it is for another host. Check the address in the settings."
	default:
		return "it is not valid. Have it renewed."
	}
}
