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

	"github.com/serverless-relay/relay/providers/watchlist"
)

// item is an entry that was read, with where it stands.
type item struct {
	Entry watchlist.Entry
	// Value is what stands in the file, fit to be shown.
	Value string
	// File and Line are where: the number of the file, from 0, and a line in it.
	// Number counts what was read from the file.
	File, Line, Number int

	key watchlist.Key
}

// compare orders items as stores keep them, those of one identity in the order
// of the files.
func (i *item) compare(other *item) int {
	return cmp.Or(
		cmp.Compare(i.key.Kind, other.key.Kind),
		cmp.Compare(i.key.Value, other.key.Value),
		compareIdentity(&i.Entry, &other.Entry),
		cmp.Compare(i.File, other.File),
		cmp.Compare(i.Number, other.Number),
	)
}

// compareIdentity is 0 for two entries under one key if one replaces the other.
func compareIdentity(a, b *watchlist.Entry) int {
	if c := cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Title, b.Title)); c != 0 || len(a.With)+len(b.With) == 0 {
		return c
	}
	return cmp.Compare(a.Identity(), b.Identity())
}

// maxItems is how many items are held in memory: some 150 MB.
const maxItems = 200_000

// sorter sorts any number of items. What doesn't fit into memory is sorted in
// runs, which lie in temporary files until they are merged. The zero value is
// ready.
type sorter struct {
	items []*item
	// most overrides maxItems.
	most int
	runs []*os.File
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

// spill writes the items in memory as a run.
func (s *sorter) spill() error {
	file, err := os.CreateTemp("", "watchlist-import-*")
	if err != nil {
		return fmt.Errorf("make a temporary file: %w", err)
	}
	s.runs = append(s.runs, file)
	_ = os.Remove(file.Name()) // it is gone when it is closed; Windows keeps it
	slices.SortFunc(s.items, (*item).compare)
	buffer := bufio.NewWriterSize(file, 1<<20)
	encoder := gob.NewEncoder(buffer)
	for _, i := range s.items {
		if err := encoder.Encode(i); err != nil {
			return fmt.Errorf("write a temporary file: %w", err)
		}
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("write a temporary file: %w", err)
	}
	_, err = file.Seek(0, io.SeekStart)
	s.items = s.items[:0]
	return err
}

// each calls use for the items of each identity, in the order of their keys. It
// ends the sorter's use but for close.
func (s *sorter) each(use func(same []item) error) error {
	slices.SortFunc(s.items, (*item).compare)
	sources := []*source{{items: s.items}}
	for _, run := range s.runs {
		sources = append(sources, &source{decoder: gob.NewDecoder(bufio.NewReaderSize(run, 1<<20))})
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
	for _, run := range s.runs {
		_ = run.Close()
		_ = os.Remove(run.Name()) // where it couldn't be removed before
	}
	s.items, s.runs = nil, nil
}

// source is a sequence of sorted items.
type source struct {
	items   []*item
	decoder *gob.Decoder
	first   *item
}

// advance reads the next item into first: nil after the last.
func (s *source) advance() error {
	s.first = nil
	if s.decoder == nil {
		if len(s.items) > 0 {
			s.first, s.items = s.items[0], s.items[1:]
		}
		return nil
	}
	var i item
	switch err := s.decoder.Decode(&i); {
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
