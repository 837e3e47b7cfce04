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

// formatVersion is the layout of the file. A file of a later layout is refused.
const formatVersion = 1

// lockTimeout is how long another process is waited for: long enough for one
// that is just ending.
const lockTimeout = time.Second

// The buckets and keys of the file.
var (
	metaBucket    = []byte("meta")
	entriesBucket = []byte("entries") // a bucket in it for each kind
	versionKey    = []byte("version")
	countKey      = []byte("count")
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
		if err := check(path, info.Size()); err != nil {
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
	if info == nil || info.Size() == 0 {
		if err := db.Update(initialize); err != nil {
			_ = db.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return &Store{db: db, path: path}, nil
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
func check(path string, size int64) error {
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
		if version := readNumber(meta, versionKey); version != formatVersion {
			return fmt.Errorf("%w of a layout that this relay knows: it has layout %d, this is layout %d; use the relay that wrote it", watchlist.ErrForeign, version, formatVersion)
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

// initialize makes the buckets of a new file.
func initialize(tx *bbolt.Tx) error {
	if _, err := tx.CreateBucket(entriesBucket); err != nil {
		return err
	}
	meta, err := tx.CreateBucket(metaBucket)
	if err != nil {
		return err
	}
	return writeNumber(meta, versionKey, formatVersion)
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
