package importer

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// item is an entry that was read, with where it stands.
type item struct {
	Entry entry.Entry
	// Value is what stands in the file, fit to be shown.
	Value string
	// File and Line are where: the number of the file, from 0, and a line in it.
	// Number counts what was read from the file.
	File, Line, Number int

	key entry.Key
}

// compare orders items as stores keep them, those of one identity in the order
// of the files.
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

// compareIdentity is 0 for two entries under one key if one replaces the other.
func compareIdentity(a, b *entry.Entry) int {
	if a.Source == b.Source && a.Title == b.Title && len(a.With)+len(b.With) == 0 {
		return 0
	}
	return strings.Compare(a.Identity(), b.Identity())
}

// maxItems is how many items are held in memory: some 60 MB.
const maxItems = 100_000

// sorter sorts any number of items. What doesn't fit into memory is sorted in
// runs, which lie in temporary files until they are merged. A run is written
// while the next items are being read. The zero value is ready.
type sorter struct {
	items []*item
	// most overrides maxItems.
	most    int
	runs    []*os.File
	writing errgroup.Group
}

// add takes an item.
func (s *sorter) add(i item) error {
	i.key = i.Entry.Key()
	s.items = append(s.items, &i)
	if len(s.items) < cmp.Or(s.most, maxItems) {
		return nil
	}
	return s.spill()
}

// spill begins to write the items in memory as a run, when the one before is
// written.
func (s *sorter) spill() error {
	if err := s.writing.Wait(); err != nil {
		return err
	}
	run, err := os.CreateTemp("", "watchlist-import-*")
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	s.runs = append(s.runs, run)
	_ = os.Remove(run.Name()) // it is gone when it is closed; Windows keeps it
	items := s.items
	s.items = make([]*item, 0, len(items))
	s.writing.Go(func() error {
		if err := writeRun(run, items); err != nil {
			return fmt.Errorf("write a temporary file (TMPDIR says where): %w", err)
		}
		return nil
	})
	return nil
}

func writeRun(run *os.File, items []*item) error {
	slices.SortFunc(items, (*item).compare)
	buffer := bufio.NewWriterSize(run, 1<<20)
	out := codec{w: buffer}
	for _, i := range items {
		if err := out.item(i); err != nil {
			return err
		}
	}
	if err := buffer.Flush(); err != nil {
		return err
	}
	_, err := run.Seek(0, io.SeekStart)
	return err
}

// each calls use for the items of each identity, in the order of their keys. It
// ends the sorter's use but for close.
func (s *sorter) each(use func(same []item) error) error {
	if err := s.writing.Wait(); err != nil {
		return err
	}
	slices.SortFunc(s.items, (*item).compare)
	sources := []*source{{items: s.items}}
	for _, run := range s.runs {
		sources = append(sources, &source{in: &codec{r: bufio.NewReaderSize(run, 1<<18)}})
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
		_ = os.Remove(run.Name()) // where it couldn't be removed before
	}
	s.items, s.runs = nil, nil
}

// source is a sequence of sorted items.
type source struct {
	items []*item
	in    *codec
	first *item
}

// advance reads the next item into first: nil after the last.
func (s *source) advance() error {
	s.first = nil
	if s.in == nil {
		if len(s.items) > 0 {
			s.first, s.items = s.items[0], s.items[1:]
		}
		return nil
	}
	var i item
	switch err := s.in.item(&i); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("read a temporary file: %w", err)
	}
	i.key = i.Entry.Key()
	s.first = &i
	return nil
}

// merger merges sequences. They are few, and in the order of their first items.
type merger struct{ sources []*source }

// advance puts a sequence where it belongs after reading its next item.
func (m *merger) advance(s *source) error {
	if err := s.advance(); err != nil || s.first == nil {
		return err
	}
	at, _ := slices.BinarySearchFunc(m.sources, s, func(a, b *source) int { return a.first.compare(b.first) })
	m.sources = slices.Insert(m.sources, at, s)
	return nil
}

// next is the first of all items, or nil after the last.
func (m *merger) next() (*item, error) {
	if len(m.sources) == 0 {
		return nil, nil
	}
	s := m.sources[0]
	next := s.first
	m.sources = m.sources[1:]
	return next, m.advance(s)
}
