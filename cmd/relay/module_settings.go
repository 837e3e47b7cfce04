package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// settingsFile is the file that says what a module is made from. It stands in
// the project's root.
const settingsFile = "module_settings.json"

// moduleSettings are what that file says.
type moduleSettings struct {
	// Name is the name of the module, Provider that of its provider.
	Name, Provider string
	// Region has the id of the module's type, by region.
	Region map[string]string
}

// nameOr is the name that was given of a module, or else the one that the file
// says.
func (s moduleSettings) nameOr(given string) (string, error) {
	name := cmp.Or(strings.TrimSpace(given), s.Name)
	if name == "" {
		return "", usageError{errors.New("which module? Name it, or run this in the project's folder")}
	}
	return name, nil
}

// loadModuleSettings reads the file in this folder or in one above it. Without
// a file the settings are empty: flags can say all of it.
func loadModuleSettings() (moduleSettings, error) {
	folder, err := os.Getwd()
	if err != nil {
		return moduleSettings{}, err
	}
	for {
		raw, err := os.ReadFile(filepath.Join(folder, settingsFile))
		switch above := filepath.Dir(folder); {
		case err == nil:
			var settings moduleSettings
			if err := json.Unmarshal(raw, &settings); err != nil {
				return moduleSettings{}, fmt.Errorf("%s is not as it should be: %w", filepath.Join(folder, settingsFile), err)
			}
			return settings, nil
		case !errors.Is(err, fs.ErrNotExist):
			return moduleSettings{}, err
		case above == folder:
			return moduleSettings{}, nil
		default:
			folder = above
		}
	}
}
