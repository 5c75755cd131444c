// Package mmsg sends and receives many datagrams in one system call
// (sendmmsg(2), recvmmsg(2)) without allocating anything on the way.
package mmsg

import "golang.org/x/sys/unix"

// Sizes of what is kept for each datagram. A sockaddr_in6 and a sockaddr_ll
// with a 20 byte address fit into a name, an IPV6_PKTINFO, an IPV6_HOPLIMIT and
// an SCM_TIMESTAMPNS into the control messages.
const (
	NameSize    = 32
	ControlSize = 96
)

// mmsghdr is struct mmsghdr.
type mmsghdr struct {
	hdr  unix.Msghdr
	size uint32
}
