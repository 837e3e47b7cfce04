package relay

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
)

// A Responder offers an analyst actions on an observable, and takes them.
type Responder interface {
	// Actions are those that make sense for the observable as things stand.
	Actions(ctx context.Context, o ctim.Observable) ([]Action, error)
	// Trigger takes an action. The platform may send the same trigger twice
	// and marks neither, so a repeat must change nothing and succeed. An action
	// that it doesn't know is ErrUnsupportedAction.
	Trigger(ctx context.Context, t Trigger) error
}

// ErrUnsupportedAction is the answer to a trigger of an action that the
// provider doesn't have.
var ErrUnsupportedAction = Errorf(CodeInvalidArgument, "Unsupported action.")

// Action is something that an analyst can do about an observable, offered in
// the platform's menu.
type Action struct {
	// ID names the action; a Trigger brings it back.
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Categories  []string `json:"categories,omitempty"`
	// Params come back with the trigger. The relay adds the observable's type
	// and value.
	Params map[string]string `json:"query-params,omitempty"`
}

// Trigger is an action that an analyst chose.
type Trigger struct {
	// ActionID is the Action's ID.
	ActionID   string
	Observable ctim.Observable
	// Params are those of the action. They come from outside again: what they
	// say must be checked.
	Params map[string]string
}
