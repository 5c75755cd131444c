package snmp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/snmp/agentx"
)

// Limits of a session.
const (
	// requestTime is how long the master may take to answer us. It works
	// through its managers' requests in between, so this is not short.
	requestTime = 5 * time.Second
	// writeTime is how long the socket may refuse what we write: longer only
	// when the master hangs.
	writeTime = 2 * time.Second
	// pingInterval is that of net-snmp's subagents.
	pingInterval = 120 * time.Second
	// agentName is how we name ourselves to the master.
	agentName = "Keepalived"
	// registerPriority is the default of RFC 2741 6.2.3.
	registerPriority = 127
)

var errTimeout = errors.New("the master agent does not answer")

// session is one connection to a master.
type session struct {
	conn net.Conn
	// serve answers a request of the master; false for one without answer.
	serve func(*agentx.PDU) (*agentx.PDU, bool)
	// heard is called with the master's sysUpTime.
	heard func(sysUpTime uint32)

	done chan struct{} // closed when the reader has ended
	err  error         // why, after done

	mu      sync.Mutex // of what follows, and of writing
	id      uint32
	packet  uint32
	waiting map[uint32]chan *agentx.PDU
	out     []byte
}

func newSession(conn net.Conn, serve func(*agentx.PDU) (*agentx.PDU, bool), heard func(uint32)) *session {
	s := &session{conn: conn, serve: serve, heard: heard, done: make(chan struct{}), waiting: map[uint32]chan *agentx.PDU{}}
	go s.read()
	return s
}

// open opens the session and registers the subtrees. A subtree that the master
// refuses is an error: half of the objects would look like all of them.
func (s *session) open(ctx context.Context, subtrees []agentx.OID) error {
	r, err := s.request(ctx, &agentx.PDU{Type: agentx.TypeOpen, OID: nil, Description: agentName})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.id = r.SessionID
	s.mu.Unlock()
	for _, o := range subtrees {
		if _, err := s.request(ctx, &agentx.PDU{Type: agentx.TypeRegister, Priority: registerPriority, OID: o}); err != nil {
			return fmt.Errorf("register %s: %w", o, err)
		}
	}
	return nil
}

// refusal is an error that the master answered.
type refusal agentx.Error

func (r refusal) Error() string { return agentx.Error(r).String() }

// request sends p and waits for the answer.
func (s *session) request(ctx context.Context, p *agentx.PDU) (*agentx.PDU, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, requestTime, errTimeout)
	defer cancel()
	answer := make(chan *agentx.PDU, 1)
	s.mu.Lock()
	s.packet++
	p.SessionID, p.PacketID = s.id, s.packet
	s.waiting[p.PacketID] = answer
	err := s.write(p)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.waiting, p.PacketID)
		s.mu.Unlock()
	}()
	if err != nil {
		return nil, err
	}
	select {
	case r := <-answer:
		if r.Error != agentx.NoError {
			return nil, refusal(r.Error)
		}
		return r, nil
	case <-s.done:
		return nil, s.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// write sends p. s.mu is held.
func (s *session) write(p *agentx.PDU) error {
	s.out = p.Append(s.out[:0])
	_ = s.conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, err := s.conn.Write(s.out)
	if err != nil {
		_ = s.conn.Close() // a PDU may be cut: nothing can follow
	}
	return err
}

// shut says goodbye and closes the connection.
func (s *session) shut(reason agentx.Reason) {
	s.mu.Lock()
	_ = s.write(&agentx.PDU{Type: agentx.TypeClose, SessionID: s.id, Reason: reason})
	s.mu.Unlock()
	_ = s.conn.Close()
	<-s.done
}

// read answers what the master sends until the connection ends.
func (s *session) read() {
	defer close(s.done)
	defer s.conn.Close()
	// A datagram is one PDU and must be read at once.
	in := bufio.NewReaderSize(s.conn, 1<<16)
	var buffer []byte
	for {
		var p *agentx.PDU
		if p, buffer, s.err = readPDU(in, buffer); s.err != nil {
			return
		}
		switch p.Type {
		case agentx.TypeResponse:
			s.heard(p.SysUpTime)
			s.mu.Lock()
			answer := s.waiting[p.PacketID]
			delete(s.waiting, p.PacketID)
			s.mu.Unlock()
			if answer != nil {
				answer <- p
			}
			continue
		case agentx.TypeClose:
			s.err = fmt.Errorf("closed by the master agent, reason %d", p.Reason)
			return
		}
		r, answer := s.serve(p)
		if !answer {
			continue
		}
		r.Type = agentx.TypeResponse
		r.SessionID, r.TransactionID, r.PacketID = p.SessionID, p.TransactionID, p.PacketID
		s.mu.Lock()
		s.err = s.write(r)
		s.mu.Unlock()
		if s.err != nil {
			return
		}
	}
}

// readPDU reads one PDU into buffer, which grows as needed.
func readPDU(in io.Reader, buffer []byte) (*agentx.PDU, []byte, error) {
	buffer = append(buffer[:0], make([]byte, agentx.HeaderLen)...)
	if _, err := io.ReadFull(in, buffer); err != nil {
		return nil, buffer, err
	}
	n, err := agentx.PayloadLen(buffer)
	if err != nil {
		return nil, buffer, fmt.Errorf("master agent: %w", err)
	}
	buffer = append(buffer, make([]byte, n)...)
	if _, err := io.ReadFull(in, buffer[agentx.HeaderLen:]); err != nil {
		return nil, buffer, err
	}
	p, err := agentx.Decode(buffer)
	if err != nil {
		return nil, buffer, fmt.Errorf("master agent: %w", err)
	}
	return p, buffer, nil
}
