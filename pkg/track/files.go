package track

import (
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// FileValue is the number that stands in a track file.
type FileValue struct {
	// Name is that of the track_file block.
	Name string
	// Value is 0 for a file that is missing, empty or holds no number.
	Value int
}

// FileOptions are what Files needs.
type FileOptions struct {
	Log *slog.Logger
	// Changed gets values that differ from the last one told.
	Changed func(FileValue)
}

// Files watches track files.
type Files struct {
	opt FileOptions
}

// NewFiles returns a watcher of nothing.
func NewFiles(opt FileOptions) *Files { return &Files{opt: opt} }

// Start writes the init_file values, then begins to watch list. It returns the
// present value of every file, in the order of list.
func (f *Files) Start(list []*config.TrackFile) []FileValue { return nil }

// Update goes on with list and returns the present value of every file in it.
// It writes no init_file values.
func (f *Files) Update(list []*config.TrackFile) []FileValue { return nil }

// Stop ends the watching.
func (f *Files) Stop() {}
