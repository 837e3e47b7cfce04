package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/serverless-relay/relay/providers/watchlist"
)

// layout is that of the file. One of a later layout is refused; one of the first
// layout, which had no counters and no history, gets them when it is written to.
const (
	layout      = 2
	firstLayout = 1
)

// lockTimeout is how long another process is waited for: long enough for one
// that is just ending.
const lockTimeout = time.Second

// The buckets and keys of the file.
var (
	metaBucket    = []byte("meta")
	entriesBucket = []byte("entries") // a bucket in it for each kind
	versionKey    = []byte("version")
)

// Options say how a file is opened.
type Options struct {
	// ReadOnly leaves the file as it is: it may lie in a read-only place, and
	// several processes may share it.
	ReadOnly bool
}

// Store is a watchlist in a file.
type Store struct {
	db   *bbolt.DB
	path string
}

var _ watchlist.Store = (*Store)(nil)

// Open opens the file, and makes it where there is none unless it may only be
// read. The errors are, or wrap, those of package watchlist.
func Open(path string, o Options) (*Store, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s: %w: it is a folder", path, watchlist.ErrForeign)
	case err == nil && info.Size() > 0:
		if err := check(path, info.Size(), o.ReadOnly); err != nil {
			return nil, err
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case o.ReadOnly:
		return nil, fmt.Errorf("%s: %w: make one with `relay watchlist import`", path, watchlist.ErrMissing)
	default:
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("%s: make its folder: %w", path, err)
		}
	}
	db, err := open(path, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	store := &Store{db: db, path: path}
	if !o.ReadOnly {
		if err := store.prepare(info == nil || info.Size() == 0); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return store, nil
}

// open opens the database and names what is wrong with it.
func open(path string, readOnly bool) (db *bbolt.DB, err error) {
	err = carefully(path, func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			ReadOnly:     readOnly,
			Timeout:      lockTimeout,
			FreelistType: bbolt.FreelistMapType,
		})
		return err
	})
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, watchlist.ErrDamaged):
		return nil, err
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w by another process: stop it first (a running `relay serve`?)", path, watchlist.ErrLocked)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%s: %w: the file is of another format", path, watchlist.ErrForeign)
	case errors.Is(err, bolterrors.ErrChecksum):
		return nil, fmt.Errorf("%s: %w: restore it from a copy, or delete it and import your lists again", path, watchlist.ErrDamaged)
	default:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
}

// check refuses a file that would be trouble later: one that was cut off, whose
// missing pages would end the process when they are read, and one of another
// program or a later relay.
func check(path string, size int64, readOnly bool) error {
	db, err := open(path, true)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return run(path, db.View, func(tx *bbolt.Tx) error {
		if tx.Size() > size {
			return fmt.Errorf("%w: it was cut off at %d of %d bytes; restore it from a copy, or delete it and import your lists again", watchlist.ErrDamaged, size, tx.Size())
		}
		meta := tx.Bucket(metaBucket)
		if meta == nil || tx.Bucket(entriesBucket) == nil {
			return fmt.Errorf("%w: it is another program's database", watchlist.ErrForeign)
		}
		switch version := readNumber(meta, versionKey); {
		case version == firstLayout && readOnly:
			return fmt.Errorf("%w of this relay's layout, but of the first one: import something into it, which renews it", watchlist.ErrForeign)
		case version != firstLayout && version != layout:
			return fmt.Errorf("%w of a layout that this relay knows: it has layout %d, this is layout %d; use the relay that wrote it", watchlist.ErrForeign, version, layout)
		}
		return nil
	})
}

// carefully does something with the database, and turns a panic into an error:
// bbolt's word for pages that make no sense. Such pages may also lead beyond the
// file, which would end the process if it weren't made a panic too.
func carefully(path string, do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %w: %v", path, watchlist.ErrDamaged, p)
		}
	}()
	return do()
}

// prepare makes the buckets of a new file, and those that one of the first
// layout lacks.
func (s *Store) prepare(isNew bool) error {
	current := false
	if !isNew {
		err := s.view(func(tx *bbolt.Tx) error {
			current = readNumber(tx.Bucket(metaBucket), versionKey) == layout
			return nil
		})
		if err != nil || current {
			return err
		}
	}
	return s.update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{metaBucket, entriesBucket, countsBucket, historyBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		if err := writeNumber(tx.Bucket(metaBucket), versionKey, layout); err != nil {
			return err
		}
		return recount(tx)
	})
}

// recount counts all entries of a file that has no counters yet.
func recount(tx *bbolt.Tx) error {
	tally := watchlist.Tally{}
	kinds := tx.Bucket(entriesBucket)
	err := kinds.ForEachBucket(func(kind []byte) error {
		return kinds.Bucket(kind).ForEach(func(_, raw []byte) error {
			entries, err := decode(raw)
			tally.Replace(nil, entries)
			return err
		})
	})
	if err != nil {
		return err
	}
	return count(tx, tally)
}

func readNumber(b *bbolt.Bucket, key []byte) uint64 {
	if raw := b.Get(key); len(raw) == 8 {
		return binary.BigEndian.Uint64(raw)
	}
	return 0
}

func writeNumber(b *bbolt.Bucket, key []byte, n uint64) error {
	return b.Put(key, binary.BigEndian.AppendUint64(nil, n))
}
