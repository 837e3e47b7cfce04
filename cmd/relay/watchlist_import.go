package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/serverless-relay/relay/providers/watchlist"
	"github.com/serverless-relay/relay/providers/watchlist/formats"
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
	store, err := w.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	bar := newProgress(c.err, i.Files)
	run := &importRun{store: store, options: i.options(time.Now()), seen: map[uint64]bool{}, keepSkipped: i.Verbose || i.JSON}
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
		Tags:        i.Tag,
		Subdomains:  i.Subdomains,
		All:         i.All,
	}
}

// batchSize is how many entries are stored at once: many enough that writing
// to disk costs little, few enough that an interruption loses little.
const batchSize = 50_000

// importRun is an import under way.
type importRun struct {
	store   watchlist.Store
	options formats.Options
	// seen has the identities that were met, so that a value that is twice in
	// the files is stored once, and the same the next time.
	seen        map[uint64]bool
	keepSkipped bool
	files       []*fileReport
}

// file imports one file. What is wrong with the file goes into its report; the
// error is one that ends the import.
func (r *importRun) file(ctx context.Context, name string, stdin io.Reader, bar *progress) error {
	report := &fileReport{Name: name, keepSkipped: r.keepSkipped}
	r.files = append(r.files, report)
	input, err := openInput(name, stdin)
	if err != nil {
		report.Error = err.Error()
		return nil
	}
	defer func() { _ = input.Close() }()

	writer := startWriter(ctx, r.store)
	report.Format, err = formats.Read(ctx, bar.reader(name, input), name, r.options, func(record formats.Record) error {
		report.Read++
		if record.Skipped == "" && r.repeated(record.Entry) {
			record.Skipped = "a repetition: the same source and title named it before"
		}
		if record.Skipped != "" {
			report.skip(record)
			return nil
		}
		return writer.add(record.Entry)
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

// repeated says whether an entry of the same identity was there before.
func (r *importRun) repeated(e watchlist.Entry) bool {
	hash := identityHash(e)
	if r.seen[hash] {
		return true
	}
	r.seen[hash] = true
	return false
}

// openInput opens a file, or takes standard input for "-".
func openInput(name string, stdin io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(stdin), nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, cmp.Or(errors.Unwrap(err), err)
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder: name the files in it")
	}
	return os.Open(name)
}
