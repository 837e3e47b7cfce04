package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/serverless-relay/relay/shared/lenient"
	"github.com/serverless-relay/relay/shared/mispevent"
	"github.com/serverless-relay/relay/shared/relay"
	"github.com/serverless-relay/relay/shared/upstream"
)

// NewSighting is a sighting to add.
type NewSighting struct {
	Type mispevent.SightingType
	// Source is kept with the sighting. MISP allows 255 characters.
	Source string
	Time   time.Time
}

// sightingBody is the body of POST /sightings/add. MISP compares the type as a
// string.
type sightingBody struct {
	ID        string                 `json:"id"`
	Type      mispevent.SightingType `json:"type"`
	Source    string                 `json:"source"`
	Timestamp string                 `json:"timestamp"`
}

// AddSighting adds a sighting to the attribute with this UUID, and to no other.
// (MISP can also add one by value, but then takes the value for a pattern and
// compares it with both halves of composites.) The call is never retried, because that
// would add a second sighting.
func (c *Client) AddSighting(ctx context.Context, attributeUUID string, s NewSighting) error {
	body := sightingBody{attributeUUID, s.Type, s.Source, strconv.FormatInt(s.Time.Unix(), 10)}
	// MISP reads the UUID from the body or from the path. Proxies and servers that
	// imitate MISP may know only the documented path.
	var answer addedSighting
	for _, path := range []string{"/sightings/add", "/sightings/add/" + url.PathEscape(attributeUUID)} {
		answer = addedSighting{}
		if err := c.do(ctx, upstream.Request{Method: http.MethodPost, Path: path, Body: body}, &answer); err != nil {
			return err
		}
		if answer.refusal == "" {
			return nil
		}
	}
	return fmt.Errorf("%w (%s)", relay.Errorf(relay.CodeInvalidArgument,
		"%s did not add the sighting. Check that the attribute still exists and that the key's user may see it.", Title), answer.refusal)
}

// addedSighting is the response. If MISP added nothing, the status is 200 too, and
// refusal is the reason.
type addedSighting struct{ refusal string }

// UnmarshalJSON implements json.Unmarshaler.
func (a *addedSighting) UnmarshalJSON(raw []byte) error {
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
	isAdded := strings.HasPrefix(string(answer.Message), "Sighting added") // older servers say no more
	if answer.Sighting == nil && answer.ID == "" && !bool(answer.Saved) && !isAdded {
		a.refusal = string(cmp.Or(answer.Message, answer.Name, "no reason given"))
	}
	return nil
}
