package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/misp"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// NewSighting is a sighting to add.
type NewSighting struct {
	// Values are those of the attributes that get it: all that the user may see
	// and whose value, or a part of it, is one of these.
	Values []string
	Type   misp.SightingType
	// Source is kept with it, up to 255 characters.
	Source string
	Time   time.Time
}

// sightingBody is a sighting as it is sent. MISP compares the type as a string.
type sightingBody struct {
	Values    []string          `json:"values"`
	Type      misp.SightingType `json:"type"`
	Source    string            `json:"source"`
	Timestamp string            `json:"timestamp"`
}

// AddSighting adds a sighting with POST /sightings/add. It goes out once: a
// second one would be a second sighting.
func (c *Client) AddSighting(ctx context.Context, s NewSighting) error {
	var answer added
	err := c.caller.Do(ctx, upstream.Request{
		Method: http.MethodPost,
		Path:   "/sightings/add",
		Body:   sightingBody{s.Values, s.Type, s.Source, strconv.FormatInt(s.Time.Unix(), 10)},
	}, &answer)
	if err != nil {
		return err
	}
	if answer.refused != "" {
		return fmt.Errorf("%w (%s)", relay.Errorf(relay.CodeInvalidArgument,
			"%s did not add it. Does it still have an attribute with this value that the key's user may see?", Title), answer.refused)
	}
	return nil
}

// added is the answer: the sighting, or with the same status why there is none.
type added struct{ refused string }

// UnmarshalJSON implements json.Unmarshaler.
func (a *added) UnmarshalJSON(raw []byte) error {
	var answer struct {
		Sighting json.RawMessage `json:"Sighting"`
		ID       lenient.Text    `json:"id"`
		Saved    lenient.Flag    `json:"saved"`
		Name     lenient.Text    `json:"name"`
		Message  lenient.Text    `json:"message"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	if answer.Sighting == nil && answer.ID == "" && !bool(answer.Saved) {
		a.refused = string(cmp.Or(answer.Message, answer.Name, "no reason given"))
	}
	return nil
}
