// Package web has the built files of the page that `relay serve` shows. They are made
// from src by `node scripts/build-page.mjs`. Only cmd/relay imports it, so that no
// function contains them.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Files returns the files: index.html and what it loads.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only an invalid name is an error
	}
	return files
}
