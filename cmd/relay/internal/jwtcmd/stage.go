package jwtcmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/serverless-relay/relay/cmd/relay/internal/dotenv"
	"github.com/serverless-relay/relay/cmd/relay/internal/project"
)

// stage is a stage of the project that this process runs in, with the settings
// that a deployment of it would have from files.
type stage struct {
	name    string
	root    string
	service project.Service
	env     dotenv.File
	// shared is set where there is no .env.STAGE and so .env counts.
	shared bool
}

// openStage finds a stage of the project. It doesn't repeat the name of one that
// isn't there: that may be a token in the wrong place.
func openStage(name string) (*stage, error) {
	root, err := project.Find(".")
	if err != nil {
		return nil, err
	}
	service, err := project.ReadService(root)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(service.Stages, name) {
		return nil, fmt.Errorf("serverless.yml has no such stage; it has %s", strings.Join(service.Stages, ", "))
	}
	s := &stage{name: name, root: root, service: service}
	s.env, err = dotenv.Read(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		// sls reads .env.STAGE or else .env, never both.
		s.env, err = dotenv.Read(filepath.Join(root, ".env"))
		s.shared = err == nil
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return s, err
}

// path is the path of the stage's own .env file.
func (s *stage) path() string { return filepath.Join(s.root, s.fileName()) }

// fileName is the name of the stage's own .env file.
func (s *stage) fileName() string { return ".env." + s.name }

// readFrom is the name of the file that counts for the stage.
func (s *stage) readFrom() string {
	if s.shared {
		return ".env"
	}
	return s.fileName()
}

// inFile is the value of a variable in the stage's file, empty where it has none.
func (s *stage) inFile(name string) (string, error) {
	value, err := s.env.Get(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.readFrom(), err)
	}
	return value, nil
}

// inEnvironment is the value of a variable in the environment, empty where that
// has none or a blank one.
func inEnvironment(name string) string {
	if value := os.Getenv(name); strings.TrimSpace(value) != "" {
		return value
	}
	return ""
}

// setting is the value of a variable as a deployment of the stage sees it: from
// the environment, or else from the file. It is empty where neither has it.
func (s *stage) setting(name string) (string, error) {
	if value := inEnvironment(name); value != "" {
		return value, nil
	}
	return s.inFile(name)
}

// save writes variables into the stage's own file, beside all that it has. Where
// it is new, it starts with what .env has, which no longer counts from then on.
func (s *stage) save(variables ...[2]string) error {
	env := s.env
	for _, v := range variables {
		var err error
		if env, err = env.Set(v[0], v[1]); err != nil {
			return err
		}
	}
	return env.Write(s.path())
}
