package main

import (
	"cmp"
	"errors"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/project"
)

// projectModule is the module that the project's module_settings.json names.
// Outside of a project it is empty: flags can say all of it.
func projectModule() (project.Module, error) {
	root, err := project.Find(".")
	if errors.Is(err, project.ErrNone) {
		return project.Module{}, nil
	}
	if err != nil {
		return project.Module{}, err
	}
	return project.ReadModule(root)
}

// moduleName is the name that was given of a module, or else the project's.
func moduleName(given string, m project.Module) (string, error) {
	name := cmp.Or(strings.TrimSpace(given), m.Name)
	if name == "" {
		return "", usageError{errors.New("which module? Name it, or run this in the project's folder")}
	}
	return name, nil
}
