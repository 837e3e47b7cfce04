package importer

import (
	"bufio"
	"cmp"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// item is an entry that was read, and its place.
type item struct {
	Entry entry.Entry
	// Value is the text in the file, safe to print.
	Value string
	// File is the file's number from 0, and Line a line in it. Number counts the
	// records of the file.
	File, Line, Number int

	key entry.Key
}

// compare orders items by key as stores do, and items of one identity by their place.
func (i *item) compare(other *item) int {
	if i.key != other.key {
		if i.key.Kind != other.key.Kind {
			return strings.Compare(string(i.key.Kind), string(other.key.Kind))
		}
		return strings.Compare(i.key.Value, other.key.Value)
	}
	if c := compareIdentity(&i.Entry, &other.Entry); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(i.File, other.File), cmp.Compare(i.Number, other.Number))
}

// compareIdentity returns 0 if one of two entries with the same key replaces the other.
func compareIdentity(a, b *entry.Entry) int {
	if a.Source == b.Source && a.Title == b.Title && len(a.With)+len(b.With) == 0 {
		return 0
	}
	return strings.Compare(a.Identity(), b.Identity())
}

// maxItems is how many items are kept in memory, about 60 MB.
const maxItems = 100_000

// sorter sorts any number of items. Items beyond maxItems are sorted in runs, which are
// kept in temporary files and merged at the end. A run is written while the next items
// are read. The zero value is ready to use.
type sorter struct {
	items []*item
	// most overrides maxItems.
	most    int
	runs    []*os.File
	writing errgroup.Group
}

// add adds an item.
func (s *sorter) add(i item) error {
	i.key = i.Entry.Key()
	s.items = append(s.items, &i)
	if len(s.items) < cmp.Or(s.most, maxItems) {
		return nil
	}
	return s.spill()
}

// spill waits for the previous run, and starts to write the items in memory as the next.
func (s *sorter) spill() error {
	if err := s.writing.Wait(); err != nil {
		return err
	}
	run, err := os.CreateTemp("", "watchlist-import-*")
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	s.runs = append(s.runs, run)
	_ = os.Remove(run.Name()) // closing it deletes it, except on Windows
	items := s.items
	s.items = make([]*item, 0, len(items))
	s.writing.Go(func() error {
		if err := writeRun(run, items); err != nil {
			return fmt.Errorf("write a temporary file (TMPDIR sets the folder): %w", err)
		}
		return nil
	})
	return nil
}

func writeRun(run *os.File, items []*item) error {
	slices.SortFunc(items, (*item).compare)
	buffer := bufio.NewWriterSize(run, 1<<20)
	out := gob.NewEncoder(buffer)
	for _, i := range items {
		if err := out.Encode(i); err != nil {
			return err
		}
	}
	if err := buffer.Flush(); err != nil {
		return err
	}
	_, err := run.Seek(0, io.SeekStart)
	return err
}

// each calls use for the items of each identity, in the order of their keys. Only close
// may be called after it.
func (s *sorter) each(use func(same []item) error) error {
	if err := s.writing.Wait(); err != nil {
		return err
	}
	slices.SortFunc(s.items, (*item).compare)
	sources := []*source{{items: s.items}}
	for _, run := range s.runs {
		sources = append(sources, &source{in: gob.NewDecoder(bufio.NewReaderSize(run, 1<<18))})
	}
	var m merger
	for _, source := range sources {
		if err := m.advance(source); err != nil {
			return err
		}
	}
	var same []item
	for {
		next, err := m.next()
		if err != nil {
			return err
		}
		if len(same) > 0 && (next == nil || next.key != same[0].key || compareIdentity(&next.Entry, &same[0].Entry) != 0) {
			if err := use(same); err != nil {
				return err
			}
			same = same[:0]
		}
		if next == nil {
			return nil
		}
		same = append(same, *next)
	}
}

// close removes the temporary files.
func (s *sorter) close() {
	_ = s.writing.Wait()
	for _, run := range s.runs {
		_ = run.Close()
		_ = os.Remove(run.Name()) // on Windows
	}
	s.items, s.runs = nil, nil
}

// source is a sequence of sorted items.
type source struct {
	items []*item
	in    *gob.Decoder
	first *item
}

// advance reads the next item into first, or nil after the last.
func (s *source) advance() error {
	s.first = nil
	if s.in == nil {
		if len(s.items) > 0 {
			s.first, s.items = s.items[0], s.items[1:]
		}
		return nil
	}
	var i item
	switch err := s.in.Decode(&i); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("read a temporary file: %w", err)
	}
	i.key = i.Entry.Key()
	s.first = &i
	return nil
}

// merger merges sequences, which are sorted by their first items.
type merger struct{ sources []*source }

// advance reads a sequence's next item and inserts the sequence by it.
func (m *merger) advance(s *source) error {
	if err := s.advance(); err != nil || s.first == nil {
		return err
	}
	at, _ := slices.BinarySearchFunc(m.sources, s, func(a, b *source) int { return a.first.compare(b.first) })
	m.sources = slices.Insert(m.sources, at, s)
	return nil
}

// next returns the first of all items, or nil after the last.
func (m *merger) next() (*item, error) {
	if len(m.sources) == 0 {
		return nil, nil
	}
	s := m.sources[0]
	next := s.first
	m.sources = m.sources[1:]
	return next, m.advance(s)
}
