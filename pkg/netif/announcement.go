package netif

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"github.com/mdlayher/arp"
)

// gratuitousARP is the ARP packet (without link-layer header) that tells the
// neighbours where ip is: a request for itself, with a target hardware
// address of all ones.
func gratuitousARP(mac net.HardwareAddr, ip netip.Addr) ([]byte, error) {
	ones := make(net.HardwareAddr, len(mac))
	for i := range ones {
		ones[i] = 0xff
	}
	p, err := arp.NewPacket(arp.OperationRequest, mac, ip, ones, ip)
	if err != nil {
		return nil, fmt.Errorf("gratuitous ARP for %v: %w", ip, err)
	}
	if len(mac) == infinibandAddress {
		p.HardwareType = arphrdInfiniband
	}
	return p.MarshalBinary()
}

// InfiniBand has its own hardware type in ARP and longer addresses (RFC 4391).
const (
	arphrdInfiniband  = 32
	infinibandAddress = 20
)

var allNodes = netip.MustParseAddr("ff02::1")

// Parts of a neighbour advertisement (RFC 4861 4.4).
const (
	ipv6Header       = 40
	protocolICMPv6   = 58
	typeNeighbourAdv = 136
	flagRouter       = 0x80
	flagOverride     = 0x20
	optionTargetLL   = 2
	hopLimitND       = 255
)

// unsolicitedNA is the IPv6 packet that tells all nodes where ip is: a
// neighbour advertisement from ip itself with Override set, Solicited clear
// and the hardware address as its option. router says that the interface
// forwards.
func unsolicitedNA(mac net.HardwareAddr, ip netip.Addr, router bool) []byte {
	// The option's length counts 8 bytes; what is left is zero.
	option := (2 + len(mac) + 7) &^ 7
	body := 24 + option
	p := make([]byte, ipv6Header+body)
	p[0] = 6 << 4
	binary.BigEndian.PutUint16(p[4:], uint16(body))
	p[6], p[7] = protocolICMPv6, hopLimitND
	source, group := ip.As16(), allNodes.As16()
	copy(p[8:], source[:])
	copy(p[24:], group[:])

	icmp := p[ipv6Header:]
	icmp[0] = typeNeighbourAdv
	icmp[4] = flagOverride
	if router {
		icmp[4] |= flagRouter
	}
	copy(icmp[8:], source[:])
	icmp[24], icmp[25] = optionTargetLL, byte(option/8)
	copy(icmp[26:], mac)
	binary.BigEndian.PutUint16(icmp[2:], icmpv6Checksum(p))
	return p
}

// icmpv6Checksum is the checksum of an IPv6 packet whose checksum field is
// zero (RFC 4443 2.3).
func icmpv6Checksum(p []byte) uint16 {
	sum := uint32(len(p)-ipv6Header) + protocolICMPv6
	for i := 8; i+1 < len(p); i += 2 { // addresses, then the message
		sum += uint32(binary.BigEndian.Uint16(p[i:]))
	}
	if len(p)%2 != 0 {
		sum += uint32(p[len(p)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
