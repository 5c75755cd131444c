package checkers

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// Servers that others wrote, from Debian's packages.

// packaged is a running server; its files are in dir.
type packaged struct {
	t   *testing.T
	cmd *exec.Cmd
	dir string
	at  netip.AddrPort
}

// startPackaged runs a server in a folder with these files, in which DIR, HOST,
// PORT and ADDR stand for what is not known before, and waits until it serves.
func startPackaged(t *testing.T, files map[string]string, name string, args ...string) *packaged {
	t.Helper()
	path := needCommand(t, name)
	p := &packaged{t: t, dir: t.TempDir(), at: closedPort(t, "tcp")}
	fill := strings.NewReplacer("DIR", p.dir, "HOST", p.at.Addr().String(), "PORT", fmt.Sprint(p.at.Port()), "ADDR", p.at.String(), "PATH", path)
	for file, text := range files {
		writeFiles(t, p.dir, map[string]string{file: fill.Replace(text)})
	}
	if err := os.Chmod(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = fill.Replace(args[i])
	}
	p.cmd = exec.Command(path, args...)
	if len(args) > 0 && args[0] == "unshare" {
		p.cmd = exec.Command("unshare", args[1:]...)
	}
	output, err := os.Create(filepath.Join(p.dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = output, output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	output.Close()
	t.Cleanup(p.stop)
	p.waitUntilServing()
	return p
}

func (p *packaged) waitUntilServing() {
	p.t.Helper()
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.at.String()) // name servers listen there as well
		if err == nil {
			conn.Close()
			return
		}
	}
	text, _ := os.ReadFile(filepath.Join(p.dir, "output"))
	p.t.Fatalf("%s does not serve:\n%s", p.cmd.Path, text)
}

// stop ends the server with all its processes, of which we only know when they
// are gone by their socket.
func (p *packaged) stop() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.cmd.Wait()
	for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.at.String())
		if err != nil {
			return
		}
		conn.Close()
	}
	p.t.Errorf("%s does not end", p.cmd.Path)
}

const nginxHead = `pid DIR/pid;
error_log stderr;
daemon off;
user root;
events {}
http {
	access_log off;
	client_body_temp_path DIR; proxy_temp_path DIR; fastcgi_temp_path DIR; uwsgi_temp_path DIR; scgi_temp_path DIR;
`

func TestNginx(t *testing.T) {
	page := strings.Repeat("hello\n", 20000)
	nginx := startPackaged(t, map[string]string{
		"conf": nginxHead + "server { listen ADDR; root DIR; location /moved { return 301 /; } location /gone { return 404; } } }\n", "index.html": page,
	}, "nginx", "-c", "DIR/conf")
	for _, protocol := range []config.HTTPProtocol{config.HTTP10, config.HTTP10Close, config.HTTP11} {
		c := webCheck(nginx.at, long,
			&config.HTTPURL{Path: "/", Digest: digestOf(page), Regex: &config.HTTPRegex{Pattern: `(?:hello\n){20000}$`}},
			&config.HTTPURL{Path: "/moved"}, &config.HTTPURL{Path: "/gone", StatusCodes: []config.StatusRange{{First: 404, Last: 404}}})
		c.HTTP.Protocol = protocol
		for url, want := range []string{"", logtext.ReasonWebStatus, ""} {
			verdict := health.Good
			if want != "" {
				verdict = health.Bad
			}
			target := &Target{Checker: c, URL: url}
			expect(t, target.Run(context.Background()), verdict, want)
		}
	}
	nginx.stop()
	expect(t, run(t, webCheck(nginx.at, long)), health.Bad, logtext.ReasonWebRefused)
}

// TestNginxTLS: server names, TLS versions, an old cipher, a client
// certificate.
func TestNginxTLS(t *testing.T) {
	root := issue(t, "root", true, nil)
	middle := issue(t, "middle", true, root)
	client, server := issue(t, "client", false, middle), issue(t, "www.x.example", false, nil)
	host := func(name, more string) string {
		return fmt.Sprintf("server { listen ADDR ssl; server_name %s; %s\nlocation / { return 200 %q; } }\n", name, more, name)
	}
	nginx := startPackaged(t, map[string]string{
		"conf": nginxHead + "ssl_certificate DIR/cert; ssl_certificate_key DIR/key;\n" +
			host("none", "") + host("www.x.example", "") +
			host("members.x.example", "ssl_verify_client on; ssl_verify_depth 3; ssl_client_certificate DIR/root;") + "}\n",
		"cert": server.pem(), "key": server.keyPEM(t), "root": root.pem(), "ca": middle.pem() + root.pem(),
		"client": client.pem(), "client.key": client.keyPEM(t),
	}, "nginx", "-c", "DIR/conf")
	ssl := &config.SSL{Certificate: nginx.dir + "/client", Key: nginx.dir + "/client.key"}
	alone, err := LoadCertificate(ssl)
	if err != nil {
		t.Fatal(err)
	}
	ssl.CA = nginx.dir + "/ca"
	complete, err := LoadCertificate(ssl)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		sni, host, body string
		cert            int
		want            string
	}{
		{"", "", "none", 0, ""},
		{"www.x.example", "www.x.example", "www.x.example", 0, ""},
		{"members.x.example", "members.x.example", "members.x.example", 0, logtext.ReasonWebStatus},
		{"members.x.example", "members.x.example", "members.x.example", 1, logtext.ReasonWebStatus},
		{"members.x.example", "members.x.example", "members.x.example", 2, ""},
	} {
		target := &Target{
			Checker:     sslCheck(nginx.at, long, &config.HTTPURL{Path: "/", SNIName: tc.sni, VirtualHost: tc.host, Digest: digestOf(tc.body)}),
			Certificate: []*tls.Certificate{nil, alone, complete}[tc.cert],
		}
		verdict := health.Good
		if tc.want != "" {
			verdict = health.Bad
		}
		expect(t, target.Run(context.Background()), verdict, tc.want)
	}
	for _, only := range []string{"ssl_protocols TLSv1.2;", "ssl_protocols TLSv1.3;"} {
		other := startPackaged(t, map[string]string{
			"conf": nginxHead + "ssl_certificate DIR/cert; ssl_certificate_key DIR/key;" + only + host("none", "") + "}\n",
			"cert": server.pem(), "key": server.keyPEM(t),
		}, "nginx", "-c", "DIR/conf")
		expect(t, run(t, sslCheck(other.at, long, &config.HTTPURL{Path: "/", Digest: digestOf("none")})), health.Good, "")
	}
}

func TestMailServers(t *testing.T) {
	check := func(at netip.AddrPort) *config.Checker {
		c := check(config.CheckSMTP, at, long)
		c.SMTP = &config.SMTPCheck{HELOName: "lb1.x.example"}
		return c
	}
	for name, start := range map[string]func(*testing.T) *packaged{
		"aiosmtpd": func(t *testing.T) *packaged {
			return startPackaged(t, nil, "aiosmtpd", "-n", "-l", "ADDR", "-c", "aiosmtpd.handlers.Debugging", "stdout")
		},
		// It has its socket and its queue in fixed places.
		"opensmtpd": func(t *testing.T) *packaged {
			nstest.Require(t, "netns") // root
			return startPackaged(t, map[string]string{
				"conf": "listen on HOST port PORT\naction \"keep\" maildir \"DIR/mail\"\nmatch from any for any action \"keep\"\n",
			}, "smtpd", "unshare", "-m", "sh", "-c",
				"mount -t tmpfs run /run && mount -t tmpfs spool /var/spool && install -d -m 0711 /var/spool/smtpd && exec PATH -d -f DIR/conf")
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			for range 3 {
				expect(t, run(t, check(server.at)), health.Good, "")
			}
			server.stop()
			expect(t, run(t, check(server.at)), health.Bad, "Could not connect to server "+bracketed(check(server.at)))
		})
	}
}

func TestNameServer(t *testing.T) {
	nsd := startPackaged(t, map[string]string{
		"conf": `server:
	ip-address: HOST
	port: PORT
	do-ip6: no
	username: ""
	chroot: ""
	zonesdir: "DIR"
	pidfile: "DIR/pid"
	xfrdfile: "DIR/xfrd"
	zonelistfile: "DIR/zones"
	database: ""
remote-control:
	control-enable: no
zone:
	name: x.example
	zonefile: zone
`,
		"zone": `$ORIGIN x.example.
$TTL 60
@ SOA ns root 1 60 60 60 60
@ NS ns
@ MX 10 www
@ TXT "v=spf1 -all"
@ DNSKEY 256 3 8 AwEAAQ==
ns A 192.0.2.1
www A 192.0.2.2
www AAAA 2001:db8::2
alias CNAME www
`,
	}, "nsd", "-d", "-c", "DIR/conf")
	ask := func(kind, name string) health.Outcome {
		c := check(config.CheckDNS, nsd.at, long)
		c.DNS = &config.DNSCheck{Type: kind, Name: name}
		return run(t, c)
	}
	for _, q := range [][2]string{
		{"SOA", "x.example"}, {"SOA", "x.example."}, {"NS", "x.example"}, {"MX", "x.example"}, {"TXT", "x.example"}, {"DNSKEY", "x.example"},
		{"RRSIG", "x.example"}, {"A", "www.x.example"}, {"AAAA", "www.x.example"}, {"CNAME", "alias.x.example"},
		{"AAAA", "ns.x.example"}, // no such record, but the name
	} {
		expect(t, ask(q[0], q[1]), health.Good, "")
	}
	expect(t, ask("A", "none.x.example"), health.Bad, "read error occurred. (rcode = 3)")
	expect(t, ask("A", "y.example"), health.Bad, "read error occurred. (rcode = 5)")
	nsd.stop()
	expect(t, ask("SOA", "x.example"), health.Bad, "failed to read socket; errno 111 (Connection refused)")
}
