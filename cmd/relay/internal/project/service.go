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

// Service is what serverless.yml says.
type Service struct {
	// Name is the service's name, with which the names of its functions begin.
	Name string
	// Stages are those that params has parameters for, sorted. A stage can be
	// without any: {}.
	Stages []string
	// Functions are the functions' names in the file, sorted.
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

// stageName is what sls takes for a stage.
var stageName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// sharedStage has the parameters of the stages that don't have their own.
const sharedStage = "default"

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
		return Service{}, errors.New("service is not a plain name")
	}
	for stage := range maps.Keys(file.Params) {
		if stage == sharedStage {
			continue
		}
		if !stageName.MatchString(stage) {
			return Service{}, fmt.Errorf("params: a stage has letters, digits and - in its name, not %q", stage)
		}
		s.Stages = append(s.Stages, stage)
	}
	if len(s.Stages) == 0 {
		return Service{}, errors.New("params names no stage: it has an entry for each, such as dev: {}")
	}
	slices.Sort(s.Stages)
	return s, nil
}

// DeployedName is the name that a function of a stage has in AWS.
func (s Service) DeployedName(stage, function string) string {
	return s.Name + "-" + stage + "-" + function
}

// Region is the AWS region that a stage is deployed to: the one that is asked
// for, or else the first that serverless.yml names. Of sls's variables, it
// knows opt:region, env:NAME and plain values in quotes; getenv gives the
// environment that sls would have.
func (s Service) Region(asked string, getenv func(string) (string, error)) (string, error) {
	if asked != "" {
		return checkRegion(asked)
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
		case source == "opt:region": // was not asked for
		case inEnv:
			value, err = getenv(name)
		case !quoted:
			err = errors.New("can't tell from " + serviceFile + " which region that is: --region says it")
		}
		if err != nil {
			return "", err
		}
		if value != "" {
			return checkRegion(value)
		}
	}
	return "", errors.New(serviceFile + " names no region: --region says it")
}

// unquote gives the text of a literal as sls's variables have it.
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

// isVariable says whether sls would put something else in place of a value.
func isVariable(value string) bool { return strings.Contains(value, "${") }
