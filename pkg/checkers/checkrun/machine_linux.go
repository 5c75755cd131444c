package checkrun

import (
	"crypto/tls"
	"fmt"
	"iter"
	"math"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/checkers"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/track"
)

// spareDescriptors are for everything but network checks, as many as
// keepalived counts.
const spareDescriptors = 27

// allCheckers goes through the checkers of cfg.
func allCheckers(cfg *config.Config) iter.Seq[*config.Checker] {
	return func(yield func(*config.Checker) bool) {
		for _, vs := range cfg.VirtualServers {
			for _, rs := range vs.RealServers {
				for _, ck := range rs.Checkers {
					if !yield(ck) {
						return
					}
				}
			}
		}
	}
}

// usedFiles are the tracked files that checkers of cfg refer to.
func usedFiles(cfg *config.Config) []*config.TrackFile {
	used := map[string]bool{}
	for ck := range allCheckers(cfg) {
		if ck.Kind == config.CheckFILE {
			used[ck.File.TrackFile] = true
		}
	}
	var list []*config.TrackFile
	for _, f := range cfg.Files {
		if used[f.Name] {
			list = append(list, f)
		}
	}
	return list
}

func (e *Engine) fileValues(list []track.FileValue) map[string]int64 {
	values := make(map[string]int64, len(list))
	for _, v := range list {
		values[v.Name] = int64(v.Value)
	}
	return values
}

// certificate loads the client certificate if a checker of cfg may need it.
func (e *Engine) certificate(cfg *config.Config) (*tls.Certificate, error) {
	for ck := range allCheckers(cfg) {
		if ck.Kind != config.CheckSSL {
			continue
		}
		c, err := checkers.LoadCertificate(cfg.SSL)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrConfig, err)
		}
		return c, nil
	}
	return nil, nil
}

// raiseDescriptorLimit makes room for all checkers of cfg at a time beside base
// open files, if it may, and returns how many files their probes may open. It is not lowered
// again.
func raiseDescriptorLimit(cfg *config.Config, base int) int {
	others, need := uint64(base+spareDescriptors), uint64(0)
	for ck := range allCheckers(cfg) {
		probe, kept := descriptors(ck)
		others += uint64(kept)
		need += uint64(probe)
	}
	need += others
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt32
	}
	if limit.Cur < need {
		// Without the privilege the probes have to share.
		more := unix.Rlimit{Cur: need, Max: max(limit.Max, need)}
		if unix.Setrlimit(unix.RLIMIT_NOFILE, &more) == nil {
			limit = more
		}
	}
	return int(min(limit.Cur, math.MaxInt32)) - int(others)
}

// openFiles is how many descriptors are in use.
func openFiles() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

// pingGroupRange says which groups may open ICMP datagram sockets.
const pingGroupRange = "/proc/sys/net/ipv4/ping_group_range"

// pingGroups lets group 0 open ICMP datagram sockets while PING_CHECK needs
// it, and puts back what was there.
type pingGroups struct{ before string }

func (p *pingGroups) open() {
	text, err := os.ReadFile(pingGroupRange)
	if err != nil || p.before != "" {
		return
	}
	var low, high uint32
	if n, _ := fmt.Sscan(string(text), &low, &high); n != 2 || low == 0 {
		return
	}
	if os.WriteFile(pingGroupRange, fmt.Appendf(nil, "0 %d", high), 0o644) == nil {
		p.before = string(text)
	}
}

func (p *pingGroups) restore() {
	if p.before != "" {
		_ = os.WriteFile(pingGroupRange, []byte(p.before), 0o644)
		p.before = ""
	}
}
