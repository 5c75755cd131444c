package checkers

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

const (
	pingText   = "keepalived check - "
	pingLength = 128 // bytes after the header
	pingHeader = 8

	echoRequest4, echoReply4 = 8, 0
	echoRequest6, echoReply6 = 128, 129
)

// pingSocket is an ICMP datagram socket that is kept from check to check. The
// kernel chooses the identifier and computes the checksum, and needs no
// privilege beyond net.ipv4.ping_group_range.
type pingSocket struct {
	file     *os.File
	sequence uint16
}

// probePing sends one echo request and waits for its reply. After a failure
// the socket is closed, so that late answers cannot be taken for new ones.
func probePing(ctx context.Context, t *Target) health.Outcome {
	if t.ping.file == nil {
		if err := t.ping.open(t.Checker); err != nil {
			o, local := classify(err)
			if local {
				return o
			}
			return bad(textFailed)
		}
	}
	o := t.ping.exchange(ctx, t.Checker)
	if o.Verdict != health.Good {
		t.ping.close()
	}
	return o
}

func (p *pingSocket) open(c *config.Checker) error {
	family, proto := unix.AF_INET, unix.IPPROTO_ICMP
	if c.Destination.Addr().Is6() {
		family, proto = unix.AF_INET6, unix.IPPROTO_ICMPV6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return &socketError{"socket", err}
	}
	err = prepare(fd, c, true)
	if err == nil {
		err = unix.Connect(fd, sockaddr(destination(c)))
	}
	if err != nil {
		unix.Close(fd)
		return err
	}
	p.file = os.NewFile(uintptr(fd), "icmp")
	p.sequence = 0
	return nil
}

func (p *pingSocket) close() {
	if p.file != nil {
		p.file.Close()
		p.file = nil
	}
}

// exchange sends the next request and reads until its reply or the timeout.
func (p *pingSocket) exchange(ctx context.Context, c *config.Checker) health.Outcome {
	request, reply := byte(echoRequest4), byte(echoReply4)
	if c.Destination.Addr().Is6() {
		request, reply = echoRequest6, echoReply6
	}
	file := p.file
	defer context.AfterFunc(ctx, func() { file.Close() })()
	if err := file.SetDeadline(time.Now().Add(c.ConnectTimeout)); err != nil {
		return localTrouble(logtext.ReasonSocket, err.Error())
	}
	p.sequence++
	if _, err := file.Write(pingPacket(request, p.sequence)); err != nil {
		if isTimeout(err) {
			return timedOut(textTimeout)
		}
		return bad(textFailed)
	}
	answer := make([]byte, 1500)
	for {
		n, err := file.Read(answer)
		switch {
		case isTimeout(err):
			return timedOut(textTimeout)
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return bad(textFailed)
		}
		if n >= pingHeader && answer[0] == reply && binary.BigEndian.Uint16(answer[6:]) == p.sequence {
			return good()
		}
	}
}

// pingPacket is an echo request; the kernel fills in identifier and checksum.
func pingPacket(typ byte, sequence uint16) []byte {
	b := make([]byte, pingHeader+pingLength)
	b[0] = typ
	binary.BigEndian.PutUint16(b[6:], sequence)
	for at := pingHeader; at < len(b); {
		at += copy(b[at:], pingText)
	}
	return b
}
