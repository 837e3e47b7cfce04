package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/serverless-relay/relay/shared/relay"
)

// byteOrderMark begins the answers of some servers. It is no part of JSON.
var byteOrderMark = []byte("\xef\xbb\xbf")

// decode reads an answer into a value, and tells what the answer is instead
// where it isn't JSON.
func (c *Caller) decode(body []byte, into any) error {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, byteOrderMark))
	err := json.Unmarshal(body, into)
	if err == nil {
		return nil
	}
	var (
		syntax *json.SyntaxError
		shape  *json.UnmarshalTypeError
	)
	switch {
	case len(body) == 0:
		return relay.Errorf(relay.CodeServiceUnavailable, "%s answers with nothing. Ask again later.", c.title)
	case body[0] == '<':
		return relay.Errorf(relay.CodeServiceUnavailable,
			"%s answers with a web page instead of data. Check its address in the settings: a login page or a proxy may stand before it.", c.title)
	case cutOff(body):
		return relay.Errorf(relay.CodeConnection, "The answer of %s breaks off. Ask again.", c.title)
	case errors.As(err, &syntax):
		return relay.Errorf(relay.CodeServiceUnavailable, "%s answers with something that isn't JSON. Check its address in the settings.", c.title)
	}
	told := relay.Errorf(relay.CodeServiceUnavailable, "%s answers in a form that the relay doesn't know.", c.title)
	if errors.As(err, &shape) {
		return fmt.Errorf("%w (%q is %s)", told, shape.Field, shape.Value)
	}
	return told // other errors may quote the answer
}

// cutOff says whether a body is JSON as far as it goes.
func cutOff(body []byte) bool {
	var whole json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(body)).Decode(&whole), io.ErrUnexpectedEOF)
}
