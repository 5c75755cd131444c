// Command gen writes the files that are made from the tables of the program:
// keywords, options and codes of findings.
//
//	go run ./internal/gen        # in the repository: writes what changed
//
// Wholly generated files are docs/keywords.md, docs/diagnostics,
// packaging/completion, packaging/mibs and docs/check-report.schema.json; README.md and two
// manual pages have a generated part between two marker lines. A test fails when
// any is stale.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run brings the files below root up to date.
func run(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(root, f.path)
		old, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && bytes.Equal(old, f.text) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", f.path)
	}
	left, err := leftOver(root, files)
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(filepath.Join(root, path)); err != nil {
			return err
		}
		fmt.Println("removed", path)
	}
	return nil
}
