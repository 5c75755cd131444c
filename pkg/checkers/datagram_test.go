package checkers

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/miekg/dns"
	"golang.org/x/sys/unix"

	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/script"
)

func helperProcess(t *testing.T, name string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+name+"$")
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

func dnsCheck(to netip.AddrPort, timeout time.Duration) *config.Checker {
	c := check(config.CheckDNS, to, timeout)
	c.DNS = &config.DNSCheck{Type: "SOA", Name: "."}
	return c
}

func udpCheck(to netip.AddrPort, timeout time.Duration, reply bool) *config.Checker {
	c := check(config.CheckUDP, to, timeout)
	c.UDP = &config.UDPCheck{RequireReply: reply, MaxReply: 255}
	return c
}

func smtpCheck(to netip.AddrPort, timeout time.Duration) *config.Checker {
	c := check(config.CheckSMTP, to, timeout)
	c.SMTP = &config.SMTPCheck{HELOName: "smtpchecker.keepalived.org"}
	return c
}

func TestDNSQuery(t *testing.T) {
	for _, tc := range []struct{ typ, name, want string }{
		{"SOA", ".", "01000001000000000000" + "00" + "0006" + "0001"},
		{"A", "x.example", "01000001000000000000" + "0178076578616d706c6500" + "0001" + "0001"},
		{"DNSKEY", "x.example.", "01000001000000000000" + "0178076578616d706c6500" + "0030" + "0001"},
	} {
		p, id, err := dnsQuery(&config.DNSCheck{Type: tc.typ, Name: tc.name})
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(p[2:]); got != tc.want || binary.BigEndian.Uint16(p) != id {
			t.Errorf("%s %s: %s, want %s", tc.typ, tc.name, got, tc.want)
		}
	}
	if _, _, err := dnsQuery(&config.DNSCheck{Type: "BOGUS", Name: "."}); err == nil {
		t.Error("unknown type accepted")
	}
}

func TestDNS(t *testing.T) {
	header := func(id uint16, flags ...byte) []byte {
		return append(binary.BigEndian.AppendUint16(nil, id), append(flags, make([]byte, 8)...)...)
	}
	id := func(q []byte) uint16 { return binary.BigEndian.Uint16(q) }
	for name, tc := range map[string]struct {
		answers func(q []byte) [][]byte
		timeout time.Duration
		want    string
	}{
		"header only":      {func(q []byte) [][]byte { return [][]byte{header(id(q), 0x80, 0)} }, long, ""},
		"wrong id first":   {func(q []byte) [][]byte { return [][]byte{header(id(q)+1, 0x80, 0), header(id(q), 0x80, 0)} }, long, ""},
		"question first":   {func(q []byte) [][]byte { return [][]byte{q, header(id(q), 0x80, 0)} }, long, ""},
		"short first":      {func(q []byte) [][]byte { return [][]byte{q[:5], {}, header(id(q), 0x80, 0)} }, long, ""},
		"NXDOMAIN":         {func(q []byte) [][]byte { return [][]byte{header(id(q), 0x81, 0x83)} }, long, "read error occurred. (rcode = 3)"},
		"REFUSED":          {func(q []byte) [][]byte { return [][]byte{header(id(q), 0x80, 5)} }, long, "read error occurred. (rcode = 5)"},
		"silent":           {func(q []byte) [][]byte { return nil }, short, "read timeout from socket"},
		"only wrong ids":   {func(q []byte) [][]byte { return [][]byte{header(id(q)+1, 0x80, 0)} }, short, "read timeout from socket"},
		"garbage of 64 kB": {func(q []byte) [][]byte { return [][]byte{make([]byte, 60000)} }, short, "read timeout from socket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := run(t, dnsCheck(serveUDP(t, tc.answers), tc.timeout))
			if tc.want == "" {
				expect(t, o, health.Good, "")
			} else {
				expect(t, o, health.Bad, tc.want)
			}
		})
	}
	expect(t, run(t, dnsCheck(closedPort(t, "udp"), long)), health.Bad, "failed to read socket; errno 111 (Connection refused)")
}

// TestDNSServer: a real server and a real question.
func TestDNSServer(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan dns.Question, 1)
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, r *dns.Msg) {
		asked <- r.Question[0]
		m := new(dns.Msg)
		m.SetReply(r)
		_ = w.WriteMsg(m)
	})}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = s.Shutdown() })
	c := dnsCheck(netip.MustParseAddrPort(pc.LocalAddr().String()), long)
	c.DNS = &config.DNSCheck{Type: "AAAA", Name: "www.x.example"}
	expect(t, run(t, c), health.Good, "")
	if q := <-asked; q.Name != "www.x.example." || q.Qtype != dns.TypeAAAA || q.Qclass != dns.ClassINET {
		t.Errorf("asked for %v", q)
	}
}

func TestUDP(t *testing.T) {
	echo := func(p []byte) [][]byte { return [][]byte{p} }
	mute := func([]byte) [][]byte { return nil }
	say := func(s string) func([]byte) [][]byte { return func([]byte) [][]byte { return [][]byte{[]byte(s)} } }
	for name, tc := range map[string]struct {
		server  func([]byte) [][]byte
		udp     config.UDPCheck
		timeout time.Duration
		want    string
	}{
		"any answer":         {say("x"), config.UDPCheck{}, long, ""},
		"silence is fine":    {mute, config.UDPCheck{}, short, ""},
		"silence is not":     {mute, config.UDPCheck{RequireReply: true}, short, "timeout"},
		"any reply":          {say(strings.Repeat("x", 1000)), config.UDPCheck{RequireReply: true, MaxReply: 255}, long, ""},
		"empty reply":        {say(""), config.UDPCheck{RequireReply: true, MaxReply: 255}, long, ""},
		"echo":               {echo, config.UDPCheck{RequireReply: true, MaxReply: 255, Payload: []byte{1, 2}, Reply: []byte{1, 2}}, long, ""},
		"default payload":    {echo, config.UDPCheck{RequireReply: true, MaxReply: 255, Reply: []byte("keepalived check - keepalived ch")}, long, ""},
		"mismatch":           {say("ab"), config.UDPCheck{RequireReply: true, MaxReply: 255, Reply: []byte("ac")}, long, "reply data mismatch"},
		"masked":             {say("ab"), config.UDPCheck{RequireReply: true, MaxReply: 255, Reply: []byte("ac"), ReplyMask: []byte{0xff, 0xf0}}, long, ""},
		"longer than wanted": {say("abc"), config.UDPCheck{RequireReply: true, MaxReply: 255, Reply: []byte("ab")}, long, ""},
		"shorter":            {say("a"), config.UDPCheck{RequireReply: true, MaxReply: 255, Reply: []byte("ab")}, long, ""},
		"too short":          {say("a"), config.UDPCheck{RequireReply: true, MinReply: 2, MaxReply: 255, Reply: []byte("ab")}, long, "reply data mismatch"},
		"too long":           {say("abc"), config.UDPCheck{RequireReply: true, MaxReply: 2, Reply: []byte("ab")}, long, "reply data mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := check(config.CheckUDP, serveUDP(t, tc.server), tc.timeout)
			c.UDP = &tc.udp
			o := run(t, c)
			if tc.want == "" {
				expect(t, o, health.Good, "")
			} else {
				expect(t, o, health.Bad, tc.want)
			}
		})
	}
	expect(t, run(t, udpCheck(closedPort(t, "udp"), long, false)), health.Bad, "failed")
	// Here our own trouble is a failure.
	c := udpCheck(closedPort(t, "udp"), long, false)
	c.BindAddr = netip.MustParseAddr("192.0.2.1")
	expect(t, run(t, c), health.Bad, "failed")
}

// talk plays a server: each line is sent, then one line is read.
func talk(lines ...string) func(net.Conn) {
	return func(conn net.Conn) {
		buf := make([]byte, 1024)
		for _, l := range lines {
			if _, err := io.WriteString(conn, l); err != nil {
				return
			}
			if _, err := conn.Read(buf); err != nil {
				return
			}
		}
	}
}

func TestSMTP(t *testing.T) {
	for name, tc := range map[string]struct {
		server  func(net.Conn)
		timeout time.Duration
		want    string
	}{
		"good":              {talk("220 x\r\n", "250 y\r\n", "221 bye\r\n"), long, ""},
		"many lines":        {talk("220-x\r\n220-y\r\n220 z\r\n", "250-a\r\n250 b\r\n", "221 bye\r\n"), long, ""},
		"bare codes":        {talk("220\r\n", "250\r\n", "x\r\n"), long, ""},
		"bad greeting":      {talk("554 no\r\n"), long, "Bad greeting banner from server %s"},
		"no digits":         {talk("2200 x\r\n"), long, "Bad greeting banner from server %s"},
		"endless greeting":  {talk("220" + strings.Repeat("x", 2000)), long, "Bad greeting banner from server %s"},
		"too many lines":    {talk(strings.Repeat("220-x\r\n", 200)), long, "Bad greeting banner from server %s"},
		"bad HELO":          {talk("220 x\r\n", "550 who\r\n"), long, "Bad HELO response from server %s"},
		"silent":            {silent, short, "Read timeout from server %s"},
		"silent after HELO": {func(c net.Conn) { talk("220 x\r\n")(c); silent(c) }, short, "Read timeout from server %s"},
		"closes at once":    {func(net.Conn) {}, long, "Read failure from server %s"},
		"resets":            {func(c net.Conn) { talk("220 x\r\n")(c); reset(c) }, long, "Read failure from server %s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := serve(t, tc.server)
			o := run(t, smtpCheck(to, tc.timeout))
			if tc.want == "" {
				expect(t, o, health.Good, "")
			} else {
				server := bracketed(smtpCheck(to, 0))
				expect(t, o, health.Bad, strings.ReplaceAll(tc.want, "%s", server))
			}
		})
	}
	to := closedPort(t, "tcp")
	expect(t, run(t, smtpCheck(to, long)), health.Bad, "Could not connect to server "+bracketed(smtpCheck(to, 0)))
	to = fullBacklog(t)
	expect(t, run(t, smtpCheck(to, short)), health.Bad, "Connection timeout to server "+bracketed(smtpCheck(to, 0)))
}

// backend notes who said HELO and takes no mail.
type backend struct{ hello chan string }

func (b backend) NewSession(c *smtp.Conn) (smtp.Session, error) {
	b.hello <- c.Hostname()
	return noMail{}, nil
}

type noMail struct{}

func (noMail) Reset()                               {}
func (noMail) Logout() error                        { return nil }
func (noMail) Mail(string, *smtp.MailOptions) error { return io.ErrClosedPipe }
func (noMail) Rcpt(string, *smtp.RcptOptions) error { return io.ErrClosedPipe }
func (noMail) Data(io.Reader) error                 { return io.ErrClosedPipe }

// TestSMTPServer: a real server.
func TestSMTPServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := backend{make(chan string, 10)}
	s := smtp.NewServer(b)
	s.Domain = "x.example"
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { s.Close() })
	expect(t, run(t, smtpCheck(netip.MustParseAddrPort(ln.Addr().String()), long)), health.Good, "")
	if name := <-b.hello; name != "smtpchecker.keepalived.org" {
		t.Errorf("HELO %q", name)
	}
}

func TestPingPacket(t *testing.T) {
	p := pingPacket(echoRequest4, 0x102)
	if len(p) != 136 || p[0] != 8 || p[6] != 1 || p[7] != 2 {
		t.Errorf("% x", p[:8])
	}
	if text := string(p[8:]); text != strings.Repeat("keepalived check - ", 7)[:128] {
		t.Errorf("payload %q", text)
	}
}

// pingAllowed says whether we may open ICMP datagram sockets.
func pingAllowed(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_ICMP)
	if err != nil {
		t.Skipf("ICMP datagram socket: %v (net.ipv4.ping_group_range)", err)
	}
	unix.Close(fd)
}

func TestPing(t *testing.T) {
	pingAllowed(t)
	for _, to := range []string{"127.0.0.1:0", "[::1]:0"} {
		target := &Target{Checker: check(config.CheckPING, netip.MustParseAddrPort(to), long)}
		for i := range 3 {
			expect(t, target.Run(context.Background()), health.Good, "")
			if target.ping.sequence != uint16(i+1) {
				t.Errorf("sequence %d in run %d", target.ping.sequence, i)
			}
		}
		target.Close()
		expect(t, target.Run(context.Background()), health.Good, "")
		if target.ping.sequence != 1 {
			t.Errorf("sequence %d on a new socket", target.ping.sequence)
		}
		target.Close()
	}
	c := check(config.CheckPING, netip.MustParseAddrPort("127.0.0.1:0"), long)
	c.BindAddr = netip.MustParseAddr("192.0.2.1")
	expect(t, run(t, c), health.LocalTrouble, "socket bind failed.")
}

func miscTarget(t *testing.T, timeout time.Duration, args ...string) *Target {
	t.Helper()
	runner := script.NewRunner(script.RunnerOptions{})
	t.Cleanup(runner.Close)
	return &Target{
		Checker: &config.Checker{Kind: config.CheckMISC, Misc: &config.MiscCheck{Timeout: timeout}},
		Scripts: runner,
		Command: script.Command{
			Path: args[0], Args: args,
			Credentials: script.Credentials{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())},
		},
	}
}

func TestMisc(t *testing.T) {
	ctx := context.Background()
	// Written before anything is forked, which would hold it open.
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("#!/no/such/thing\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		body string
		want health.Outcome
	}{
		"0":      {"exit 0", health.Outcome{}},
		"1":      {"exit 1", health.Outcome{Verdict: health.Bad, Exit: 1}},
		"200":    {"exit 200", health.Outcome{Verdict: health.Bad, Exit: 200}},
		"signal": {"kill -9 $$", health.Outcome{Verdict: health.Bad, Signal: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := miscTarget(t, long, "/bin/sh", "-c", tc.body).Run(ctx)
			o.Duration = 0
			if o != tc.want {
				t.Errorf("%+v, want %+v", o, tc.want)
			}
		})
	}
	t.Run("timeout", func(t *testing.T) {
		t.Parallel()
		// That it ends well when told to end does not help it.
		o := miscTarget(t, short, "/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.01; done").Run(ctx)
		if o.Verdict != health.Bad || !o.TimedOut {
			t.Errorf("%+v, want a timeout", o)
		}
	})
	t.Run("bad interpreter", func(t *testing.T) {
		t.Parallel()
		if o := miscTarget(t, long, broken).Run(ctx); o.Verdict != health.Bad || o.Text == "" {
			t.Errorf("%+v, want a failure with a reason", o)
		}
	})
	t.Run("not runnable", func(t *testing.T) {
		t.Parallel()
		target := miscTarget(t, long, "/bin/true")
		target.NotRunnable = "not found"
		expect(t, target.Run(ctx), health.Bad, "not found")
	})
}

func FuzzAcceptable(f *testing.F) {
	f.Add([]byte("ab"), []byte("ac"), []byte{0xff}, uint16(0), uint16(255))
	f.Fuzz(func(t *testing.T, reply, want, mask []byte, low, high uint16) {
		acceptable(&config.UDPCheck{RequireReply: true, Reply: want, ReplyMask: mask, MinReply: low, MaxReply: high}, reply)
	})
}
