package config

import (
	"net/netip"
	"time"
)

// CheckerKind is the type of a checker block.
type CheckerKind uint8

// Checker kinds.
const (
	CheckTCP CheckerKind = iota
	CheckHTTP
	CheckSSL
	CheckSMTP
	CheckDNS
	CheckMISC
	CheckPING
	CheckUDP
	CheckFILE
	CheckBFD
)

var checkerKinds = [...]string{
	CheckTCP: "TCP_CHECK", CheckHTTP: "HTTP_GET", CheckSSL: "SSL_GET",
	CheckSMTP: "SMTP_CHECK", CheckDNS: "DNS_CHECK", CheckMISC: "MISC_CHECK",
	CheckPING: "PING_CHECK", CheckUDP: "UDP_CHECK", CheckFILE: "FILE_CHECK",
	CheckBFD: "BFD_CHECK",
}

// String is the block keyword.
func (k CheckerKind) String() string {
	if int(k) < len(checkerKinds) {
		return checkerKinds[k]
	}
	return "unknown"
}

// Checker is one checker block of a real server, values of the real and
// virtual server applied. Exactly the pointer that belongs to Kind is set;
// TCP_CHECK and PING_CHECK need none.
type Checker struct {
	Block
	Kind CheckerKind

	// Destination is connect_ip and connect_port, else the real server.
	Destination netip.AddrPort
	BindAddr    netip.Addr // bindto
	BindPort    uint16
	BindIf      string
	// ConnectTimeout default 5 s.
	ConnectTimeout time.Duration
	Fwmark         uint32

	// DelayLoop between the end of a check and the next; default 60 s.
	DelayLoop time.Duration
	// Warmup is the random spread of the first check; default DelayLoop.
	Warmup time.Duration
	// Retry is how many further failures are needed; default by kind.
	Retry            int
	DelayBeforeRetry time.Duration
	// Alpha starts as failed until the first success.
	Alpha          bool
	LogAllFailures bool

	HTTP *HTTPCheck
	SMTP *SMTPCheck
	DNS  *DNSCheck
	Misc *MiscCheck
	UDP  *UDPCheck
	File *FileCheck
	// BFD is the name of the bfd_instance.
	BFD string
}

// HTTPProtocol is http_protocol.
type HTTPProtocol uint8

// Request forms: 1.0, 1.0 with "Connection: close", 1.1 with it.
const (
	HTTP10 HTTPProtocol = iota
	HTTP10Close
	HTTP11
)

// HTTPCheck is what HTTP_GET and SSL_GET add.
type HTTPCheck struct {
	Protocol HTTPProtocol
	// URLs are checked one per run, round and round.
	URLs         []*HTTPURL
	SNIName      string // resolved; "" no SNI
	FastRecovery bool
	TLSCompliant bool
}

// HTTPURL is a url block.
type HTTPURL struct {
	Block
	Path string
	// VirtualHost is resolved; "" uses the destination.
	VirtualHost string
	// Digest is the wanted MD5 of the body, nil if not checked.
	Digest []byte
	// StatusCodes are the accepted ones; default 200-299.
	StatusCodes []StatusRange
	Regex       *HTTPRegex
	// TLSCompliant sends close_notify for this URL.
	TLSCompliant bool
	// SNIName is resolved; "" no SNI.
	SNIName string
}

// StatusRange is an inclusive range of HTTP status codes, 100..599.
type StatusRange struct{ First, Last int }

// HTTPRegex is the regex of a url with its options, PCRE2 syntax.
type HTTPRegex struct {
	Pattern   string
	Options   []string
	NoMatch   bool
	MinOffset uint64
	MaxOffset uint64 // 0: no limit
}

// SMTPCheck is what SMTP_CHECK adds.
type SMTPCheck struct {
	HELOName string // default smtpchecker.keepalived.org
}

// DNSCheck is what DNS_CHECK adds.
type DNSCheck struct {
	Type string // upper case; default SOA
	Name string // default "."
}

// MiscCheck is what MISC_CHECK adds.
type MiscCheck struct {
	Script Script
	// Timeout default: the virtual server's delay_loop.
	Timeout time.Duration
	Dynamic bool
}

// UDPCheck is what UDP_CHECK adds.
type UDPCheck struct {
	Payload []byte // nil: the standard text
	// RequireReply fails the check on silence.
	RequireReply bool
	// Reply and ReplyMask are the wanted bytes; nil accepts any datagram.
	Reply, ReplyMask []byte
	MinReply         uint16
	MaxReply         uint16 // default 255
}

// FileCheck is what FILE_CHECK adds.
type FileCheck struct {
	TrackFile string
	Weight    int
	Reverse   bool
}

// NewUDPCheck returns the defaults of UDP_CHECK.
func NewUDPCheck() *UDPCheck { return &UDPCheck{MaxReply: 255} }

// NewDNSCheck returns the defaults of DNS_CHECK.
func NewDNSCheck() *DNSCheck { return &DNSCheck{Type: "SOA", Name: "."} }
