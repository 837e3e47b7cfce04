package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
	"github.com/serverless-relay/relay/providers/watchlist/stores"
	"github.com/serverless-relay/relay/shared/ctim"
)

// importCommand is `relay watchlist import`.
type importCommand struct {
	Files  []string `arg:"" help:"Files to read; - is standard input." placeholder:"FILE"`
	Format string   `help:"What they are: stix, misp, csv or list. Default: what the file looks like." enum:",stix,misp,csv,list" default:"" placeholder:"FORMAT"`
	All    bool     `help:"MISP: also what isn't meant for detection (to_ids is false), as suspicious."`
	attributes
	Verbose bool `short:"v" help:"Name every value that was skipped."`
	JSON    bool `name:"json" help:"Print the result as JSON."`
}

// Help implements kong.HelpProvider.
func (importCommand) Help() string {
	return `STIX 2.0 and 2.1 bundles, MISP events, CSV with a header, and plain lists (one value a line, hosts
files, addresses with a count). What the file says counts; --disposition, --source and --priority
override it, the other flags fill in what it doesn't say.

What is there already isn't changed, so importing twice does no harm. An import that is interrupted
keeps what it had read until then; do it again to go on. Values that can't be used are named with
file, line and reason; they don't stop the rest.

Exit code 1 means that a file could not be read at all.`
}

// Run imports the files.
func (i *importCommand) Run(ctx context.Context, w *watchlistCommand, c console) (err error) {
	settings, err := w.settings(false)
	if err != nil {
		return err
	}
	store, err := stores.Open(settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	bar := newProgress(c.err, i.Files)
	run := &importRun{store: store, batchSize: batchSize(settings), options: i.options(time.Now()), ends: map[uint64]int64{}, keepSkipped: i.Verbose || i.JSON}
	start := time.Now()
	for _, name := range i.Files {
		if err = run.file(ctx, name, c.in, bar); err != nil {
			break // the store failed, or the person at the keyboard has enough
		}
	}
	bar.finish()
	report := importReport{Files: run.files, Seconds: time.Since(start).Seconds()}
	if i.JSON {
		if err := json.NewEncoder(c.out).Encode(report); err != nil {
			return err
		}
	} else {
		report.print(c.out)
	}
	if stored := report.stored(); stored.Added+stored.Updated > 0 {
		what := fmt.Sprintf("imported %s: %d added, %d updated", plural(len(i.Files), "file", "files"), stored.Added, stored.Updated)
		err = errors.Join(err, store.Record(context.WithoutCancel(ctx), watchlist.NewChange(byHand(what))))
	}
	if err == nil && report.failed() > 0 {
		err = fmt.Errorf("%s could not be read", plural(report.failed(), "file", "files"))
	}
	return err
}

func (i *importCommand) options(now time.Time) formats.Options {
	return formats.Options{
		Format:      formats.Format(i.Format),
		Source:      i.Source,
		Disposition: i.disposition(),
		Priority:    i.Priority,
		Severity:    i.severity(),
		Confidence:  i.confidence(),
		TLP:         ctim.TLP(i.TLP),
		ValidUntil:  i.validUntil(now),
		Tags:        i.tags(),
		Subdomains:  i.Subdomains,
		All:         i.All,
	}
}

// importRun is an import under way.
type importRun struct {
	store       watchlist.Store
	batchSize   int
	options     formats.Options
	keepSkipped bool
	files       []*fileReport
	// ends has the ends of the entries that were met, by identity.
	ends map[uint64]int64
}

// file imports one file. What is wrong with the file goes into its report; the
// error is one that ends the import.
func (r *importRun) file(ctx context.Context, name string, stdin io.Reader, bar *progress) error {
	report := &fileReport{Name: name, keepSkipped: r.keepSkipped}
	r.files = append(r.files, report)
	input := openInput(ctx, name, stdin)
	defer func() { _ = input.Close() }()

	writer := startWriter(ctx, r.store, r.batchSize)
	var err error
	report.Format, err = formats.Read(ctx, bar.reader(name, input), name, r.options, func(record formats.Record) error {
		report.Read++
		var hash uint64
		if record.Skipped == "" {
			hash = identityHash(record.Entry)
			record = r.choose(hash, record, writer)
		}
		if record.Skipped != "" {
			report.skip(record)
			return nil
		}
		return writer.add(hash, record)
	})
	stored, writeErr := writer.finish()
	report.PutResult = stored
	switch {
	case writeErr != nil:
		report.Error = writeErr.Error()
		return writeErr
	case ctx.Err() != nil:
		report.Error = "interrupted"
		return ctx.Err()
	case err != nil:
		report.Error = err.Error()
	}
	return nil
}

// repetition is why an entry is skipped whose like was there.
const repetition = "a repetition: the same source and title name it elsewhere in the files"

// choose decides between an entry and one of the same identity that was there
// before, in this file or another: the one that holds longer counts, and at
// equal ends the first, so that the next import chooses the same. It returns the
// one to skip, or the entry itself.
func (r *importRun) choose(hash uint64, record formats.Record, writer *importWriter) formats.Record {
	end := int64(math.MaxInt64)
	if until := record.Entry.ValidUntil; !until.IsZero() {
		end = until.Unix()
	}
	before, repeated := r.ends[hash]
	if repeated && end <= before {
		record.Skipped = repetition
		return record
	}
	r.ends[hash] = end
	if earlier, ok := writer.replace(hash, record); ok {
		earlier.Skipped = repetition
		return earlier
	}
	return record
}
