package genhash

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"hash"
	"io"
	"math"
	"net/netip"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/checkers"
	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// headerLimit is how long a header may be before everything counts as one.
const headerLimit = 1 << 16

// Run is genhash: args[0] is what usage calls the program ("genhash",
// "keepalived --genhash"), the rest its arguments. The result is the exit
// status: 1 for wrong usage, else 0.
func Run(args []string, stdout, stderr io.Writer) int {
	name, args := args[0], args[1:]
	o, err := parse(args)
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	if err != nil || o.help || len(args) < 2 || !o.server.IsValid() || o.port == 0 || o.path == "" {
		fmt.Fprint(stderr, usage(name))
		return 1
	}
	p := page{sum: md5.New(), left: math.MaxUint64, verbose: o.verbose, out: stdout}
	if reason := p.fetch(&o); reason != "" {
		fmt.Fprintln(stdout, reason)
		return 0
	}
	if !p.inBody {
		fmt.Fprintln(stderr, "no data received from remote webserver")
	}
	p.print(o.path)
	return 0
}

// usage is keepalived's help.
func usage(name string) string {
	return "Usage: " + name + ` COMMAND [OPTIONS]
Commands:
   -s server-address -p port -u url
   -S -s server-address -p port -u url
   -h

Options:
Either long or short options are allowed.
   --use-ssl         -S       Use SSL connection to remote server.
   --use-sni         -I       Use SNI during SSL handshake (uses virtualhost setting; see -V).
   --server          -s       Use the specified remote server address.
   --port            -p       Use the specified remote server port.
   --url             -u       Use the specified remote server url.
   --use-virtualhost -V       Use the specified virtualhost in GET query.
   --verbose         -v       Use verbose mode output.
   --help            -h       Display this short inlined help screen.
   --fwmark          -m       Use the specified FW mark.
   --protocol        -P       Use the specified HTTP protocol - '1.0', 1.0c', '1.1'.
                                1.0c means 1.0 with 'Connection: close'
   --timeout         -t       Timeout in seconds
`
}

// page takes one answer: the digest of its body up to Content-Length, as
// HTTP_GET has it, whatever the status.
type page struct {
	sum     hash.Hash
	left    uint64 // what still counts
	verbose bool
	out     io.Writer
	header  []byte
	inBody  bool
	took    time.Duration
}

func (p *page) fetch(o *options) (reason string) {
	url := &config.HTTPURL{Path: o.path, VirtualHost: o.virtualHost}
	if o.sni {
		url.SNIName = o.virtualHost
	}
	kind := config.CheckHTTP
	if o.ssl {
		kind = config.CheckSSL
	}
	c := &config.Checker{
		Kind: kind, Destination: netip.AddrPortFrom(o.server, o.port), ConnectTimeout: o.timeout, Fwmark: o.fwmark,
		HTTP: &config.HTTPCheck{Protocol: o.protocol, URLs: []*config.HTTPURL{url}},
	}
	begin := time.Now()
	reason = checkers.Fetch(context.Background(), c, url, p.add)
	p.took = time.Since(begin)
	return strings.TrimRight(reason, " ")
}

func (p *page) add(b []byte) {
	if p.inBody {
		p.body(b)
		return
	}
	if len(p.header) == 0 && p.verbose {
		p.title("    HTTP Header Buffer    ")
	}
	p.header = append(p.header, b...)
	end := bytes.Index(p.header, []byte("\r\n\r\n"))
	if end < 0 && len(p.header) < headerLimit {
		return
	}
	p.inBody = true
	head := p.header[:end+4]
	if end < 0 {
		head = p.header
	}
	if n, found := checkers.ContentLength(head); found {
		p.left = n
	}
	rest := p.header[len(head):]
	if p.verbose {
		dump(p.out, head)
		p.title(" HTTP Header Ascii Buffer ")
		fmt.Fprintf(p.out, "%s\n", head)
		if len(rest) > 0 { // as in genhash
			p.title("        HTML Buffer        ")
		}
	}
	p.body(rest)
}

func (p *page) body(b []byte) {
	b = b[:min(uint64(len(b)), p.left)]
	p.left -= uint64(len(b))
	p.sum.Write(b)
	if p.verbose && len(b) > 0 {
		dump(p.out, b)
	}
}

func (p *page) print(path string) {
	sum := p.sum.Sum(nil)
	final := ""
	if p.inBody {
		final = fmt.Sprintf("%x\n", sum)
	}
	if !p.verbose {
		fmt.Fprint(p.out, final)
		return
	}
	fmt.Fprintln(p.out)
	p.title("    HTML hash resulting    ")
	dump(p.out, sum)
	p.title(" HTML hash final resulting ")
	fmt.Fprintf(p.out, "%s\nGlobal response time for [%s] = %d usecs\n", final, path, p.took.Microseconds())
}

// title draws a rule with text in it.
func (p *page) title(text string) {
	rule := strings.Repeat("-", 23)
	fmt.Fprintf(p.out, "%s[%s]%s\n", rule, text, rule)
}

// dump prints b in lines of 16 bytes: decimal offset, two groups of hex
// numbers, text.
func dump(out io.Writer, b []byte) {
	for at := 0; at < len(b); at += 16 {
		line := b[at:min(at+16, len(b))]
		var hex, text strings.Builder
		for i := range 16 {
			if i == 8 {
				hex.WriteString("- ")
			}
			if i >= len(line) {
				hex.WriteString("   ")
				text.WriteByte(' ')
				continue
			}
			fmt.Fprintf(&hex, "%02x ", line[i])
			if line[i] < 0x20 || line[i] > 0x7e {
				text.WriteByte('.')
			} else {
				text.WriteByte(line[i])
			}
		}
		fmt.Fprintf(out, "%04d  %s  %s\n", at, hex.String(), text.String())
	}
}
