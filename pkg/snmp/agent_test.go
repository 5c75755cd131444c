package snmp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
	"github.com/gokeepalived/gokeepalived/pkg/snmp/mib"
)

func oid(t testing.TB, s string) agentx.OID {
	t.Helper()
	o, err := agentx.ParseOID(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const priority = "1.3.6.1.4.1.9586.100.5.2.3.1.7.1"

func TestOpenAndAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, snmpConfig())
		tr.Start()
		m := <-tr.net.masters
		if p := m.want(agentx.TypeOpen); p.Description != "Keepalived" {
			t.Errorf("opened as %q", p.Description)
		}
		for _, want := range []string{"1.3.6.1.4.1.9586.100.5.1", "1.3.6.1.4.1.9586.100.5.2", "1.3.6.1.2.1.68"} {
			if p := m.want(agentx.TypeRegister); p.OID.String() != want || p.SessionID != 77 {
				t.Errorf("registered %v in session %d, want %s", p.OID, p.SessionID, want)
			}
		}
		r := m.ask(&agentx.PDU{Type: agentx.TypeGet, Ranges: []agentx.Range{{Start: oid(t, priority)}, {Start: oid(t, "1.3.6.1.4.1.9586.100.5.2.3.1.7.2")}}})
		if len(r.VarBinds) != 2 || r.VarBinds[0].Value.Int() != 100 || r.VarBinds[1].Value.Kind != agentx.NoSuchInstance {
			t.Errorf("get: %+v", r.VarBinds)
		}
		r = m.ask(&agentx.PDU{Type: agentx.TypeGetNext, Ranges: []agentx.Range{{Start: oid(t, "1.3.6.1.4.1.9586.100.5.2.3.1.7"), End: oid(t, "1.3.6.1.4.1.9586.100.5.3")}}})
		if len(r.VarBinds) != 1 || r.VarBinds[0].Name.String() != priority {
			t.Errorf("get-next: %+v", r.VarBinds)
		}
		r = m.ask(&agentx.PDU{Type: agentx.TypeGetBulk, NonRepeaters: 1, MaxRepetitions: 3, Ranges: []agentx.Range{
			{Start: oid(t, "1.3.6.1.4.1.9586.100.5.1")}, {Start: oid(t, "1.3.6.1.4.1.9586.100.5.2.3.1.6.1")}, {Start: oid(t, "1.3.6.1.2.1.68.1.1"), End: oid(t, "1.3.6.1.2.1.68.1.2")},
		}})
		text := ""
		for _, b := range r.VarBinds {
			text += fmt.Sprintf("%v %d\n", b.Name, b.Value.Kind)
		}
		const k = "1.3.6.1.4.1.9586.100.5."
		want := k + "1.1.0 4\n" + k + "2.3.1.7.1 2\n1.3.6.1.2.1.68.1.1.0 2\n" + k + "2.3.1.8.1 2\n1.3.6.1.2.1.68.1.1.0 130\n" + k + "2.3.1.9.1 2\n1.3.6.1.2.1.68.1.1.0 130\n"
		if text != want {
			t.Errorf("get-bulk gives\n%s, want\n%s", text, want)
		}
		if r := m.ask(&agentx.PDU{Type: agentx.TypeGet, Flags: agentx.FlagNonDefaultContext, Context: []byte("x"), Ranges: []agentx.Range{{Start: oid(t, priority)}}}); r.Error != agentx.UnsupportedContext {
			t.Errorf("another context: %v", r.Error)
		}
		if tr.snapshots != 1 {
			t.Errorf("%d snapshots for requests of one moment", tr.snapshots)
		}
		time.Sleep(viewAge)
		m.ask(&agentx.PDU{Type: agentx.TypeGet, Ranges: []agentx.Range{{Start: oid(t, priority)}}})
		if tr.snapshots != 2 {
			t.Errorf("%d snapshots after %v", tr.snapshots, viewAge)
		}
		go tr.Close(t.Context())
		if p := m.read(); p == nil || p.Type != agentx.TypeClose || p.Reason != agentx.ReasonShutdown {
			t.Errorf("at the end: %+v", p)
		}
	})
}

func TestSets(t *testing.T) {
	inTime(t, func(tr *trial, m *master) {
		set := func(n int32) *agentx.PDU {
			return &agentx.PDU{Type: agentx.TypeTestSet, TransactionID: 5, VarBinds: []agentx.VarBind{{Name: oid(m.t, priority), Value: agentx.Integer(n)}}}
		}
		if r := m.ask(set(300)); r.Error != agentx.WrongValue || r.Index != 1 {
			m.t.Errorf("300: %v at %d", r.Error, r.Index)
		}
		if r := m.ask(&agentx.PDU{Type: agentx.TypeCommitSet, TransactionID: 5}); r.Error != agentx.NoError || len(tr.changes) != 0 {
			m.t.Errorf("committing what was refused: %v, %v", r.Error, tr.changes)
		}
		if r := m.ask(set(150)); r.Error != agentx.NoError || len(tr.changes) != 0 {
			m.t.Errorf("150: %v, %v before the commit", r.Error, tr.changes)
		}
		if r := m.ask(&agentx.PDU{Type: agentx.TypeCommitSet, TransactionID: 6}); r.Error != agentx.CommitFailed {
			m.t.Errorf("another transaction: %v", r.Error)
		}
		before := tr.snapshots
		if r := m.ask(&agentx.PDU{Type: agentx.TypeCommitSet, TransactionID: 5}); r.Error != agentx.NoError {
			m.t.Error(r.Error)
		}
		m.ask(&agentx.PDU{Type: agentx.TypeGet, Ranges: []agentx.Range{{Start: oid(m.t, priority)}}})
		if tr.snapshots == before {
			m.t.Error("a Get after the Set shows what was before")
		}
		if r := m.ask(&agentx.PDU{Type: agentx.TypeUndoSet, TransactionID: 5}); r.Error != agentx.NoError {
			m.t.Error(r.Error)
		}
		if got := fmt.Sprint(tr.changes); got != "[{VI_1 100 150} {VI_1 150 100}]" {
			m.t.Error("changes", got)
		}
		m.next++
		m.write(&agentx.PDU{Type: agentx.TypeCleanupSet, SessionID: 77, PacketID: m.next, TransactionID: 5})
		m.ask(&agentx.PDU{Type: agentx.TypeGet}) // CleanupSet has no answer

		tr.fail = errors.New("no")
		m.ask(set(150))
		if r := m.ask(&agentx.PDU{Type: agentx.TypeCommitSet, TransactionID: 5}); r.Error != agentx.CommitFailed || !strings.Contains(tr.log.text(), "cannot carry out a Set: no") {
			m.t.Errorf("a failure: %v, logged %q", r.Error, tr.log.text())
		}
	})
}

func became(s event.State) event.InstanceState {
	return event.InstanceState{Instance: "VI_1", State: s, MasterReason: 3}
}

// TestNotifications: they wait for the session, and come in order.
func TestNotifications(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, snmpConfig())
		tr.Start()
		tr.Send(became(event.Backup))
		tr.Send(event.GroupState{Group: "G", State: event.Stop})
		tr.Send(became(event.Master))
		m := <-tr.net.masters
		m.opened(subtrees)
		const k = "1.3.6.1.4.1.9586.100.5."
		for _, want := range []string{
			"1.3.6.1.6.3.1.1.4.1.0=" + k + "2.10.0.2 " + k + "2.3.1.2=VI_1 " + k + "2.3.1.4=1 " + k + "2.3.1.5=2 " + k + "1.2.0=R1 ",
			"1.3.6.1.6.3.1.1.4.1.0=" + k + "2.10.0.1 " + k + "2.1.1.2=G " + k + "2.1.1.3=5 " + k + "1.2.0=R1 ",
			"1.3.6.1.6.3.1.1.4.1.0=" + k + "2.10.0.2 " + k + "2.3.1.2=VI_1 " + k + "2.3.1.4=2 " + k + "2.3.1.5=2 " + k + "1.2.0=R1 ",
			"1.3.6.1.6.3.1.1.4.1.0=1.3.6.1.2.1.68.0.1 1.3.6.1.2.1.68.1.3.1.7.2.51=\x00\x00\x00\x00 ",
		} {
			p := m.want(agentx.TypeNotify)
			got := ""
			for _, b := range p.VarBinds {
				value := string(b.Value.Octets)
				switch b.Value.Kind {
				case agentx.KindOID:
					value = b.Value.OID.String()
				case agentx.KindInteger:
					value = fmt.Sprint(b.Value.Int())
				}
				got += b.Name.String() + "=" + value + " "
			}
			if got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		}
		// What comes at the end is sent before the session is closed.
		tr.Send(became(event.Stop))
		go tr.Close(t.Context())
		m.want(agentx.TypeNotify)
		if p := m.read(); p == nil || p.Type != agentx.TypeClose {
			t.Errorf("got %+v", p)
		}
	})
}

// TestReconnect: the master goes away and comes back.
func TestReconnect(t *testing.T) {
	inTime(t, func(tr *trial, m *master) {
		tr.net.refuse.Store(true)
		lost := time.Now()
		_ = m.conn.Close()
		tr.Send(became(event.Fault))
		time.Sleep(time.Minute)
		if n := tr.net.dialed.Load(); n < 5 || n > 12 {
			m.t.Errorf("%d attempts in a minute", n)
		}
		if n := strings.Count(tr.log.text(), "\n"); n > 6 {
			m.t.Errorf("the log is filled:\n%s", tr.log.text())
		}
		tr.net.refuse.Store(false)
		m = <-tr.net.masters
		m.opened(subtrees)
		if wait := time.Since(lost); wait > time.Minute+retryLast {
			m.t.Errorf("back after %v", wait)
		}
		m.want(agentx.TypeNotify)
		synctest.Wait()
		if text := tr.log.text(); strings.Count(text, "AgentX subagent connected") != 2 || !strings.Contains(text, "AgentX master disconnected us, reconnecting in 1") {
			m.t.Errorf("logged\n%s", text)
		}
	})
}

// TestHungMaster: a master that does not read or answer costs the session, and
// nobody else waits for it.
func TestHungMaster(t *testing.T) {
	inTime(t, func(tr *trial, m *master) {
		begun := time.Now()
		for range 2 * maxQueue {
			tr.Send(event.GroupState{Group: "G", State: event.Backup})
		}
		if took := time.Since(begun); took != 0 {
			m.t.Errorf("the sender waited %v", took)
		}
		next := <-tr.net.masters
		if took := time.Since(begun); took > requestTime+retryFirst {
			m.t.Errorf("a new session after %v", took)
		}
		next.opened(subtrees)
		for range maxQueue {
			next.want(agentx.TypeNotify)
		}
		synctest.Wait()
		if text := tr.log.text(); !strings.Contains(text, "notifications lost") {
			m.t.Errorf("nothing in the log about what was lost:\n%s", text[max(0, len(text)-300):])
		}
		// At the end it gets no more time than there is.
		tr.Send(became(event.Stop))
		ctx, cancel := context.WithTimeout(m.t.Context(), time.Second)
		defer cancel()
		begun = time.Now()
		tr.Close(ctx)
		if took := time.Since(begun); took > time.Second+writeTime {
			m.t.Errorf("closed after %v", took)
		}
	})
}

// TestGarbage: nonsense from the master ends the session, and the next one
// works.
func TestGarbage(t *testing.T) {
	for name, garbage := range map[string]string{
		"text":      strings.Repeat("GET / HTTP/1.0\r\n\r\n", 5),
		"length":    "\x01\x05\x10\x00\x00\x00\x00\x4d\x00\x00\x00\x00\x00\x00\x00\x01\xff\xff\xff\xfc",
		"close":     string((&agentx.PDU{Type: agentx.TypeClose, SessionID: 77, Reason: agentx.ReasonByManager}).Append(nil)),
		"cut short": string((&agentx.PDU{Type: agentx.TypePing}).Append(nil)[:10]),
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(tr *trial, m *master) {
				_, _ = m.conn.Write([]byte(garbage))
				_ = m.conn.Close()
				m = <-tr.net.masters
				m.opened(subtrees)
				m.ask(&agentx.PDU{Type: agentx.TypeGet, Ranges: []agentx.Range{{Start: oid(t, priority)}}})
				// Answers to nothing and odd requests do no harm.
				m.write(&agentx.PDU{Type: agentx.TypeResponse, PacketID: 4711})
				if r := m.ask(&agentx.PDU{Type: agentx.TypePing}); r.Error != agentx.ProcessingError {
					t.Errorf("a ping of the master: %v", r.Error)
				}
			})
		})
	}
}

// TestFlappingMaster: one that breaks off every session is asked less and less,
// and does not fill the log.
func TestFlappingMaster(t *testing.T) {
	inTime(t, func(tr *trial, m *master) {
		begun := time.Now()
		for time.Since(begun) < 10*time.Minute {
			_ = m.conn.Close()
			m = <-tr.net.masters
			m.opened(subtrees)
		}
		if n := tr.net.dialed.Load(); n > 50 {
			m.t.Errorf("%d sessions in ten minutes", n)
		}
		// One that has lasted is opened again at once.
		time.Sleep(retryLast)
		lost := time.Now()
		_ = m.conn.Close()
		m = <-tr.net.masters
		m.opened(subtrees)
		if took := time.Since(lost); took != retryFirst {
			m.t.Errorf("back after %v", took)
		}
		_ = m.conn.Close()
	})
}

// TestRefused: another subagent has the objects.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTrial(t, snmpConfig())
		tr.Start()
		m := <-tr.net.masters
		m.want(agentx.TypeOpen)
		p := m.read()
		m.write(&agentx.PDU{Type: agentx.TypeResponse, PacketID: p.PacketID, Error: agentx.DuplicateRegistration})
		if p := m.read(); p == nil || p.Type != agentx.TypeClose {
			t.Errorf("got %+v", p)
		}
		_ = m.conn.Close()
		m = <-tr.net.masters
		m.opened(subtrees)
		if text := tr.log.text(); !strings.Contains(text, "the master agent refuses unix:/var/agentx/master: register 1.3.6.1.4.1.9586.100.5.1: another subagent serves the same objects") {
			t.Errorf("logged\n%s", text)
		}
		_ = m.conn.Close()
		tr.Close(t.Context())
	})
}

// TestPing: an idle session is pinged, and one that does not answer is over.
func TestPing(t *testing.T) {
	inTime(t, func(tr *trial, m *master) {
		begun := time.Now()
		m.want(agentx.TypePing)
		if took := time.Since(begun); took != pingInterval {
			m.t.Errorf("pinged after %v", took)
		}
		if p := m.read(); p == nil || p.Type != agentx.TypePing {
			m.t.Fatalf("got %+v", p)
		}
		if p := m.read(); p == nil || p.Type != agentx.TypeClose || p.Reason != agentx.ReasonTimeouts {
			m.t.Errorf("got %+v", p)
		}
		m = <-tr.net.masters
		m.opened(subtrees)
	})
}

// TestUpdate: SNMP is switched on, moved and off by reloads; a reload that
// changes nothing of it keeps the session.
func TestUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		off := &config.Config{Global: config.NewGlobal()}
		tr := newTrial(t, off)
		tr.Start()
		tr.Send(became(event.Backup))
		synctest.Wait()
		if tr.net.dialed.Load() != 0 || tr.snapshots != 0 {
			t.Fatal("SNMP works though it is off")
		}
		tr.Update(snmpConfig())
		m := <-tr.net.masters
		m.opened(subtrees)
		tr.Update(snmpConfig())
		tr.Send(became(event.Backup))
		m.want(agentx.TypeNotify)
		moved := snmpConfig()
		moved.Global.SNMP.Socket = "tcp:localhost"
		go tr.Update(moved)
		if p := m.read(); p == nil || p.Type != agentx.TypeClose {
			t.Errorf("got %+v", p)
		}
		_ = m.conn.Close()
		m = <-tr.net.masters
		m.opened(subtrees)
		go tr.Update(off)
		if p := m.read(); p == nil || p.Type != agentx.TypeClose {
			t.Errorf("got %+v", p)
		}
		synctest.Wait()
		tr.Close(t.Context())
	})
}

// TestOffCostsNothing: without SNMP an event costs no memory and there is no
// goroutine.
func TestOffCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails if a goroutine is left
		tr := newTrial(t, &config.Config{Global: config.NewGlobal()})
		tr.Start()
		e := event.Event(became(event.Master))
		if n := testing.AllocsPerRun(100, func() { tr.Send(e) }); n != 0 {
			t.Errorf("%v allocations an event", n)
		}
	})
}

func TestMasterAddress(t *testing.T) {
	for spec, want := range map[string]string{
		"unix:/var/agentx/master": "unix /var/agentx/master",
		"/run/agentx":             "unix /run/agentx",
		"run/agentx":              "unix run/agentx",
		"UNIX:/a":                 "unix /a",
		"local:/a":                "unix /a",
		"tcp:192.0.2.1:1705":      "tcp 192.0.2.1:1705",
		"tcp:192.0.2.1":           "tcp 192.0.2.1:705",
		"tcp:1705":                "tcp localhost:1705",
		"tcp:host.example":        "tcp host.example:705",
		"192.0.2.1:1705":          "tcp 192.0.2.1:1705",
		"localhost":               "tcp localhost:705",
		"tcp6:[2001:db8::1]:1705": "tcp6 [2001:db8::1]:1705",
		"tcp6:[2001:db8::1]":      "tcp6 [2001:db8::1]:705",
		"tcp6:2001:db8::1":        "tcp6 [2001:db8::1]:705",
		"[2001:db8::1]:1705":      "tcp [2001:db8::1]:1705",
		"udp:192.0.2.1:705":       "udp 192.0.2.1:705",
		"tcp:":                    "tcp localhost:705",
	} {
		network, address := masterAddress(spec)
		if got := network + " " + address; got != want {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
	}
}

// FuzzServe looks for requests that make the subagent panic or answer with
// more than it should.
func FuzzServe(f *testing.F) {
	f.Add((&agentx.PDU{Type: agentx.TypeGetBulk, MaxRepetitions: 1000, Ranges: []agentx.Range{{Start: agentx.OID{1}}}}).Append(nil))
	f.Add((&agentx.PDU{Type: agentx.TypeTestSet, VarBinds: []agentx.VarBind{{Name: oid(f, priority), Value: agentx.Integer(5)}}}).Append(nil))
	f.Add((&agentx.PDU{Type: agentx.TypeCommitSet}).Append(nil))
	f.Add((&agentx.PDU{Type: agentx.TypeGetNext, Ranges: []agentx.Range{{Start: oid(f, "1.3.6.1.2.1.68.1.3.1.5"), Include: true, End: agentx.OID{2}}}}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := agentx.Decode(b)
		if err != nil {
			return
		}
		tr := newTrial(t, snmpConfig())
		v := tr.opt.View()
		r := &responder{tree: mib.VRRP(snmpConfig(), false), use: func(f func(*mib.View)) { f(&v) }, apply: tr.opt.Apply, log: func(string, ...any) {}}
		for range 2 {
			a, ok := r.serve(p)
			if !ok {
				continue
			}
			if len(a.VarBinds) > max(maxBindings, len(p.Ranges)) {
				t.Errorf("%d objects", len(a.VarBinds))
			}
			a.Type = agentx.TypeResponse
			if _, err := agentx.Decode(a.Append(nil)); err != nil {
				t.Errorf("the answer is not a PDU: %v", err)
			}
		}
	})
}
