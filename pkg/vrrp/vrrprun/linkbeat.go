package vrrprun

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
	"github.com/gokeepalived/gokeepalived/pkg/netif"
)

// linkbeatInterval is how often polled interfaces are asked for their link.
const linkbeatInterval = time.Second

// linkProbe is how an interface is asked; *netif.LinkProbe.
type linkProbe interface {
	Up(name string, method config.LinkbeatMethod) (up bool, used config.LinkbeatMethod, err error)
	Close()
}

// linkbeat polls the link of interfaces whose drivers do not announce it. It
// has a goroutine of its own, because a PHY can take its time to answer.
type linkbeat struct {
	stop, done chan struct{}
}

// polled are the interfaces of a configuration that are to be polled, with
// how: those that are listed, or with linkbeat_use_polling all that instances
// run on or track.
func polled(cfg *config.Config) map[string]config.LinkbeatMethod {
	out := map[string]config.LinkbeatMethod{}
	if cfg.Global.LinkbeatPolling {
		note := func(name string) {
			if name != "" {
				out[name] = config.LinkbeatAny
			}
		}
		for _, v := range cfg.Instances {
			note(v.Interface)
			for _, t := range v.TrackInterfaces {
				note(t.Name)
			}
		}
		for _, g := range cfg.SyncGroups {
			for _, t := range g.TrackInterfaces {
				note(t.Name)
			}
		}
	}
	for _, l := range cfg.LinkbeatInterfaces {
		out[l.Interface] = l.Method
	}
	return out
}

// pollLinks starts over with the interfaces of a configuration. Those that are
// virtual interfaces of ours are announced reliably and left out.
func (e *Engine) pollLinks(cfg *config.Config) {
	if e.linkbeat != nil {
		close(e.linkbeat.stop) // it ends by itself, and is not listened to any more
		e.linkbeat = nil
	}
	list := polled(cfg)
	for name := range list {
		if l := e.machine.named(name); l != nil && (l.Kind == netif.KindMACVLAN || l.Kind == netif.KindIPVLAN) {
			e.log(slog.LevelInfo, fmt.Sprintf(logNotPolled, name, l.Kind))
			delete(list, name)
		}
	}
	for name := range e.machine.linkbeat {
		if _, still := list[name]; !still {
			delete(e.machine.linkbeat, name)
			e.tellInterface(name)
		}
	}
	if len(list) == 0 {
		return
	}
	probe, err := e.openProbe()
	if err != nil {
		e.complain(err)
		return
	}
	// The first answers are there before the engine looks at the links.
	for name, method := range list {
		up, by, err := probe.Up(name, method)
		if err != nil {
			continue // not there yet
		}
		if method != config.LinkbeatAny && by != method {
			e.log(slog.LevelInfo, fmt.Sprintf(logtext.LinkbeatMethod, name, method, by))
		}
		e.machine.linkbeat[name] = up
		e.tellInterface(name)
	}
	l := &linkbeat{stop: make(chan struct{}), done: make(chan struct{})}
	e.linkbeat = l
	go l.run(probe, list, func(name string, up bool) {
		e.box.Post(letter{call: func() {
			if e.ended || e.linkbeat != l {
				return
			}
			e.machine.linkbeat[name] = up
			e.tellInterface(name)
			e.run()
		}})
	})
}

// tellInterface puts what is new about an interface into the queue.
func (e *Engine) tellInterface(name string) {
	for _, i := range e.machine.interfaces {
		if i.link.Name != name {
			continue
		}
		if ev := e.machine.tell(i); ev != nil {
			e.queue = append(e.queue, ev)
		}
	}
}

// run asks every interface once a second and tells what it hears when that
// changes.
func (l *linkbeat) run(probe linkProbe, list map[string]config.LinkbeatMethod, tell func(name string, up bool)) {
	defer close(l.done)
	defer probe.Close()
	last := map[string]bool{}
	tick := time.NewTicker(linkbeatInterval)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		}
		for name, method := range list {
			up, _, err := probe.Up(name, method)
			if err != nil {
				continue // the monitor tells that it is gone
			}
			if before, known := last[name]; !known || before != up {
				last[name] = up
				tell(name, up)
			}
		}
	}
}

func (l *linkbeat) close() {
	close(l.stop)
	<-l.done
}
