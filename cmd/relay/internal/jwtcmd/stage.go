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

// stage is a stage of the project in the current folder, with the settings that a
// deployment reads from files.
type stage struct {
	name    string
	root    string
	service project.Service
	env     dotenv.File
	// from is the name of the file with the settings: .env if there is no .env.STAGE.
	from string
}

// openStage returns a stage of the project. If there is no such stage, the error
// doesn't quote the name: it may be a token in the wrong place.
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
		return nil, fmt.Errorf("serverless.yml has no such stage. It has %s", strings.Join(service.Stages, ", "))
	}
	s := &stage{name: name, root: root, service: service}
	// sls reads .env.STAGE or else .env, never both.
	for _, s.from = range []string{s.fileName(), ".env"} {
		if s.env, err = dotenv.Read(filepath.Join(root, s.from)); !errors.Is(err, fs.ErrNotExist) {
			return s, err
		}
	}
	s.from = s.fileName()
	return s, nil
}

// path returns the path of the stage's own .env file.
func (s *stage) path() string { return filepath.Join(s.root, s.fileName()) }

// fileName returns the name of the stage's own .env file.
func (s *stage) fileName() string { return ".env." + s.name }

// inFile returns the value of a variable in that file. It is empty if it isn't set.
func (s *stage) inFile(name string) (string, error) {
	value, err := s.env.Get(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", s.from, err)
	}
	return value, nil
}

// inEnvironment returns the value of a variable in the environment. It is empty if
// it isn't set, or blank.
func inEnvironment(name string) string {
	if value := os.Getenv(name); strings.TrimSpace(value) != "" {
		return value
	}
	return ""
}

// setting returns the value of a variable for a deployment of the stage: from the
// environment, or else from the file. It is empty if neither sets it.
func (s *stage) setting(name string) (string, error) {
	if value := inEnvironment(name); value != "" {
		return value, nil
	}
	return s.inFile(name)
}

// deploys returns the module with the providers that a deployment of the stage has.
func (s *stage) deploys(m project.Module) (project.Module, error) {
	list, err := s.setting("RELAY_PROVIDER")
	return m.With(list), err
}

// save writes keys into the stage's own file. A new file starts with the content of
// .env, which a deployment doesn't read once there is a .env.STAGE.
func (s *stage) save(keys Keys) error {
	env, err := s.env.Set(secretKeyVariable, keys.SecretKey)
	if err == nil && keys.SecretKeyPrevious != "" {
		env, err = env.Set(previousKeyVariable, keys.SecretKeyPrevious)
	}
	if err != nil {
		return err
	}
	return env.Write(s.path())
}
