// Package project reads what a project's own files say of it:
// module_settings.json, from which a module in XDR is made, and serverless.yml,
// by which the relay is deployed.
package project

import (
	"errors"
	"os"
	"path/filepath"
)

const (
	moduleFile  = "module_settings.json"
	serviceFile = "serverless.yml"
)

// ErrNone says that a folder is in no project.
var ErrNone = errors.New("no " + moduleFile + " here or in a folder above: change to the project's folder")

// Find gives the folder of the project that dir is in: the nearest one, from dir
// upwards, with a module_settings.json. Where there is none, the error
// is ErrNone, which says where to go.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if info, err := os.Stat(filepath.Join(dir, moduleFile)); err == nil && !info.IsDir() {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", ErrNone
		}
		dir = above
	}
}
