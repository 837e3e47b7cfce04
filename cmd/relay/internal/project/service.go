package project

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Service is the content of serverless.yml that commands need.
type Service struct {
	// Name is the service's name, with which the names of its functions begin.
	Name string
	// Stages are the stages with an entry in params, sorted. An entry may be empty:
	// {}.
	Stages []string
	// Functions are the names of the functions in the file, sorted.
	Functions []string

	region string
}

// ReadService reads serverless.yml in the project's folder.
func ReadService(root string) (Service, error) {
	data, err := os.ReadFile(filepath.Join(root, serviceFile))
	if err != nil {
		return Service{}, err
	}
	s, err := parseService(data)
	if err != nil {
		return Service{}, fmt.Errorf("%s: %w", filepath.Join(root, serviceFile), err)
	}
	return s, nil
}

// sharedStage is the entry of params for stages without one.
const sharedStage = "default"

// stageName is the form of stages that sls accepts. Files are named after them.
var stageName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

func parseService(data []byte) (Service, error) {
	var file struct {
		Service   string
		Provider  struct{ Region string }
		Params    map[string]any
		Functions map[string]any
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return Service{}, err
	}
	s := Service{Name: file.Service, Functions: slices.Sorted(maps.Keys(file.Functions)), region: file.Provider.Region}
	if s.Name == "" || isVariable(s.Name) {
		return Service{}, errors.New("service must be a name without variables")
	}
	delete(file.Params, sharedStage)
	if s.Stages = slices.Sorted(maps.Keys(file.Params)); len(s.Stages) == 0 {
		return Service{}, errors.New("params has no stage: add one, such as dev: {}")
	}
	if i := slices.IndexFunc(s.Stages, func(stage string) bool { return !stageName.MatchString(stage) }); i >= 0 {
		return Service{}, fmt.Errorf("params: %q is not the name of a stage: use letters, digits and -", s.Stages[i])
	}
	return s, nil
}

// DeployedName returns the name of a stage's function in AWS.
func (s Service) DeployedName(stage, function string) string {
	return s.Name + "-" + stage + "-" + function
}

// Region returns the AWS region that a stage is deployed to: the given one, or else
// the first that serverless.yml sets. Of sls's variables, it supports opt:region,
// env:NAME and values in quotes. setting returns the value of a variable in the
// environment that sls would have.
func (s Service) Region(given string, setting func(string) (string, error)) (string, error) {
	if given != "" {
		return checkRegion(given)
	}
	if s.region != "" && !isVariable(s.region) {
		return checkRegion(s.region)
	}
	for source := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(s.region, "${"), "}"), ",") {
		source = strings.TrimSpace(source)
		value, quoted := unquote(source)
		name, inEnv := strings.CutPrefix(source, "env:")
		var err error
		switch {
		case source == "opt:region": // not given
		case inEnv:
			value, err = setting(name)
		case !quoted:
			err = errors.New("can't read the region in " + serviceFile + ": pass --region")
		}
		if err != nil {
			return "", err
		}
		if value != "" {
			return checkRegion(value)
		}
	}
	return "", errors.New(serviceFile + " sets no region: pass --region")
}

// unquote returns the text of a value in quotes.
func unquote(literal string) (text string, quoted bool) {
	n := len(literal)
	if n < 2 || literal[0] != literal[n-1] || literal[0] != '\'' && literal[0] != '"' {
		return "", false
	}
	return literal[1 : n-1], true
}

var regionName = regexp.MustCompile(`^[a-z0-9-]+$`)

func checkRegion(name string) (string, error) {
	if !regionName.MatchString(name) {
		return "", fmt.Errorf("%q is not an AWS region such as us-east-1", name)
	}
	return name, nil
}

// isVariable reports whether sls would replace the value.
func isVariable(value string) bool { return strings.Contains(value, "${") }
