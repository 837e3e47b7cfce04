package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/shared/text"
)

// Input is a file to import.
type Input struct {
	// Name is shown in reports. It is the source of entries without one.
	Name string
	// Open opens the file. The import closes it.
	Open func(context.Context) (io.ReadCloser, error)
	// Fetched returns the list's state for the next import, after the input was read
	// from a server without an error. It may be nil.
	Fetched func() *entry.Fetched
}

// ErrUnchanged is returned by Input.Open if nothing has changed since the last import.
var ErrUnchanged = errors.New("nothing new since the last import")

// Options configure an import.
type Options struct {
	// Formats are the options for reading the files.
	Formats formats.Options
	// BatchSize is how many entries are stored at a time. Those with many tags or threats
	// count for more.
	BatchSize int
	// Replace removes stored entries of the files' sources that the files don't
	// contain, for files that are complete. More than half of a source's entries are
	// removed only with Force.
	Replace, Force bool
	// KeepSkipped reports all skipped records, not only the first few of each reason.
	KeepSkipped bool
	// By is the person who imports, for the history.
	By string
}

// Run imports files. The report is valid even if there is an error, which is that of the
// store or of ctx. Errors of a file are in the report and don't stop the other files.
func Run(ctx context.Context, store entry.Store, inputs []Input, o Options) (*Report, error) {
	start := time.Now()
	r := &run{store: store, options: o, report: &Report{}, now: start}
	err := r.run(ctx, inputs)
	r.report.Seconds = time.Since(start).Seconds()
	return r.report, err
}

// run is an import in progress.
type run struct {
	store   entry.Store
	options Options
	report  *Report
	now     time.Time
	sorter  sorter
	taken   takenBack
	// gone are the keys of entries that are missing from replaced lists.
	gone    []entry.Key
	fetched []entry.Fetched
}

func (r *run) run(ctx context.Context, inputs []Input) error {
	defer r.sorter.close()
	for i, input := range inputs {
		if err := r.read(ctx, i, input); err != nil {
			return err
		}
	}
	if r.options.Replace {
		if err := r.checkReplaced(ctx); err != nil {
			return err
		}
	}
	err := r.write(ctx)
	var removed []entry.Entry
	if err == nil {
		removed, err = r.removeTakenBack(ctx)
	}
	if err != nil {
		r.fetched = nil // the next import must read it again
	}
	return errors.Join(err, r.remember(context.WithoutCancel(ctx), removed))
}

// read reads one file. An error ends the import.
func (r *run) read(ctx context.Context, number int, input Input) error {
	var sortErr error
	report, err := readFile(ctx, input, r.options, func(record formats.Record) error {
		r.taken.note(record)
		if record.Skipped != "" {
			return nil
		}
		if r.options.Replace {
			r.taken.list(record)
		}
		sortErr = r.sorter.add(item{Entry: record.Entry, Value: record.Value, File: number, Line: record.Line})
		return sortErr
	})
	r.report.Files = append(r.report.Files, report)
	switch {
	case sortErr != nil:
		return sortErr
	case ctx.Err() != nil:
		report.Error = "interrupted: nothing of it is stored"
		return ctx.Err()
	}
	if err == nil && input.Fetched != nil {
		if next := input.Fetched(); next != nil {
			r.fetched = append(r.fetched, *next)
		}
	}
	return nil
}

// readFile reads one file and calls use for each record. The error is also in the report.
func readFile(ctx context.Context, input Input, o Options, use func(formats.Record) error) (*FileReport, error) {
	report := &FileReport{Name: input.Name, keepSkipped: o.KeepSkipped}
	in, err := input.Open(ctx)
	if err == nil {
		report.Layout, err = formats.Read(ctx, in, input.Name, o.Formats, func(record formats.Record) error {
			report.note(record)
			return use(record)
		})
		err = cmp.Or(err, in.Close())
	}
	report.end(err)
	return report, err
}

// Preview reads a file without storing anything. It returns the report, and the first
// entries that an import would store, at most most. The error is that of ctx.
func Preview(ctx context.Context, input Input, o Options, most int) (*FileReport, []entry.Entry, error) {
	var entries []entry.Entry
	report, _ := readFile(ctx, input, o, func(record formats.Record) error {
		if record.Skipped == "" && len(entries) < most {
			entries = append(entries, record.Entry)
		}
		return nil
	})
	return report, entries, ctx.Err()
}

// duplicate is the reason why an entry is skipped if the files contain another with its
// identity.
const duplicate = "a duplicate: the files contain it again with the same source and title"

// write stores what was read.
func (r *run) write(ctx context.Context) error {
	keepEnds := false
	if r.options.Formats.ValidUntil.IsZero() {
		stored, err := entry.Listed(ctx, r.store, r.now)
		if err != nil {
			return err
		}
		keepEnds = stored > 0
	}
	out := startWriter(ctx, r.store, r.options.BatchSize, func(batch []entry.Entry) error {
		if !keepEnds || ctx.Err() != nil {
			return ctx.Err()
		}
		return r.keepEnds(ctx, batch)
	})
	err := r.sorter.each(func(same []item) error { return out.add(r.choose(same)) })
	r.report.PutResult, err = out.finish(err)
	return err
}

// choose chooses one of the entries with the same identity: the first of those that end
// last, so that the next import chooses the same. If one covers subdomains, the chosen
// one does too.
func (r *run) choose(same []item) entry.Entry {
	best := 0
	subdomains := false
	for i := range same {
		e := &same[i].Entry
		if end := same[best].Entry.ValidUntil; !end.IsZero() && (e.ValidUntil.IsZero() || e.ValidUntil.After(end)) {
			best = i
		}
		subdomains = subdomains || e.Subdomains && (e.ValidUntil.IsZero() || e.ValidUntil.After(r.now))
	}
	for i := range same {
		if i != best {
			r.report.Files[same[i].File].skip(same[i].Line, same[i].Value, duplicate)
		}
	}
	chosen := same[best].Entry
	chosen.Subdomains = chosen.Subdomains || subdomains
	return chosen
}

// keepEnds keeps the ends of stored entries that have not expired: a file without ends
// doesn't change them.
func (r *run) keepEnds(ctx context.Context, batch []entry.Entry) error {
	keys := make([]entry.Key, len(batch))
	for i := range batch {
		keys[i] = batch[i].Key()
	}
	found, err := r.store.Get(ctx, keys)
	if err != nil {
		return err
	}
	for i, entries := range found {
		e := &batch[i]
		for _, stored := range entries {
			if e.ValidUntil.IsZero() && stored.ValidUntil.After(r.now) && stored.Identity() == e.Identity() {
				e.ValidUntil = stored.ValidUntil
			}
		}
	}
	return nil
}

// remember records the import in the history.
func (r *run) remember(ctx context.Context, removed []entry.Entry) error {
	var lines []entry.Change
	stored := r.report.PutResult
	if stored.Added+stored.Updated > 0 || len(r.fetched) > 0 {
		what := fmt.Sprintf("imported %s: %d added, %d updated", r.names(), stored.Added, stored.Updated)
		line := entry.NewChange(entry.Note{Who: r.options.By, What: what})
		line.Fetched = r.fetched
		lines = append(lines, line)
	}
	if len(removed) > 0 {
		what := fmt.Sprintf("removed %d of %s, which %s no longer has", len(removed), sources(removed), r.names())
		lines = append(lines, entry.NewRemoval(entry.Note{Who: r.options.By, What: what}, removed))
	}
	if len(lines) == 0 {
		return nil
	}
	return r.store.Record(ctx, lines...)
}

// names returns the first names of the files that were read.
func (r *run) names() string {
	var names []string
	for _, f := range r.report.Files {
		if f.Error == "" && !f.Unchanged {
			name := f.Name
			if !strings.Contains(name, "://") {
				name = filepath.Base(name) // the folder is private
			}
			names = append(names, name)
		}
	}
	return text.List(names, maxNamed)
}

// sources returns the first sources of entries.
func sources(entries []entry.Entry) string {
	var names []string
	for _, e := range entries {
		if !slices.Contains(names, e.Source) {
			names = append(names, e.Source)
		}
	}
	return text.List(names, maxNamed)
}

// maxNamed is the most names in a sentence.
const maxNamed = 3
