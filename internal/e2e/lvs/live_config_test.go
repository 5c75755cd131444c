package lvs

import (
	"fmt"
	"strconv"
	"strings"
)

// live is one configuration of TestLive.
type live struct {
	name string
	// top is what stands before the virtual servers.
	top      string
	services []service
	// then is what the reload goes over to; by default see next.
	then    []service
	thenTop string
	// ci: belongs to the default run.
	ci bool
	// differs is a documented difference: the step and the reason why its
	// tables are not compared.
	differs map[string]string
}

// service is one virtual_server: what follows the keyword, its lines separated
// by semicolons, and its servers.
type service struct {
	head, lines string
	servers     []server
}

// server is one real_server: "N[/6] [PORT]; LINE; LINE". Server N is 10.9.0.1N
// or fd00:9::1N. The line "unchecked" leaves the check out.
type server string

// number is N.
func (s server) number() int {
	n, err := strconv.Atoi(string(s[:1]))
	if err != nil {
		panic("server " + string(s))
	}
	return n
}

func (s server) checked() bool { return !strings.Contains(string(s), "unchecked") }

// renumbered is the same server with another number.
func (s server) renumbered(n int) server { return server(strconv.Itoa(n)) + s[1:] }

// checkPort is where the servers listen, whatever their port is.
const checkPort = 9000

func (s server) write(b *strings.Builder) {
	lines := strings.Split(string(s), ";")
	name, port, _ := strings.Cut(lines[0], " ")
	addr := "10.9.0.1" + name
	if n, six := strings.CutSuffix(name, "/6"); six {
		addr = "fd00:9::1" + n
	}
	fmt.Fprintf(b, "    real_server %s %s {\n", addr, port)
	for _, line := range lines[1:] {
		if line = strings.TrimSpace(line); line != "unchecked" {
			fmt.Fprintf(b, "        %s\n", line)
		}
	}
	if s.checked() {
		fmt.Fprintf(b, "        TCP_CHECK {\n            connect_port %d\n            connect_timeout 2\n            retry 0\n            warmup 0\n        }\n", checkPort)
	}
	b.WriteString("    }\n")
}

// text is the configuration file.
func text(top string, services []service) string {
	var b strings.Builder
	b.WriteString(top + "\n")
	for _, s := range services {
		fmt.Fprintf(&b, "virtual_server %s {\n    delay_loop 0.4\n", s.head)
		for line := range strings.SplitSeq(s.lines, ";") {
			fmt.Fprintf(&b, "    %s\n", strings.TrimSpace(line))
		}
		for _, rs := range s.servers {
			rs.write(&b)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// next is the usual reload: the first server goes, the second gets another
// weight, and number 4 comes.
func next(services []service) []service {
	var out []service
	for _, s := range services {
		var servers []server
		for i, rs := range s.servers {
			switch {
			case i == 0 && len(s.servers) > 1:
				continue
			case i == 1:
				rs = reweighted(rs, 7)
			}
			servers = append(servers, rs)
		}
		s.servers = append(servers, s.servers[0].renumbered(4))
		out = append(out, s)
	}
	return out
}

// reweighted is the server with that weight instead of its own.
func reweighted(s server, weight int) server {
	var lines []string
	for line := range strings.SplitSeq(string(s), ";") {
		if !strings.HasPrefix(strings.TrimSpace(line), "weight ") {
			lines = append(lines, line)
		}
	}
	return server(strings.Join(append(lines, fmt.Sprintf(" weight %d", weight)), ";"))
}

// transitions is how many checks change their mind when the servers listed
// change their state.
func transitions(services []service, numbers ...int) int {
	n := 0
	for _, s := range services {
		for _, rs := range s.servers {
			for _, number := range numbers {
				if rs.checked() && rs.number() == number {
					n++
				}
			}
		}
	}
	return n
}
