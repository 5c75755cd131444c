package lvs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// Traffic goes from the client through the balancer to two servers:
//
//	client 10.9.0.1      balancer 10.9.0.2      servers 10.9.0.3, 10.9.0.4
//	lo 10.7.0.1          10.8.0.1 .2 .3         lo 10.8.0.2, tunl0 10.8.0.3
//	    |                     |                      |       |
//	----+---------------------+----------------------+-------+----
//
// 10.8.0.1 is NAT, used from 10.7.0.1, for which the servers answer through
// the balancer; 10.8.0.2 is DR and 10.8.0.3 TUN, answered directly.
type network struct {
	*nstest.LAN
	client, balancer *nstest.NS
	servers          [2]*trafficServer
}

// methods are the forwarding methods with the addresses of their services and
// the address that the client uses.
var methods = []struct{ name, vip, from string }{
	{"NAT", "10.8.0.1", "10.7.0.1"}, {"DR", "10.8.0.2", "10.9.0.1"}, {"TUN", "10.8.0.3", "10.9.0.1"},
}

func newNetwork(t *testing.T) *network {
	l := nstest.NewLAN(t, "gklvt", 4)
	n := &network{LAN: l, client: l.Hosts[0], balancer: l.Hosts[1]}
	script := func(ns *nstest.NS, lines string) { ns.Run("sh", "-ec", lines) }
	script(n.client, "ip addr add 10.7.0.1/32 dev lo; ip route add 10.8.0.0/24 via 10.9.0.2")
	script(n.balancer, `echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects
		echo 0 >/proc/sys/net/ipv4/conf/eth0/send_redirects
		for i in 1 2 3; do ip addr add 10.8.0.$i/32 dev lo; done; ip route add 10.7.0.1 via 10.9.0.1`)
	for i, ns := range l.Hosts[2:] {
		script(ns, `for c in all eth0 lo; do echo 1 >/proc/sys/net/ipv4/conf/$c/arp_ignore; echo 2 >/proc/sys/net/ipv4/conf/$c/arp_announce; done
			ip route add 10.7.0.1 via 10.9.0.2; ip addr add 10.8.0.2/32 dev lo
			ip link show tunl0 >/dev/null 2>&1 || ip tunnel add tunl0 mode ipip
			ip link set tunl0 up; ip addr add 10.8.0.3/32 dev tunl0
			echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter; echo 0 >/proc/sys/net/ipv4/conf/tunl0/rp_filter`)
		n.servers[i] = newTrafficServer(t, ns, fmt.Sprintf("10.9.0.%d", 3+i))
	}
	return n
}

// trafficServer answers each line it gets with its name, by TCP and UDP, and
// streams after the line "stream".
type trafficServer struct {
	name      string
	listener  net.Listener
	datagrams []net.PacketConn
	mu        sync.Mutex
	conns     []net.Conn
}

func newTrafficServer(t *testing.T, ns *nstest.NS, addr string) *trafficServer {
	s := &trafficServer{name: addr}
	ns.Do(func() {
		var err error
		if s.listener, err = net.Listen("tcp4", "0.0.0.0:80"); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{addr, "10.8.0.2", "10.8.0.3"} {
			p, err := net.ListenPacket("udp4", at+":80")
			if err != nil {
				t.Fatal(err)
			}
			s.datagrams = append(s.datagrams, p)
		}
	})
	t.Cleanup(s.die)
	for _, p := range s.datagrams {
		go func() {
			buf := make([]byte, 100)
			for {
				_, from, err := p.ReadFrom(buf)
				if err != nil {
					return
				}
				_, _ = p.WriteTo([]byte(s.name+"\n"), from)
			}
		}()
	}
	go func() {
		for {
			c, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			go s.serve(c)
		}
	}()
	return s
}

func (s *trafficServer) serve(c net.Conn) {
	defer c.Close()
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		if lines.Text() == "stream" {
			block := make([]byte, 16<<10)
			for {
				if _, err := c.Write(block); err != nil {
					return
				}
				time.Sleep(5 * time.Millisecond) // a transfer that lasts, not a load
			}
		}
		fmt.Fprintln(c, s.name)
	}
}

// die ends the server with all its connections.
func (s *trafficServer) die() {
	s.listener.Close()
	for _, p := range s.datagrams {
		p.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.Close()
	}
}

func (n *network) dial(t *testing.T, network, vip, from string) (net.Conn, error) {
	t.Helper()
	var c net.Conn
	var err error
	n.client.Do(func() {
		d := net.Dialer{Timeout: 5 * time.Second}
		if network == "tcp" {
			d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
		} else {
			d.LocalAddr = &net.UDPAddr{IP: net.ParseIP(from)}
		}
		c, err = d.Dial(network, vip+":80")
	})
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// ask sends a line and returns the answer.
func ask(c net.Conn) (string, error) {
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(c, "who\n"); err != nil {
		return "", err
	}
	buf := make([]byte, 100)
	n, err := c.Read(buf)
	return strings.TrimSpace(string(buf[:n])), err
}

// receive reads so much of a stream.
func receive(c net.Conn, size int64) error {
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, c, size)
	return err
}

func trafficConf(weight int, more string) string {
	var b strings.Builder
	for _, m := range methods {
		for _, protocol := range []string{"TCP", "UDP"} {
			fmt.Fprintf(&b, "virtual_server %s 80 {\n delay_loop 0.5\n protocol %s\n lvs_sched rr\n lvs_method %s\n", m.vip, protocol, m.name)
			for i := 3; i <= 4; i++ {
				fmt.Fprintf(&b, " real_server 10.9.0.%d 80 {\n  weight %d\n  TCP_CHECK {\n   connect_port 80\n   connect_timeout 2\n   retry 0\n   warmup 0\n  }\n }\n", i, weight)
			}
			b.WriteString("}\n")
		}
	}
	return b.String() + more
}

// TestTraffic: connections reach the servers by every method, a transfer
// outlives reloads, and with a server only its own connections die. Entries of
// the operator are there all the time.
func TestTraffic(t *testing.T) {
	nstest.Require(t, "netns", "ipvs")
	binary := builtBinary(t)
	n := newNetwork(t)
	d := &side{t: t, ns: n.balancer, conf: t.TempDir() + "/keepalived.conf"}
	const foreign = "-A -t 10.6.0.1:99 -s wlc\n-a -t 10.6.0.1:99 -r 10.9.0.3:99 -m -w 4"
	n.balancer.Run("ipvsadm", "-A", "-t", "10.6.0.1:99", "-s", "wlc")
	n.balancer.Run("ipvsadm", "-a", "-t", "10.6.0.1:99", "-r", "10.9.0.3:99", "-m", "-w", "4")
	d.write(trafficConf(1, ""))
	d.start(binary)
	d.WaitOutput("Activating BFD healthchecker", patience)

	type conn struct {
		net.Conn
		method, server string
	}
	var open []conn
	var streams []net.Conn
	for _, m := range methods {
		for _, network := range []string{"tcp", "udp"} {
			seen := map[string]int{}
			for range 4 {
				c, err := n.dial(t, network, m.vip, m.from)
				if err != nil {
					t.Fatalf("%s %s: %v", m.name, network, err)
				}
				name, err := ask(c)
				if err != nil {
					t.Fatalf("%s %s: %v\n%s", m.name, network, err, n.balancer.Run("ipvsadm", "-Lnc"))
				}
				seen[name]++
				if network == "tcp" {
					open = append(open, conn{c, m.name, name})
				}
			}
			if len(seen) != 2 || seen["10.9.0.3"] != 2 {
				t.Errorf("%s %s: connections by server %v", m.name, network, seen)
			}
		}
		c, err := n.dial(t, "tcp", m.vip, m.from)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(c, "stream")
		if err := receive(c, 1<<18); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		streams = append(streams, c)
	}

	// Reloads that change other things: weights and a service that comes,
	// then goes.
	const more = "virtual_server 10.8.0.9 80 {\n lvs_sched rr\n lvs_method NAT\n protocol TCP\n real_server 10.9.0.3 80 {\n }\n}\n"
	for i, text := range []string{trafficConf(5, more), trafficConf(5, "")} {
		d.write(text)
		d.Signal(syscall.SIGHUP)
		nstest.Eventually(t, patience, "reload", func() (bool, string) {
			return strings.Count(d.Output(), "Reload complete") > i, d.Output()
		})
		for j, c := range streams {
			if err := receive(c, 1<<19); err != nil {
				t.Errorf("%s: the transfer ended at reload %d: %v", methods[j].name, i+1, err)
			}
		}
	}
	for _, c := range open {
		if name, err := ask(c); err != nil || name != c.server {
			t.Errorf("%s: connection to %s after reloads: %q, %v", c.method, c.server, name, err)
		}
	}

	// One server dies.
	n.servers[0].die()
	for _, m := range methods {
		d.WaitOutput("Removing service [10.9.0.3]:tcp:80 from VS ["+m.vip+"]:tcp:80", patience)
		d.WaitOutput("Removing service [10.9.0.3]:udp:80 from VS ["+m.vip+"]:udp:80", patience)
	}
	survived := 0
	for _, c := range open {
		name, err := ask(c)
		switch {
		case c.server == "10.9.0.3" && err == nil:
			t.Errorf("%s: a connection to the dead server got %q", c.method, name)
		case c.server == "10.9.0.4" && (err != nil || name != c.server):
			t.Errorf("%s: a connection to the living server: %q, %v", c.method, name, err)
		case c.server == "10.9.0.4":
			survived++
		case errors.Is(err, os.ErrDeadlineExceeded):
			// Its end was sent while the entry was still there.
			t.Errorf("%s: a connection to the dead server hangs", c.method)
		}
	}
	if survived != 2*len(methods) {
		t.Errorf("%d connections survived", survived)
	}
	for _, m := range methods {
		for range 3 {
			c, err := n.dial(t, "tcp", m.vip, m.from)
			if err != nil {
				t.Errorf("%s: new connection: %v", m.name, err)
				continue
			}
			if name, err := ask(c); err != nil || name != "10.9.0.4" {
				t.Errorf("%s: new connection: %q, %v", m.name, name, err)
			}
		}
	}
	d.Signal(syscall.SIGTERM)
	if err := d.Wait(patience); err != nil {
		t.Error(err)
	}
	if left := d.table(); left != foreign {
		t.Errorf("after stop:\n%s\nwant:\n%s", left, foreign)
	}
}
