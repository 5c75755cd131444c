package smtp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/user"
	"strconv"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Options are what a Sink needs.
type Options struct {
	Log *slog.Logger
	// HostName is the name of this host, for what the configuration leaves
	// open: the name in subjects, HELO and the sender's domain. Default: what
	// the kernel says.
	HostName string
	// UserName is the local part of the sender then. Default: the user that
	// we run as.
	UserName string
}

// Sink mails alerts.
type Sink struct {
	opt   Options
	queue *queue

	mu     sync.Mutex
	cfg    *config.SMTP
	router string
	// alerts has what cfg says, and what the configuration before said about
	// things that are gone; own is the former alone.
	alerts, own *alerts
	// mailed are the last states that were mailed, of instances and groups.
	mailed map[subject]event.State
	server netip.AddrPort // resolved; invalid until it is needed
}

// subject is an instance or a group.
type subject struct {
	group bool
	name  string
}

// New returns a sink for cfg.
func New(cfg *config.Config, opt Options) *Sink {
	if opt.HostName == "" {
		opt.HostName, _ = os.Hostname()
	}
	if opt.UserName == "" {
		opt.UserName = UserName()
	}
	s := &Sink{opt: opt, mailed: map[subject]event.State{}}
	s.queue = newQueue(opt.Log, s.deliver)
	s.Update(cfg)
	return s
}

// UserName is the name of the user that we run as, or the number.
func UserName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return strconv.Itoa(os.Geteuid())
}

// Update goes on with cfg. Mails that wait go to the new server.
func (s *Sink) Update(cfg *config.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own, all := newAlerts(cfg), newAlerts(cfg)
	if s.own != nil {
		all.inherit(s.own)
	}
	s.own, s.alerts = own, all
	s.cfg = &cfg.Global.SMTP
	s.router = cfg.Global.RouterID
	if s.router == "" {
		s.router = s.opt.HostName
	}
	s.server = netip.AddrPort{}
}

// Send queues the mail for e, if there is to be one.
func (s *Sink) Send(e event.Event) {
	s.mu.Lock()
	m, ok := s.message(e)
	s.mu.Unlock()
	if ok {
		s.queue.add(m)
	}
}

// message makes the mail for e. s.mu is held.
func (s *Sink) message(e event.Event) (message, bool) {
	if s.cfg.Server == "" || len(s.cfg.To) == 0 {
		return message{}, false
	}
	title, body, ok := s.alerts.text(e)
	if !ok || !s.changed(e) {
		return message{}, false
	}
	from := s.cfg.From
	if from == "" {
		from = s.opt.UserName + "@" + s.opt.HostName
	}
	return message{
		date: time.Now(), from: from, to: s.cfg.To,
		subject: "[" + s.router + "] " + title, body: body,
	}, true
}

// changed reports whether e is not the state that was mailed last.
func (s *Sink) changed(e event.Event) bool {
	var who subject
	var state event.State
	switch e := e.(type) {
	case event.InstanceState:
		who, state = subject{name: e.Instance}, e.State
	case event.GroupState:
		who, state = subject{group: true, name: e.Group}, e.State
	default:
		return true
	}
	if last, found := s.mailed[who]; found && last == state {
		return false
	}
	s.mailed[who] = state
	return true
}

// deliver tries to send one mail by the settings of now.
func (s *Sink) deliver(ctx context.Context, m *mail) (outcome, []string) {
	s.mu.Lock()
	cfg := s.cfg
	s.mu.Unlock()
	timeout := cfg.ConnectTimeout
	ctxLookup, cancel := context.WithTimeout(ctx, timeout)
	addr, err := s.resolve(ctxLookup, cfg)
	cancel()
	if err != nil {
		s.opt.Log.Info(fmt.Sprintf(logtext.MailServerInvalid, cfg.Server, cfg.Port))
		return deferred, m.left
	}
	helo := cfg.HELOName
	if helo == "" {
		helo = s.opt.HostName
	}
	return deliver(ctx, addr, helo, timeout, &m.message, m.left, s.opt.Log)
}

// resolve finds the address of the server, once per configuration.
func (s *Sink) resolve(ctx context.Context, cfg *config.SMTP) (netip.AddrPort, error) {
	s.mu.Lock()
	known := s.server
	current := s.cfg == cfg
	s.mu.Unlock()
	if current && known.IsValid() {
		return known, nil
	}
	ip, err := netip.ParseAddr(cfg.Server)
	if err != nil {
		list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", cfg.Server)
		if err != nil {
			return netip.AddrPort{}, err
		}
		ip = list[0]
	}
	addr := netip.AddrPortFrom(ip.Unmap(), cfg.Port)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cfg == cfg {
		s.server = addr
	}
	return addr, nil
}

// Close delivers what is queued, trying each mail once, until ctx is done.
func (s *Sink) Close(ctx context.Context) { s.queue.close(ctx) }
