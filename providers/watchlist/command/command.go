// Package command is `relay watchlist`: it shows, edits, imports and exports
// the watchlist.
package command

import (
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/normalize"
)

// Command is `relay watchlist`.
type Command struct {
	File  string `help:"The watchlist's file. Default: WATCHLIST_FILE or, without it, a file in your data directory." type:"path" placeholder:"PATH"`
	Table string `help:"The watchlist's DynamoDB table, instead of a file. Default: WATCHLIST_TABLE if WATCHLIST_STORE is dynamodb." placeholder:"NAME"`

	Import  importCommand  `cmd:"" help:"Import files: STIX, MISP, CSV, JSON or lists."`
	List    listCommand    `cmd:"" help:"List the entries."`
	Show    showCommand    `cmd:"" help:"Look up values and show their entries in full."`
	Add     addCommand     `cmd:"" help:"Add values by hand."`
	Remove  removeCommand  `cmd:"" help:"Remove values, or everything from a source."`
	History historyCommand `cmd:"" help:"Show who changed what."`
	Export  exportCommand  `cmd:"" help:"Write the watchlist as a STIX 2.1 bundle."`
	Copy    copyCommand    `cmd:"" help:"Copy the watchlist to another file or table."`
	Verify  verifyCommand  `cmd:"" help:"Check the watchlist for damage."`

	opened []entry.Store
}

// Help implements kong.HelpProvider.
func (Command) Help() string {
	return `The watchlist is a file, or a table in DynamoDB. relay serve keeps the file open: stop it first. A table
can be used by several processes. Region and credentials are those of the AWS command line.

  relay watchlist import report.json blocklist.txt
  relay watchlist --table serverless-relay-dev-watchlist import report.json
  relay watchlist add evil.example --title "Ticket 4711"
  relay watchlist show 'evil[.]example'
  relay watchlist export > watchlist.stix.json`
}

// Validate implements kong's validation.
func (w *Command) Validate() error {
	if w.File != "" && w.Table != "" {
		return errors.New("--file and --table exclude each other")
	}
	return nil
}

// open opens the watchlist. The flags override the environment.
func (w *Command) open(readOnly bool) (entry.Store, watchlist.Settings, error) {
	settings, err := watchlist.LoadSettings()
	settings.ReadOnly = settings.ReadOnly || readOnly
	switch {
	case err != nil:
	case w.File != "":
		settings, err = settings.At(w.File)
	case w.Table != "":
		settings, err = settings.At(watchlist.TablePrefix + w.Table)
	}
	if err != nil {
		return nil, settings, err
	}
	store, err := w.openAt(settings)
	return store, settings, err
}

// openAt opens the watchlist in the settings. It stays open until the command ends.
func (w *Command) openAt(settings watchlist.Settings) (entry.Store, error) {
	store, err := watchlist.OpenStore(settings)
	if err == nil {
		w.opened = append(w.opened, store)
	}
	return store, err
}

// AfterRun closes what the command has opened. Kong calls it after Run, also if that
// fails.
func (w *Command) AfterRun() (err error) {
	for _, store := range w.opened {
		err = errors.Join(err, store.Close())
	}
	return err
}

// byHand returns a note about a change by the user of this command.
func byHand(what string) entry.Note {
	note := entry.Note{What: what}
	if account, err := user.Current(); err == nil {
		note.Who = account.Username
	}
	return note
}

// observables returns values on the command line as observables, or the first error. An
// empty kind is detected.
func observables(kind string, values []string) ([]ctim.Observable, error) {
	if err := checkType(kind); err != nil {
		return nil, err
	}
	var all []ctim.Observable
	for _, value := range values {
		o, err := normalize.Detect(value)
		hint := " (--type sets the type)"
		if kind != "" {
			o, err = normalize.Observable(ctim.Observable{Type: ctim.ObservableType(kind), Value: value})
			hint = ""
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w%s", value, err, hint)
		}
		all = append(all, o)
	}
	return all, nil
}

// checkType returns an error for an unknown observable type: its entries would never
// match.
func checkType(kind string) error {
	types := watchlist.ObservableTypes()
	if kind == "" || slices.Contains(types, ctim.ObservableType(kind)) {
		return nil
	}
	return fmt.Errorf("unknown observable type %s: use one of %s", kind, strings.ReplaceAll(strings.Trim(fmt.Sprint(types), "[]"), " ", ", "))
}
