package notify

import (
	"log/slog"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

// book has the resolved scripts of one configuration. A virtual or real server
// without scripts is only in it if it had some before, so that those are not
// taken for its own.
type book struct {
	instances map[string]stateScripts
	groups    map[string]stateScripts
	virtuals  map[string]upDownScripts
	reals     map[realServer]upDownScripts
}

// realServer names a real server by the names of the log lines.
type realServer struct{ virtual, real string }

// stateScripts are the scripts of an instance or group.
type stateScripts struct {
	byState      map[event.State]script.Command
	any, rxLower *script.Command
}

// upDownScripts are the scripts of a virtual or real server, nil for none.
type upDownScripts struct{ up, down *script.Command }

// note puts the scripts of key into its book.
func note[K comparable](book, before map[K]upDownScripts, key K, s upDownScripts) {
	_, had := before[key]
	if _, found := book[key]; !found && (had || s != upDownScripts{}) {
		book[key] = s
	}
}

func (s upDownScripts) command(up bool) *script.Command {
	if up {
		return s.up
	}
	return s.down
}

// newBook resolves the scripts that part of the daemon runs; before is the book
// that was in force.
func newBook(cfg *config.Config, before *book, part Part, r *script.Resolver, log *slog.Logger) *book {
	b := &book{}
	resolve := func(s *config.Script) *script.Command {
		if s == nil {
			return nil
		}
		c, verdict := r.Resolve(s)
		if !verdict.Disabled {
			return &c
		}
		// It was fine when the configuration was checked.
		for _, f := range verdict.Findings {
			log.Info(f.Line)
		}
		return nil
	}
	states := func(n *config.NotifyScripts) stateScripts {
		s := stateScripts{
			byState: map[event.State]script.Command{},
			any:     resolve(n.Any), rxLower: resolve(n.MasterRxLower),
		}
		for state, of := range map[event.State]*config.Script{
			event.Master: n.Master, event.Backup: n.Backup, event.Fault: n.Fault,
			event.Stop: n.Stop, event.Deleted: n.Deleted,
		} {
			if c := resolve(of); c != nil {
				s.byState[state] = *c
			}
		}
		return s
	}
	if part == VRRP {
		b.instances = make(map[string]stateScripts, len(cfg.Instances))
		for _, v := range cfg.Instances {
			b.instances[v.Name] = states(&v.Notify)
		}
		b.groups = make(map[string]stateScripts, len(cfg.SyncGroups))
		for _, g := range cfg.SyncGroups {
			b.groups[g.Name] = states(&g.Notify)
		}
		return b
	}
	b.virtuals, b.reals = map[string]upDownScripts{}, map[realServer]upDownScripts{}
	for _, vs := range cfg.VirtualServers {
		note(b.virtuals, before.virtuals, vs.Name, upDownScripts{resolve(vs.QuorumUp), resolve(vs.QuorumDown)})
		for _, rs := range vs.RealServers {
			note(b.reals, before.reals, realServer{vs.Name, rs.Name}, upDownScripts{resolve(rs.NotifyUp), resolve(rs.NotifyDown)})
		}
	}
	return b
}
