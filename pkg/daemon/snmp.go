package daemon

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/checkrun"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
	"github.com/gokeepalived/gokeepalived/pkg/notify"
	"github.com/gokeepalived/gokeepalived/pkg/script"
	"github.com/gokeepalived/gokeepalived/pkg/snmp"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/mib"
	"github.com/gokeepalived/gokeepalived/pkg/status"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
	"github.com/gokeepalived/gokeepalived/pkg/vrrp/vrrprun"
)

// vrrpSNMP is what managers see and change of the vrrp process.
func vrrpSNMP(s Start, e *vrrprun.Engine) snmp.Options {
	return snmp.Options{
		Log:  s.Log,
		Tree: func(c *config.Config) *mib.Tree { return mib.VRRP(c, roleChecker.wanted(s.Options, c)) },
		View: func() mib.View {
			state := e.Snapshot()
			return mib.View{
				Version: versionText(), Config: state.Config, VRRP: &state,
				ScriptPath: scriptPath(&state.Config.Global),
				Names:      netif.ConfiguredNames(&state.Config.Global.VRRP),
			}
		},
		Apply: func(c mib.Change) error {
			switch c := c.(type) {
			case mib.SetPriority:
				e.Post(vrrp.SetBasePriority{Instance: c.Instance, Priority: c.New})
			case mib.SetPreempt:
				e.Post(vrrp.SetPreempt{Instance: c.Instance, Preempt: c.New})
			case mib.SetAccept:
				e.Post(vrrp.SetAccept{Instance: c.Instance, Accept: c.New})
			default:
				return fmt.Errorf("%T in the vrrp process", c)
			}
			return nil
		},
	}
}

// checkerSNMP is what managers see and change of the checker process.
func checkerSNMP(s Start, e *checkrun.Engine) snmp.Options {
	counters := &counterCache{read: e.SnapshotCounters}
	return snmp.Options{
		Log:  s.Log,
		Tree: mib.Checkers,
		View: func() mib.View {
			state := e.Snapshot()
			return mib.View{Version: versionText(), Config: state.Config, Checkers: &state, Counters: counters.present, ScriptPath: scriptPath(&state.Config.Global)}
		},
		Apply: func(c mib.Change) error {
			set, ok := c.(mib.SetWeight)
			if !ok {
				return fmt.Errorf("%T in the checker process", c)
			}
			return e.SetWeight(set.Server, set.New)
		},
	}
}

// counterCache keeps the kernel's counters for as long as
// snmp_vs_stats_update_interval and snmp_rs_stats_update_interval allow. One
// request reads both, so the shorter one counts.
type counterCache struct {
	read func() status.Checkers

	mu   sync.Mutex
	last *status.Checkers
	when time.Time
}

func (c *counterCache) present() *status.Checkers {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil {
		g := &c.last.Config.Global.SNMP
		if time.Since(c.when) < min(g.VSInterval, g.RSInterval) {
			return c.last
		}
	}
	s := c.read()
	c.last, c.when = &s, time.Now()
	return c.last
}

// scriptOptions are those of the script runner. While a process serves SNMP its
// scripts get an empty MIBS, so that net-snmp's programs in them load no MIB
// files, as with keepalived.
func scriptOptions(s Start, part notify.Part) script.RunnerOptions {
	o, g := s.Scripts, &s.Config.Global.SNMP
	if part == notify.Checkers && g.Checker || part == notify.VRRP && (g.VRRP || g.RFCv2 || g.RFCv3) {
		if o.Env == nil {
			o.Env = script.Environment(os.Environ())
		}
		o.Env = append(slices.DeleteFunc(slices.Clone(o.Env), func(v string) bool { return strings.HasPrefix(v, "MIBS=") }), "MIBS=")
	}
	return o
}

// scriptPath finds the files of the scripts of a configuration.
func scriptPath(g *config.Global) func(*config.Script) string {
	resolver := script.NewResolver(g, script.Host{})
	return func(s *config.Script) string {
		command, _ := resolver.Resolve(s)
		return command.Path
	}
}
