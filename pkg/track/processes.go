package track

import (
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// ProcessState is whether enough of a tracked process are running.
type ProcessState struct {
	// Name is that of the vrrp_track_process block.
	Name string
	// Count is how many there are, Quorum whether that is within
	// quorum..quorum_max.
	Count  int
	Quorum bool
}

// ProcessOptions are what Processes needs.
type ProcessOptions struct {
	Log *slog.Logger
	// Changed gets gained and lost quorums, after fork_delay and
	// terminate_delay.
	Changed func(ProcessState)
	// ReceiveBuffer is process_monitor_rcv_bufs in bytes, 0 for the kernel's
	// own; ForceBuffer may go beyond net.core.rmem_max.
	ReceiveBuffer int
	ForceBuffer   bool
}

// Processes counts processes by the kernel's process events.
type Processes struct {
	opt ProcessOptions
}

// NewProcesses returns a watcher of nothing.
func NewProcesses(opt ProcessOptions) *Processes { return &Processes{opt: opt} }

// Start counts what is running, begins to watch, and returns the state of
// every block in list.
func (p *Processes) Start(list []*config.TrackProcess) []ProcessState { return nil }

// Update goes on with list and returns the state of every block in it.
func (p *Processes) Update(list []*config.TrackProcess) []ProcessState { return nil }

// Stop ends the watching.
func (p *Processes) Stop() {}
