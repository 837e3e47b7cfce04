// Package datadir finds where the relay keeps its files on a person's machine.
package datadir

import (
	"os"
	"path/filepath"
	"runtime"
)

// Path returns the path of a file in the relay's folder of the user's data directory,
// which may not exist yet. If the home directory is unknown, the file is in the working
// directory.
func Path(file string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return file
	}
	data := filepath.Join(home, ".local", "share")
	switch runtime.GOOS {
	case "darwin":
		data = filepath.Join(home, "Library", "Application Support")
	case "windows":
		data = filepath.Join(home, "AppData", "Local")
	default:
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			data = dir
		}
	}
	return filepath.Join(data, "serverless-relay", file)
}
