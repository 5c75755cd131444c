package genhash

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// options are the settings of one run.
type options struct {
	server      netip.Addr
	port        uint16
	path        string
	ssl, sni    bool
	virtualHost string
	verbose     bool
	fwmark      uint32
	protocol    config.HTTPProtocol
	timeout     time.Duration
	help        bool
}

// option is one option: a letter, a long name, and what it does with its
// argument, if it takes one.
type option struct {
	letter byte
	long   string
	takes  bool
	set    func(o *options, value string) error
}

var table = []option{
	{'S', "use-ssl", false, func(o *options, _ string) error { o.ssl = true; return nil }},
	{'I', "use-sni", false, func(o *options, _ string) error { o.sni = true; return nil }},
	{'s', "server", true, func(o *options, v string) (err error) {
		if o.server, err = netip.ParseAddr(v); err != nil {
			return fmt.Errorf("server should be an IP, not %s", v)
		}
		return nil
	}},
	{'p', "port", true, func(o *options, v string) error {
		n, err := strconv.ParseUint(v, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("invalid port number '%s'", v)
		}
		o.port = uint16(n)
		return nil
	}},
	{'u', "url", true, func(o *options, v string) error { o.path = v; return nil }},
	{'V', "use-virtualhost", true, func(o *options, v string) error { o.virtualHost = v; return nil }},
	{'v', "verbose", false, func(o *options, _ string) error { o.verbose = true; return nil }},
	{'h', "help", false, func(o *options, _ string) error { o.help = true; return nil }},
	{'m', "fwmark", true, func(o *options, v string) error {
		n, err := strconv.ParseUint(v, 10, 32)
		if err != nil {
			return fmt.Errorf("invalid fwmark '%s'", v)
		}
		o.fwmark = uint32(n)
		return nil
	}},
	{'P', "protocol", true, func(o *options, v string) error {
		p, ok := map[string]config.HTTPProtocol{
			"1.0": config.HTTP10, "1.0c": config.HTTP10Close, "1.0C": config.HTTP10Close, "1.1": config.HTTP11,
		}[v]
		if !ok {
			return fmt.Errorf("invalid HTTP protocol version '%s'", v)
		}
		o.protocol = p
		return nil
	}},
	{'t', "timeout", true, func(o *options, v string) error {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil || n == 0 {
			return fmt.Errorf("invalid timeout '%s'", v)
		}
		o.timeout = time.Duration(n) * time.Second
		return nil
	}},
}

// parse reads the arguments in the manner of getopt_long: letters may share a
// word, values may be attached, long names may be shortened.
func parse(args []string) (options, error) {
	o := options{timeout: 5 * time.Second}
	var rest []string
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		var err error
		switch {
		case word == "--":
			rest, args = append(rest, args...), nil
		case strings.HasPrefix(word, "--"):
			args, err = o.long(word[2:], args)
		case len(word) > 1 && word[0] == '-':
			args, err = o.letters(word[1:], args)
		default:
			rest = append(rest, word)
		}
		if err != nil {
			return o, err
		}
	}
	if len(rest) > 0 {
		return o, fmt.Errorf("Unexpected argument(s): %s", strings.Join(rest, " ")) //nolint:staticcheck // keepalived's words
	}
	return o, nil
}

func (o *options) long(word string, args []string) (rest []string, err error) {
	name, value, attached := strings.Cut(word, "=")
	var found *option
	for i := range table {
		if table[i].long == name {
			found = &table[i]
			break
		}
		if strings.HasPrefix(table[i].long, name) {
			if found != nil {
				return nil, fmt.Errorf("Unknown option --%s", name) //nolint:staticcheck
			}
			found = &table[i]
		}
	}
	switch {
	case found == nil, attached && !found.takes:
		return nil, fmt.Errorf("Unknown option --%s", name) //nolint:staticcheck
	case found.takes && !attached:
		if len(args) == 0 {
			return nil, fmt.Errorf("Missing parameter for option --%s", name) //nolint:staticcheck
		}
		value, args = args[0], args[1:]
	}
	return args, found.set(o, value)
}

func (o *options) letters(word string, args []string) (rest []string, err error) {
	for word != "" {
		letter := word[0]
		word = word[1:]
		var found *option
		for i := range table {
			if table[i].letter == letter {
				found = &table[i]
			}
		}
		if found == nil {
			return nil, fmt.Errorf("Unknown option -%c", letter) //nolint:staticcheck
		}
		value := ""
		if found.takes {
			switch {
			case word != "":
				value, word = word, ""
			case len(args) > 0:
				value, args = args[0], args[1:]
			default:
				return nil, fmt.Errorf("Missing parameter for option -%c", letter) //nolint:staticcheck
			}
		}
		if err := found.set(o, value); err != nil {
			return nil, err
		}
	}
	return args, nil
}
