package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// File is one rule set on disk with its tests, compiled.
type File struct {
	Path  string // of the rule file inside the tree
	Set   *Set
	Tests []byte // nil if there is no test file beside it
}

// LoadFiles compiles every <folder>/<procedure>.yaml of a tree, procedure by
// procedure: the city baseline first, then the districts by path. All faulty
// files are reported together, each error naming its path.
func LoadFiles(fsys fs.FS) ([]File, error) {
	var all []File
	var failures []error
	for _, p := range procedures {
		files, err := p.loadFiles(fsys)
		all, failures = append(all, files...), append(failures, err)
	}
	return all, errors.Join(failures...)
}

func (p *procedure) loadFiles(fsys fs.FS) ([]File, error) {
	paths, err := fs.Glob(fsys, "*/"+p.name+".yaml")
	if err != nil {
		return nil, fmt.Errorf("listing rule sets: %w", err)
	}
	var baselines, districts []File
	sources := map[string][]byte{}
	for _, name := range paths {
		source, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading rule set %s: %w", name, err)
		}
		tests, err := fs.ReadFile(fsys, path.Join(path.Dir(name), p.name+".tests.yaml"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading the tests of %s: %w", name, err)
		}
		sources[name] = source
		if read, _ := parse(source); read != nil && read.Base == "" {
			baselines = append(baselines, File{Path: name, Tests: tests})
		} else {
			districts = append(districts, File{Path: name, Tests: tests})
		}
	}
	return compileFiles(slices.Concat(baselines, districts), sources)
}

func compileFiles(files []File, sources map[string][]byte) ([]File, error) {
	known := map[string]*Set{}
	var failures []error
	for i := range files {
		read, _ := parse(sources[files[i].Path])
		var base *Set
		if read != nil {
			base = known[read.Base]
		}
		set, err := Compile(sources[files[i].Path], base)
		if err == nil && set.procedure.name+".yaml" != path.Base(files[i].Path) {
			err = fmt.Errorf("the file is named after another procedure than its own, %s", set.procedure.name)
		}
		if err == nil && known[set.ID()] != nil {
			err = fmt.Errorf("the id %s is used twice", set.ID())
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", files[i].Path, err))
			continue
		}
		files[i].Set, known[set.ID()] = set, set
	}
	return files, errors.Join(failures...)
}

// Load is LoadFiles for callers that want the sets alone.
func Load(fsys fs.FS) ([]*Set, error) {
	files, err := LoadFiles(fsys)
	if err != nil {
		return nil, err
	}
	sets := make([]*Set, len(files))
	for i, file := range files {
		sets[i] = file.Set
	}
	return sets, nil
}
