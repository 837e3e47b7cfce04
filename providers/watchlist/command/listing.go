package command

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"text/tabwriter"

	"github.com/serverless-relay/relay/shared/console"
)

// listing prints items, one on each line.
type listing[T any] struct {
	matches func(T) bool
	limit   int // 0 is all
	json    bool
	// header and row are the lines of the table without json. Tabs separate the columns.
	header string
	row    func(T) string
	// none is the message if no item matches.
	none string
}

// alignedLines is how many lines are aligned together. Otherwise a table of millions
// would only appear once it is complete.
const alignedLines = 1000

// print prints the items that match.
func (l listing[T]) print(c console.Console, items iter.Seq2[T, error]) error {
	out := bufio.NewWriter(c.Out)
	table := newTable(out)
	flush := func() error { return cmp.Or(table.Flush(), out.Flush()) }
	printed := 0
	for item, err := range items {
		switch {
		case err != nil:
			return errors.Join(flush(), err)
		case !l.matches(item):
			continue
		case l.json:
			err = console.WriteJSONLine(out, item)
		case printed == 0:
			_, err = io.WriteString(table, l.header+l.row(item))
		default:
			_, err = io.WriteString(table, l.row(item))
		}
		printed++
		if err == nil && printed%alignedLines == 0 {
			err = table.Flush()
		}
		if err != nil {
			return err
		}
		if printed == l.limit {
			break
		}
	}
	if printed == 0 {
		fmt.Fprintln(c.Err, l.none)
	}
	return flush()
}

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }
