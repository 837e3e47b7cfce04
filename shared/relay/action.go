package relay

import (
	"context"

	"github.com/serverless-relay/relay/shared/ctim"
)

// A Responder offers actions on an observable and runs them.
type Responder interface {
	// Actions returns the actions currently available for the observable.
	Actions(context.Context, ctim.Observable) ([]Action, error)
	// Trigger runs an action. The platform may send the same trigger twice, so
	// repeating it must have no effect and succeed. A Warning (see Warningf) is a
	// success too, such as "The address is already blocked." An unknown action is
	// ErrUnsupportedAction.
	Trigger(context.Context, Trigger) error
}

// ErrUnsupportedAction is returned for an action that the provider doesn't have.
var ErrUnsupportedAction = Errorf(CodeInvalidArgument, "Unsupported action.")

// Action is something that an analyst can do about an observable. The platform
// shows it in the pivot menu.
type Action struct {
	// ID names the action; the Trigger contains it. It becomes a segment of the
	// platform's URL: letters, digits, "-", "_" and "." only.
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Categories  []string `json:"categories,omitempty"`
	// Params are returned with the trigger. The relay adds the observable's type
	// and value.
	Params map[string]string `json:"query-params,omitempty"`
}

// Trigger is an action that an analyst chose.
type Trigger struct {
	// ActionID is the Action's ID.
	ActionID   string
	Observable ctim.Observable
	// Params are the Action's Params as the caller sent them: validate them.
	Params map[string]string
}
