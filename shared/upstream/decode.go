package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/serverless-relay/relay/shared/relay"
)

// byteOrderMark begins the responses of some servers. It is not part of the JSON.
var byteOrderMark = []byte("\xef\xbb\xbf")

// decode decodes a response into into. If it isn't JSON, the error describes what
// it is instead.
func (c *Caller) decode(body []byte, into any) error {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
	err := json.Unmarshal(body, into)
	if err == nil {
		return nil
	}
	var (
		syntax   *json.SyntaxError
		mismatch *json.UnmarshalTypeError
	)
	switch {
	case len(body) == 0:
		return relay.Errorf(relay.CodeServiceUnavailable, "%s sent an empty response. Try again later.", c.title)
	case body[0] == '<':
		return relay.Errorf(relay.CodeServiceUnavailable,
			"%s sent a web page instead of data, perhaps of a login or a proxy. Check its address in the settings.", c.title)
	case isTruncated(body):
		return relay.Errorf(relay.CodeConnection, "The response of %s is incomplete. Try again.", c.title)
	case errors.As(err, &syntax):
		return c.notJSON()
	}
	unexpected := relay.Errorf(relay.CodeServiceUnavailable, "%s sent JSON of an unexpected form. Check its address in the settings.", c.title)
	if errors.As(err, &mismatch) {
		return fmt.Errorf("%w (%q is %s)", unexpected, mismatch.Field, mismatch.Value)
	}
	return unexpected // without err, which may quote the response
}

// notJSON returns the error about a response that isn't JSON.
func (c *Caller) notJSON() *relay.Error {
	return relay.Errorf(relay.CodeServiceUnavailable, "%s sent a response that isn't JSON. Check its address in the settings.", c.title)
}

// isTruncated reports whether a body is the beginning of valid JSON.
func isTruncated(body []byte) bool {
	var whole json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&whole), io.ErrUnexpectedEOF)
}
