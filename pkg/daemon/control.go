package daemon

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// op is what a message between parent and child is about.
type op string

// Messages of the parent.
const (
	// opReload brings a new configuration, as a memory file.
	opReload op = "reload"
	// opSignal passes a signal on that asks for a dump.
	opSignal op = "signal"
	// opReport asks for the child's part of a report, into the file attached.
	opReport op = "report"
	// opPing asks whether the engine's loop turns.
	opPing op = "ping"
)

// Messages of a child.
const (
	// opReady: the engine runs.
	opReady op = "ready"
	// opReloaded answers opReload; Error says why the old configuration
	// stays.
	opReloaded op = "reloaded"
	// opWaiting: the engine waits for something, which Error names; "" when
	// that is over.
	opWaiting op = "waiting"
	// opWantReload asks for what SIGHUP asks for.
	opWantReload op = "want reload"
	// opAlive answers opPing.
	opAlive op = "alive"
	// opCensus: Text is a line about the states of the engine's objects.
	opCensus op = "census"
	// opStopping: the child has begun to stop.
	opStopping op = "stopping"
)

// message is one datagram between parent and child.
type message struct {
	Op op `json:"op"`
	// Seq numbers reloads.
	Seq    int    `json:"seq,omitempty"`
	Signal int    `json:"signal,omitempty"`
	Error  string `json:"error,omitempty"`
	Text   string `json:"text,omitempty"`
}

// maxMessage bounds a datagram; errors are cut to fit.
const maxMessage = 16384

// sendWait is how long a message may wait for a peer that does not read.
const sendWait = time.Second

// control is one end of the socket between parent and child. When the other
// end's process dies, receive returns io.EOF: that is how children notice the
// death of the parent.
type control struct{ conn *net.UnixConn }

// controlPair makes both ends; the child's is to be inherited.
func controlPair() (*control, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	child := os.NewFile(uintptr(fds[1]), "control")
	c, err := openControl(fds[0])
	if err != nil {
		_ = child.Close()
		return nil, nil, err
	}
	return c, child, nil
}

// openControl takes over a descriptor.
func openControl(fd int) (*control, error) {
	f := os.NewFile(uintptr(fd), "control")
	defer f.Close() // FileConn duplicates it
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	unixConn, ok := conn.(*net.UnixConn)
	if !ok {
		_ = conn.Close()
		return nil, fmt.Errorf("descriptor %d is not a unix socket", fd)
	}
	return &control{unixConn}, nil
}

// send writes a message with an optional file.
func (c *control) send(m message, attached *os.File) error {
	if len(m.Error) > maxMessage/8 {
		m.Error = m.Error[:maxMessage/8]
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var rights []byte
	if attached != nil {
		rights = unix.UnixRights(int(attached.Fd()))
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(sendWait)); err != nil {
		return err
	}
	_, _, err = c.conn.WriteMsgUnix(text, rights, nil)
	return err
}

// receive waits for the next message and the file that came with it, nil for
// none.
func (c *control) receive() (message, *os.File, error) {
	buf := make([]byte, maxMessage)
	rights := make([]byte, unix.CmsgSpace(4*4))
	n, rightsLen, _, _, err := c.conn.ReadMsgUnix(buf, rights)
	if err != nil {
		return message{}, nil, err
	}
	attached := received(rights[:rightsLen])
	if n == 0 && attached == nil {
		return message{}, nil, io.EOF
	}
	var m message
	if err := json.Unmarshal(buf[:n], &m); err != nil {
		return message{}, attached, err
	}
	return m, attached, nil
}

// received opens the file of a control message and closes what is too much.
func received(rights []byte) *os.File {
	var file *os.File
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil {
		return nil
	}
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			continue
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			if file == nil {
				file = os.NewFile(uintptr(fd), "attached")
			} else {
				_ = unix.Close(fd)
			}
		}
	}
	return file
}

func (c *control) close() { _ = c.conn.Close() }
