package track

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// ProcessState is whether enough of a tracked process are running.
type ProcessState struct {
	// Name is that of the vrrp_track_process block.
	Name string
	// Count is how many there are, Quorum whether that was within
	// quorum..quorum_max when it was last told, delays considered.
	Count  int
	Quorum bool
	// ForkDelay and TerminateDelay say that a change waits for the end of
	// that delay. States has them; they are never told.
	ForkDelay, TerminateDelay bool
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

const (
	// commSize is the longest name that the kernel keeps (TASK_COMM_LEN - 1).
	commSize = 15
	// recount is how long to wait after lost events until the processes are
	// counted again, and the interval of counting without events.
	recount = time.Second
	// firstBuffer is what a first overrun makes of an unset receive buffer.
	firstBuffer = 256 * 1024
	// maxBuffer ends the doubling.
	maxBuffer = 64 * 1024 * 1024
)

// Processes counts processes by the kernel's process events. Where there are
// none (network namespaces, containers) it counts every second.
type Processes struct {
	opt   ProcessOptions
	table procTable

	// telling serialises callbacks; it is taken before mu.
	telling sync.Mutex
	mu      sync.Mutex
	events  *connector
	polling bool
	size    int // receive buffer
	timer   *time.Timer
	stopped bool
	loop    sync.WaitGroup
	groups  []*group
	// members are the processes that belong to a group.
	members map[int][]*group
}

// group is one vrrp_track_process block.
type group struct {
	block *config.TrackProcess
	count int
	// told is the quorum as last told; delay runs while it is no longer true.
	told  bool
	delay *time.Timer
	why   cause // of the delay
	gone  bool
}

// NewProcesses returns a watcher of nothing.
func NewProcesses(opt ProcessOptions) *Processes {
	return &Processes{opt: opt, table: procFS{}, members: map[int][]*group{}}
}

// Start begins to watch, counts what is running and returns the state of every
// block in list.
func (p *Processes) Start(list []*config.TrackProcess) []ProcessState { return p.Update(list) }

// Update goes on with list and returns the state of every block in it. All are
// counted anew; a delay under way goes on if its block has not changed.
func (p *Processes) Update(list []*config.TrackProcess) []ProcessState {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	states := make([]ProcessState, 0, len(list))
	if p.stopped {
		return states
	}
	old := p.groups
	p.groups = nil
	for _, block := range list {
		g := &group{block: block}
		if i := slices.IndexFunc(old, g.same); i >= 0 {
			g = old[i]
			g.block = block
		}
		p.groups = append(p.groups, g)
	}
	for _, g := range old {
		if !slices.Contains(p.groups, g) {
			g.gone = true
			g.settle()
		}
	}
	if len(list) > 0 && p.events == nil && !p.polling {
		p.begin()
	}
	p.scan()
	for _, g := range p.groups {
		if g.delay == nil {
			g.told = g.good()
		}
		states = append(states, ProcessState{Name: g.block.Name, Count: g.count, Quorum: g.told})
	}
	return states
}

// begin subscribes to events, or else counts every second. p.mu is held.
func (p *Processes) begin() {
	events, err := newConnector()
	if err != nil {
		p.poll(err)
		return
	}
	p.events = events
	if p.size = p.opt.ReceiveBuffer; p.size > 0 {
		p.resize()
	}
	p.loop.Go(func() { p.listen(events) })
}

// poll falls back to counting. p.mu is held.
func (p *Processes) poll(reason error) {
	p.opt.Log.Info(fmt.Sprintf(lineProcessPolling, reason))
	p.polling = true
	p.again()
}

// again counts the processes after a while. p.mu is held.
func (p *Processes) again() {
	if p.timer != nil || p.stopped {
		return
	}
	p.timer = time.AfterFunc(recount, func() {
		p.change(func() {
			p.timer = nil
			if p.stopped {
				return
			}
			p.scan()
			for _, g := range p.groups {
				p.judge(g, 0)
			}
			if p.polling {
				p.again()
			}
		})
	})
}

func (p *Processes) resize() {
	if err := p.events.buffer(p.size, p.opt.ForceBuffer); err != nil {
		p.opt.Log.Info(fmt.Sprintf(lineProcessBuffer, p.size, err))
	}
}

func (p *Processes) listen(events *connector) {
	buf := make([]byte, 64*1024)
	for {
		list, err := events.read(buf)
		switch {
		case err == nil:
			p.change(func() {
				for _, e := range list {
					p.handle(e)
				}
			})
		case errors.Is(err, errOverrun):
			p.change(p.overrun)
		default:
			p.change(func() {
				if !p.stopped {
					p.poll(err)
				}
			})
			return
		}
	}
}

// overrun makes room and has the processes counted when the rush is over.
func (p *Processes) overrun() {
	if p.timer != nil {
		return // once per recount
	}
	p.size = min(max(2*p.size, firstBuffer), maxBuffer)
	p.resize()
	p.opt.Log.Info(fmt.Sprintf(lineProcessOverrun, p.size))
	p.again()
}

// change does something that may change quorums, and tells those that it has.
func (p *Processes) change(do func()) {
	p.telling.Lock()
	defer p.telling.Unlock()
	p.mu.Lock()
	was := make([]bool, len(p.groups))
	for i, g := range p.groups {
		was[i] = g.told
	}
	do()
	var changes []ProcessState
	for i, g := range p.groups {
		if g.told != was[i] && !p.stopped {
			changes = append(changes, ProcessState{Name: g.block.Name, Count: g.count, Quorum: g.told})
		}
	}
	p.mu.Unlock()
	for _, c := range changes {
		line := logtext.TrackProcessLost
		if c.Quorum {
			line = logtext.TrackProcessGained
		}
		p.opt.Log.Info(fmt.Sprintf(line, c.Name))
		p.opt.Changed(c)
	}
}

// handle takes one event. A child counts as its parent's kind until it
// executes something else. p.mu is held.
func (p *Processes) handle(e procEvent) {
	switch e.what {
	case procFork:
		if _, known := p.members[e.pid]; known {
			return // counted by a scan since
		}
		if of := p.members[e.parent]; len(of) > 0 {
			p.set(e.pid, of, forked)
		}
	case procExit:
		p.set(e.pid, nil, ended)
	case procExec, procComm:
		p.set(e.pid, p.kinds(e.pid), executed)
	}
}

// cause is why a process began or ceased to count; it decides the delay.
type cause uint8

const (
	executed cause = iota
	forked
	ended
)

// set makes pid a member of the groups in now and no other. p.mu is held.
func (p *Processes) set(pid int, now []*group, why cause) {
	was := p.members[pid]
	if len(now) == 0 {
		delete(p.members, pid)
	} else {
		p.members[pid] = now
	}
	for _, g := range was {
		if !slices.Contains(now, g) {
			g.count--
			p.judge(g, why)
		}
	}
	for _, g := range now {
		if !slices.Contains(was, g) {
			g.count++
			p.judge(g, why)
		}
	}
}

// kinds are the groups that pid belongs to.
func (p *Processes) kinds(pid int) []*group {
	var list []*group
	comm, cmdline := "", []string(nil)
	for _, g := range p.groups {
		if g.byName() {
			if comm == "" {
				comm = p.table.comm(pid)
			}
		} else if cmdline == nil {
			cmdline = p.table.cmdline(pid)
		}
		if g.matches(comm, cmdline) {
			list = append(list, g)
		}
	}
	return list
}

// same reports whether two blocks watch the same processes in the same way.
func (g *group) same(other *group) bool {
	a, b := g.block, other.block
	return a.Name == b.Name && a.Process == b.Process && slices.Equal(a.Params, b.Params) &&
		a.Match == b.Match && a.FullCommand == b.FullCommand &&
		a.Quorum == b.Quorum && a.QuorumMax == b.QuorumMax &&
		a.TerminateDelay == b.TerminateDelay && a.ForkDelay == b.ForkDelay
}

// byName reports whether the kernel's name of a process is what counts.
func (g *group) byName() bool {
	return g.block.Match == config.ParamNone && !g.block.FullCommand
}

func (g *group) matches(comm string, cmdline []string) bool {
	name := g.block.Process
	if g.byName() {
		return comm != "" && comm == name[:min(len(name), commSize)]
	}
	if len(cmdline) == 0 || cmdline[0] != name {
		return false
	}
	args, want := cmdline[1:], g.block.Params
	switch g.block.Match {
	case config.ParamNone:
		return true
	case config.ParamExact:
		return slices.Equal(args, want)
	case config.ParamPartial:
		return len(args) >= len(want) && slices.Equal(args[:len(want)], want)
	case config.ParamInitial:
		last := len(want) - 1
		return last < 0 || len(args) >= len(want) && slices.Equal(args[:last], want[:last]) &&
			strings.HasPrefix(args[last], want[last])
	}
	return false
}

// scan counts everything anew, without judging. p.mu is held.
func (p *Processes) scan() {
	clear(p.members)
	for _, g := range p.groups {
		g.count = 0
	}
	if len(p.groups) == 0 {
		return
	}
	for _, pid := range p.table.pids() {
		if kinds := p.kinds(pid); len(kinds) > 0 {
			p.members[pid] = kinds
			for _, g := range kinds {
				g.count++
			}
		}
	}
}

func (g *group) good() bool {
	return g.count >= g.block.Quorum && (g.block.QuorumMax < 0 || g.count <= g.block.QuorumMax)
}

// judge compares the quorum with what was told. A difference that a fork or an
// exit makes is told after the delay, if it lasts. p.mu is held.
func (p *Processes) judge(g *group, why cause) {
	if g.good() == g.told {
		g.settle()
		return
	}
	var wait time.Duration
	switch why {
	case forked:
		wait = g.block.ForkDelay
	case ended:
		wait = g.block.TerminateDelay
	case executed:
	}
	if wait <= 0 {
		g.settle()
		g.told = !g.told
		return
	}
	if g.delay == nil {
		g.why = why
		g.delay = time.AfterFunc(wait, func() {
			p.change(func() {
				if !g.gone && g.delay != nil {
					g.delay = nil
					g.told = g.good()
				}
			})
		})
	}
}

// States is what is known now of every block, in the order of Update.
func (p *Processes) States() []ProcessState {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]ProcessState, len(p.groups))
	for i, g := range p.groups {
		list[i] = ProcessState{
			Name: g.block.Name, Count: g.count, Quorum: g.told,
			ForkDelay: g.delay != nil && g.why == forked, TerminateDelay: g.delay != nil && g.why == ended,
		}
	}
	return list
}

// settle ends a delay.
func (g *group) settle() {
	if g.delay != nil {
		g.delay.Stop()
		g.delay = nil
	}
}

// Stop ends the watching.
func (p *Processes) Stop() {
	p.telling.Lock()
	p.mu.Lock()
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
	for _, g := range p.groups {
		g.settle()
	}
	if p.events != nil {
		p.events.file.Close()
	}
	p.mu.Unlock()
	p.telling.Unlock()
	p.loop.Wait()
}
