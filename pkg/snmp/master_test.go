package snmp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/mib"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// network is where the agent of a test dials: each connection becomes one of
// masters, in virtual time.
type network struct {
	t       *testing.T
	masters chan *master
	refuse  atomic.Bool
	dialed  atomic.Int32
}

func newNetwork(t *testing.T) *network { return &network{t: t, masters: make(chan *master, 100)} }

func (n *network) dial(context.Context, string) (net.Conn, error) {
	n.dialed.Add(1)
	if n.refuse.Load() {
		return nil, errors.New("connection refused")
	}
	a, b := net.Pipe()
	n.masters <- &master{t: n.t, conn: b}
	return a, nil
}

// master is the other end of a session.
type master struct {
	t    *testing.T
	conn net.Conn
	next uint32
}

// read is the next PDU of the subagent, nil when the connection has ended.
func (m *master) read() *agentx.PDU {
	p, _, err := readPDU(m.conn, nil)
	if err != nil {
		return nil
	}
	return p
}

func (m *master) write(p *agentx.PDU) {
	m.t.Helper()
	if _, err := m.conn.Write(p.Append(nil)); err != nil {
		m.t.Fatal(err)
	}
}

// want reads a PDU of a type and answers it.
func (m *master) want(typ agentx.Type) *agentx.PDU {
	m.t.Helper()
	p := m.read()
	if p == nil || p.Type != typ {
		m.t.Fatalf("got %+v, want type %d", p, typ)
	}
	m.write(&agentx.PDU{Type: agentx.TypeResponse, SessionID: 77, PacketID: p.PacketID, SysUpTime: 500})
	return p
}

// opened takes the session and the registrations.
func (m *master) opened(subtrees int) {
	m.t.Helper()
	m.want(agentx.TypeOpen)
	for range subtrees {
		m.want(agentx.TypeRegister)
	}
	synctest.Wait() // for the agent to have read the last answer
}

// ask sends a request and returns the answer.
func (m *master) ask(p *agentx.PDU) *agentx.PDU {
	m.t.Helper()
	m.next++
	p.SessionID, p.PacketID = 77, m.next
	m.write(p)
	r := m.read()
	if r == nil || r.Type != agentx.TypeResponse || r.PacketID != m.next {
		m.t.Fatalf("asked %+v, got %+v", p, r)
	}
	return r
}

// lines is a log.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(b)
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.String()
}

// trial is a sink with an engine that is only a snapshot.
type trial struct {
	*Sink
	net       *network
	log       *lines
	snapshots int
	changes   []mib.Change
	fail      error
}

func snmpConfig() *config.Config {
	c := &config.Config{Global: config.NewGlobal()}
	c.Global.RouterID = "R1"
	c.Global.SNMP.VRRP, c.Global.SNMP.RFCv2, c.Global.SNMP.Traps = true, true, true
	c.Global.SNMP.RSInterval = c.Global.SNMP.VSInterval
	c.Instances = []*config.VRRPInstance{{Name: "VI_1", Family: config.IPv4, Version: 2, VirtualRouterID: 51, Priority: 100, StateMaster: true}}
	return c
}

const subtrees = 3 // of snmpConfig

func newTrial(t *testing.T, cfg *config.Config) *trial {
	tr := &trial{net: newNetwork(t), log: &lines{}}
	tr.Sink = New(cfg, Options{
		Log:    slog.New(slog.NewTextHandler(tr.log, nil)),
		Attach: func(event.Sink) {},
		Tree:   func(c *config.Config) *mib.Tree { return mib.VRRP(c, false) },
		View: func() mib.View {
			tr.snapshots++
			s := &status.VRRP{Config: cfg, Time: time.Now()}
			for _, c := range cfg.Instances {
				s.Instances = append(s.Instances, status.VRRPInstance{Name: c.Name, Config: c, State: event.Backup, BasePriority: c.Priority, BaseIndex: 2})
			}
			return mib.View{Version: "v", Config: cfg, VRRP: s}
		},
		Apply: func(c mib.Change) error {
			if tr.fail != nil {
				return tr.fail
			}
			tr.changes = append(tr.changes, c)
			return nil
		},
	})
	tr.dial = tr.net.dial
	return tr
}

// inTime runs a test in virtual time with a session that is open.
func inTime(t *testing.T, f func(*trial, *master)) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, snmpConfig())
		tr.Start()
		m := <-tr.net.masters
		m.opened(subtrees)
		f(tr, m)
		_ = m.conn.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		tr.Close(ctx)
	})
}
