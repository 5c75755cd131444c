package bfdrun

import (
	"os"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/bfd"
	"golang.org/x/sys/unix"
)

// outlet is the sending end of a feed.
type outlet struct {
	to   bfd.Consumers
	file *os.File
	fd   int
	buf  []byte
	// again is when everything is repeated because the feed was full; zero:
	// nothing is missing.
	again time.Time
}

// repeatAfter is how long a full feed gets to be read.
const repeatAfter = 50 * time.Millisecond

func newOutlet(to bfd.Consumers, f *os.File) *outlet {
	return &outlet{to: to, file: f, fd: int(f.Fd()), buf: make([]byte, 0, maxMessage)}
}

// send passes a state on. When there is no room all states are sent later.
func (o *outlet) send(now time.Time, s State) {
	if o.fd < 0 {
		return
	}
	o.buf = appendState(o.buf[:0], s)
	if transmit(o.fd, o.buf) != nil {
		o.again = now.Add(repeatAfter)
	}
}

// requested reads what the consumer asks for; it can only be a repetition.
func (o *outlet) requested() (repeat bool) {
	var b [maxMessage]byte
	for o.fd >= 0 {
		n, err := receive(o.fd, b[:])
		if err != nil {
			if err != unix.EAGAIN {
				o.close()
			}
			return repeat
		}
		repeat = repeat || n == 1 && b[0] == kindRepeat
	}
	return repeat
}

func (o *outlet) close() {
	if o.fd >= 0 {
		o.fd, o.again = -1, time.Time{}
		_ = o.file.Close()
	}
}
