package snmp

import (
	"context"
	"fmt"
	"net"
	"strings"
)

// masterPort is the registered port of AgentX.
const masterPort = "705"

// masterAddress reads the address of a master in net-snmp's transport syntax:
// a path, "unix:PATH", "tcp:HOST:PORT", "tcp6:[ADDRESS]:PORT", "udp:HOST:PORT".
// Host and port may be left out: localhost and 705.
func masterAddress(spec string) (network, address string) {
	scheme, rest, found := strings.Cut(spec, ":")
	switch network = strings.ToLower(scheme); {
	case !found || strings.HasPrefix(spec, "/") || strings.HasPrefix(spec, "["):
		network, rest = "", spec
	case network == "unix" || network == "local":
		return "unix", rest
	case network == "tcp" || network == "tcp6" || network == "udp" || network == "udp6":
	case network == "tcpv6" || network == "tcpipv6":
		network = "tcp6"
	case network == "udpv6" || network == "udpipv6":
		network = "udp6"
	default: // HOST:PORT
		network, rest = "", spec
	}
	if network == "" {
		if strings.Contains(rest, "/") {
			return "unix", rest
		}
		network = "tcp"
	}
	host, port := rest, masterPort
	switch {
	case strings.Trim(rest, "0123456789") == "" && rest != "":
		host, port = "", rest
	case strings.HasPrefix(rest, "[") && strings.HasSuffix(rest, "]"):
		host = rest[1 : len(rest)-1]
	case strings.HasPrefix(rest, "[") || strings.Count(rest, ":") == 1:
		if h, p, err := net.SplitHostPort(rest); err == nil {
			host, port = h, p
		}
	}
	if host == "" {
		host = "localhost"
	}
	return network, net.JoinHostPort(host, port)
}

// dial connects to a master.
func dial(ctx context.Context, spec string) (net.Conn, error) {
	network, address := masterAddress(spec)
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("snmp_socket %s: %w", spec, err)
	}
	return c, nil
}
