package importer

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
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
	// File is the file's number from 0, and Line a line in it. Number counts all items.
	File, Line, Number int
}

// compare orders items of one key by identity, and items of one identity by Number.
func (i *item) compare(other *item) int {
	return cmp.Or(compareIdentity(&i.Entry, &other.Entry), cmp.Compare(i.Number, other.Number))
}

// compareIdentity returns 0 if one of two entries with the same key replaces the other.
func compareIdentity(a, b *entry.Entry) int {
	if a.Source == b.Source && a.Title == b.Title && len(a.With)+len(b.With) == 0 {
		return 0
	}
	return strings.Compare(a.Identity(), b.Identity())
}

// record is an encoded item, which needs much less memory. It begins with the key.
type record struct {
	raw     []byte
	keySize int
}

func (r record) key() []byte { return r.raw[:r.keySize] }

func (r record) compare(other record) int { return bytes.Compare(r.key(), other.key()) }

// item decodes the record.
func (r record) item() (i item, err error) {
	rest := r.raw[r.keySize:]
	for _, n := range []*int{&i.File, &i.Line, &i.Number} {
		number, size := binary.Varint(rest)
		*n, rest = int(number), rest[max(0, size):]
	}
	size, start := binary.Uvarint(rest)
	if start <= 0 || size > uint64(len(rest)-start) {
		return item{}, io.ErrUnexpectedEOF
	}
	value, rest := rest[start:][:size], rest[start:][size:]
	entries, err := entry.ParseBinary(string(r.key()), string(rest))
	if err != nil || len(entries) != 1 {
		return item{}, cmp.Or(err, io.ErrUnexpectedEOF)
	}
	i.Entry, i.Value = entries[0], string(value)
	return i, nil
}

// maxRun is the size of a run's records, in bytes. At most two runs are in memory.
const maxRun = 16 << 20

// sorter sorts any number of items. Items beyond maxRun are sorted in runs, which are
// kept in temporary files and merged at the end. A run is written while the next items
// are read. The zero value is ready to use.
type sorter struct {
	records []record
	size    int // of the records, in bytes
	added   int
	buffer  []byte
	// most overrides maxRun.
	most    int
	runs    []*os.File
	writing errgroup.Group
}

// add adds an item, and sets its Number.
func (s *sorter) add(i item) error {
	s.added++
	i.Number = s.added
	key := i.Entry.Key().Text()
	raw := append(s.buffer[:0], key...)
	for _, n := range []int{i.File, i.Line, i.Number} {
		raw = binary.AppendVarint(raw, int64(n))
	}
	raw = append(binary.AppendUvarint(raw, uint64(len(i.Value))), i.Value...)
	s.buffer = entry.AppendBinary(raw, key, i.Entry)
	s.records = append(s.records, record{bytes.Clone(s.buffer), len(key)})
	if s.size += len(s.buffer); s.size < cmp.Or(s.most, maxRun) {
		return nil
	}
	return s.spill()
}

// spill waits for the previous run, and starts to write the records in memory as the
// next.
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
	records := s.records
	s.records, s.size = make([]record, 0, len(records)), 0
	s.writing.Go(func() error {
		if err := writeRun(run, records); err != nil {
			return fmt.Errorf("write a temporary file (TMPDIR sets the folder): %w", err)
		}
		return nil
	})
	return nil
}

// writeRun writes records in order, each after its sizes.
func writeRun(run *os.File, records []record) error {
	slices.SortFunc(records, record.compare)
	buffer := bufio.NewWriterSize(run, 1<<20)
	for _, r := range records {
		sizes := binary.AppendUvarint(buffer.AvailableBuffer(), uint64(len(r.raw)))
		sizes = binary.AppendUvarint(sizes, uint64(r.keySize))
		_, _ = buffer.Write(sizes) // Flush returns the error
		_, _ = buffer.Write(r.raw)
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
	slices.SortFunc(s.records, record.compare)
	records := s.records
	s.records = nil
	sources := []*source{{next: func() (first record, err error) {
		if len(records) > 0 {
			first, records = records[0], records[1:]
		}
		return first, nil
	}}}
	for _, run := range s.runs {
		in := bufio.NewReaderSize(run, 1<<18)
		sources = append(sources, &source{next: func() (record, error) { return readRecord(in) }})
	}
	var m merger
	for _, source := range sources {
		if err := m.advance(source); err != nil {
			return err
		}
	}
	var items []item // of one key
	var key []byte
	for {
		next, err := m.next()
		if err != nil {
			return err
		}
		if len(items) > 0 && !bytes.Equal(key, next.key()) {
			if err := eachIdentity(items, use); err != nil {
				return err
			}
			items = items[:0]
		}
		if next.raw == nil {
			return nil
		}
		key = next.key()
		i, err := next.item()
		if err != nil {
			return fmt.Errorf("read a temporary file: %w", err)
		}
		items = append(items, i)
	}
}

// eachIdentity calls use for the items of each identity among those of one key.
func eachIdentity(items []item, use func(same []item) error) error {
	slices.SortFunc(items, func(a, b item) int { return a.compare(&b) })
	for len(items) > 0 {
		n := 1
		for n < len(items) && compareIdentity(&items[0].Entry, &items[n].Entry) == 0 {
			n++
		}
		if err := use(items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

// close removes the temporary files.
func (s *sorter) close() {
	_ = s.writing.Wait()
	for _, run := range s.runs {
		_ = run.Close()
		_ = os.Remove(run.Name()) // on Windows
	}
	s.records, s.runs = nil, nil
}

// readRecord reads the next record of a run. It is zero after the last.
func readRecord(in *bufio.Reader) (record, error) {
	size, err := binary.ReadUvarint(in)
	if errors.Is(err, io.EOF) {
		return record{}, nil
	}
	keySize, keyErr := binary.ReadUvarint(in)
	raw := make([]byte, size)
	_, rawErr := io.ReadFull(in, raw)
	if err := cmp.Or(err, keyErr, rawErr); err != nil {
		return record{}, fmt.Errorf("read a temporary file: %w", err)
	}
	return record{raw, int(keySize)}, nil
}

// source is a sequence of sorted records.
type source struct {
	// next returns the next record, or a zero one after the last.
	next func() (record, error)
	// first is the record to merge next.
	first record
}

// merger merges sequences, which are sorted by their first records.
type merger struct{ sources []*source }

// advance reads a sequence's next record and inserts the sequence by it.
func (m *merger) advance(s *source) (err error) {
	if s.first, err = s.next(); err != nil || s.first.raw == nil {
		return err
	}
	at, _ := slices.BinarySearchFunc(m.sources, s, func(a, b *source) int { return a.first.compare(b.first) })
	m.sources = slices.Insert(m.sources, at, s)
	return nil
}

// next returns the first of all records, or a zero one after the last.
func (m *merger) next() (record, error) {
	if len(m.sources) == 0 {
		return record{}, nil
	}
	s := m.sources[0]
	next := s.first
	m.sources = m.sources[1:]
	return next, m.advance(s)
}
