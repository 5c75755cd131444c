package bfdrun

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// State is what a consumer is told about a session.
type State struct {
	Session string
	Up      bool
	// Sent is when the bfd process said so.
	Sent time.Time
}

// Feed is both ends of the way from the bfd process to one consumer. The
// parent process holds it for its whole life.
type Feed struct{ Sender, Receiver *os.File }

// NewFeed makes a feed. Neither end is inherited unless it is asked for.
func NewFeed() (*Feed, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	return &Feed{os.NewFile(uintptr(fds[0]), "bfd feed"), os.NewFile(uintptr(fds[1]), "bfd feed")}, nil
}

// A message is one datagram: a kind, then for a state whether it is Up, the
// time in nanoseconds since 1970, and the name.
const (
	kindState  = 'S'
	kindRepeat = 'R'

	stateHeader = 10
	// maxMessage holds any name: they have at most 31 bytes.
	maxMessage = 256
)

var errMessage = errors.New("malformed message of the bfd process")

// appendState encodes a state.
func appendState(b []byte, s State) []byte {
	up := byte(0)
	if s.Up {
		up = 1
	}
	b = append(b, kindState, up)
	b = binary.BigEndian.AppendUint64(b, uint64(s.Sent.UnixNano()))
	return append(b, s.Session...)
}

// decodeState is the reverse of appendState.
func decodeState(b []byte) (State, error) {
	if len(b) <= stateHeader || b[0] != kindState || b[1] > 1 {
		return State{}, fmt.Errorf("%w: % x", errMessage, b[:min(len(b), stateHeader)])
	}
	return State{
		Session: string(b[stateHeader:]), Up: b[1] == 1,
		Sent: time.Unix(0, int64(binary.BigEndian.Uint64(b[2:]))),
	}, nil
}
