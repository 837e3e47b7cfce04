package watchlist

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/shared/ctim"
	"github.com/serverless-relay/relay/shared/relay"
)

// mostChanges is how many lines the tile of changes has.
const mostChanges = 20

// changes are the newest lines of the history.
func (s *session) changes(ctx context.Context, p relay.Period) (relay.TileData, error) {
	start := s.now.Add(-p.Duration())
	lines := relay.Markdown{}
	for line, err := range s.store.History(ctx) {
		if err != nil {
			return relay.TileData{}, err
		}
		if line.Time.Before(start) || len(lines) == mostChanges {
			break
		}
		lines = append(lines, markdown(line))
	}
	if len(lines) == 0 {
		lines = append(lines, "No changes in this period.")
	}
	observed := ctim.ObservedTime{Start: ctim.At(start), End: ctim.At(s.now)}
	return relay.TileData{ObservedTime: observed, Content: lines}, nil
}

// markdown is a line of the history as a list item. What comes from outside
// stands in code marks, where it can't be a link or anything else.
func markdown(line entry.Change) string {
	text := fmt.Sprintf("- %s UTC, %s: %s", line.Time.UTC().Format("2006-01-02 15:04"), code(cmp.Or(line.Who, "somebody")), code(line.What))
	if line.Observable.Value != "" {
		text += " " + code(line.Observable.Value)
	}
	if summary := line.Summary(); summary != "" {
		text += " (" + code(summary) + ")"
	}
	return text
}

// code puts a text in code marks, and takes out what would end them.
func code(text string) string {
	return "`" + strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "'")), " ") + "`"
}
