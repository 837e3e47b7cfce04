package bolt

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"github.com/serverless-relay/relay/providers/watchlist/entry"
)

// layout is the version of the file's layout. Files with another one are refused.
const layout = 2

// The buckets, and the keys of metaBucket.
const (
	metaBucket    = "meta"
	entriesBucket = "entries"
	countsBucket  = "counts"
	historyBucket = "history"

	versionKey = "version"
	idKey      = "id"
)

var buckets = []string{metaBucket, entriesBucket, countsBucket, historyBucket}

// Options configure Open.
type Options struct {
	// ReadOnly refuses changes. Several processes can then open the file, and its folder
	// may be read-only.
	ReadOnly bool
}

// Open opens the file at path. If the file is missing or empty, Open creates it, unless
// it is opened read-only. Errors wrap those of package entry.
func Open(path string, o Options) (*Store, error) {
	s := &Store{path: path, readOnly: o.ReadOnly}
	s.Editor = entry.Editor{KeyEditor: s}
	if err := s.prepare(); err != nil {
		return nil, s.explain(err)
	}
	if _, err := s.current(); err != nil {
		return nil, err
	}
	return s, nil
}

// prepare creates the file if that is needed and allowed.
func (s *Store) prepare() error {
	unused := 4 * int64(os.Getpagesize()) // the size of a database before its first transaction
	info, err := os.Stat(s.path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%w: it is a folder", entry.ErrForeign)
	case err == nil && info.Size() > 0 && (s.readOnly || info.Size() > unused):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case s.readOnly:
		return fmt.Errorf("%w: create it with `relay watchlist import`", entry.ErrMissing)
	case err == nil:
		return fill(s.path) // nothing was ever stored in it
	default:
		return create(s.path)
	}
}

// create creates a file at path. It fills the file under another name, and then links
// it. So a process that is killed leaves a whole file or none, and never replaces the
// file of another process.
func create(path string) error {
	dir, name := filepath.Dir(path), filepath.Base(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create its folder: %w", err)
	}
	temp, err := os.MkdirTemp(dir, "."+name+".new-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	made := filepath.Join(temp, name)
	if err := fill(made); err != nil {
		return err
	}
	if err := os.Link(made, path); err != nil && !errors.Is(err, fs.ErrExist) { // if it exists, another process was faster
		if err := os.Rename(made, path); err != nil { // this file system has no links
			return err
		}
	}
	if folder, err := os.Open(dir); err == nil {
		_ = folder.Sync() // not every system can
		_ = folder.Close()
	}
	return nil
}

// fill makes a file an empty watchlist. The file is missing or empty.
func fill(path string) error {
	return explain(carefully(func() error {
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout})
		if err != nil {
			return err
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			if tx.Bucket([]byte(metaBucket)) != nil {
				return nil // another process was faster
			}
			for _, name := range buckets {
				if _, err := tx.CreateBucket([]byte(name)); err != nil {
					return err
				}
			}
			var id [16]byte
			_, _ = rand.Read(id[:]) // it never fails
			return errors.Join(put(tx, metaBucket, versionKey, number(layout)), put(tx, metaBucket, idKey, id[:]))
		})
		return errors.Join(err, db.Close())
	}))
}

// number returns a number in the form in which it is stored.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// parseNumber parses number's result. It returns 0 for anything else.
func parseNumber(content []byte) uint64 {
	if len(content) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(content)
}
