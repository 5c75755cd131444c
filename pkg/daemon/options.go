package daemon

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/daemon/logging"
)

// Exit statuses of the daemon; those of -t are diag.List.ExitCode.
const (
	ExitOK            = 0
	ExitFatal         = 1 // bad option, or a child that cannot start
	ExitConfig        = 2 // a child refused the configuration
	ExitNoPermission  = 4 // a child lacks a permission
	ExitNoConfig      = 6 // no usable configuration
	exitTestUnusable  = 4 // -t: the configuration cannot run
	defaultConfigFile = "/etc/keepalived/keepalived.conf"
	// defaultLogFile is used by -g without FILE.
	defaultLogFile = "/tmp/keepalived.log"
)

// Options are the command line.
type Options struct {
	ConfigFile string // -f
	ConfigID   string // -i; "" for the node name
	AllConfig  bool   // -e: every include check is on

	// VRRP, Checkers and BFD say which children may run; All starts them
	// without configuration too.
	VRRP, Checkers, BFD bool
	All                 bool

	LogConsole   bool   // -l
	LogDetail    int    // -D, counted
	Facility     int    // -S, syslog facility number
	LogFile      string // -g; "" for none
	NoSyslog     bool   // -G
	LogJSON      bool   // --log-format json
	DumpConf     bool   // -d
	AddressWatch bool   // -a

	Umask           *uint32 // -u; nil: the keyword counts
	ReleaseVIPs     bool    // -X
	DontReleaseVRRP bool    // -V
	DontReleaseIPVS bool    // -I
	DontRespawn     bool    // -R
	Foreground      bool    // -n
	IgnoreInterrupt bool    // --ignore-sigint

	// Pid files as given; "" for the default place.
	PIDFile, VRRPPIDFile, CheckersPIDFile, BFDPIDFile string

	SNMP       bool   // -x
	SNMPSocket string // -A
	Namespace  string // -s

	CoreDump       bool // -m
	CorePattern    string
	CorePatternSet bool // -M
	ConfigTest     bool // -t
	ConfigTestFile string
}

// Invocation is what a command line asks for.
type Invocation uint8

// Things a command line can ask for.
const (
	// RunDaemon runs, or tests a configuration (Options.ConfigTest).
	RunDaemon Invocation = iota
	// Exit is all done: end with the status.
	Exit
	// RunGenhash becomes genhash with the remaining words.
	RunGenhash
)

// CommandLine is a command line that has been read.
type CommandLine struct {
	Options
	Invocation Invocation
	// Status is the exit status for Exit.
	Status int
	// Words are the arguments of genhash.
	Words []string
}

// ReadOptions reads the words after the program's name. Messages, and what
// -v, -h and --signum print, go to stdout and stderr as keepalived does it.
func ReadOptions(argv []string, stdout, stderr io.Writer) CommandLine {
	p := &optionReader{argv: argv, stdout: stdout, stderr: stderr}
	p.line.ConfigFile = defaultConfigFile
	p.line.Facility = logging.FacilityDaemon
	p.enableAll()
	g := getopt{
		flags:   flagTable(),
		unknown: func(o string) { p.bad("Unknown option %s", o) },
		missing: func(o string) { p.bad("Missing parameter for option %s", o) },
		found: func(f *flag, arg string, position int) bool {
			p.position = position
			return f.set(p, arg)
		},
	}
	rest := g.parse(argv[1:])
	if p.ended {
		return p.line
	}
	if len(rest) > 0 {
		fmt.Fprintf(stdout, "Unexpected argument(s): ")
		for _, word := range rest {
			fmt.Fprintf(stdout, "%s ", word)
		}
		fmt.Fprintln(stdout)
	}
	if p.failed {
		p.line.Invocation, p.line.Status = Exit, ExitFatal
	}
	return p.line
}

// optionReader is the state while options are read.
type optionReader struct {
	argv           []string
	stdout, stderr io.Writer
	line           CommandLine
	// position is the index of the present word, without the program name.
	position int
	failed   bool
	// ended is true after -v, -h, --signum and --genhash.
	ended bool
}

func (p *optionReader) bad(format string, args ...any) {
	fmt.Fprintf(p.stderr, format+"\n", args...)
	p.failed = true
}

// exit ends the reading with a status.
func (p *optionReader) exit(status int) bool {
	p.ended = true
	p.line.Invocation, p.line.Status = Exit, status
	return false
}

func (p *optionReader) enableAll() { p.line.VRRP, p.line.Checkers, p.line.BFD = true, true, true }

// override applies what the command line says about the configuration.
func (o *Options) override(g *config.Global) {
	if o.Namespace != "" {
		g.NetNamespace, g.UsePIDDir = o.Namespace, true
	}
	if o.Umask != nil {
		g.Umask = *o.Umask
	}
	if o.SNMP {
		g.SNMP.VRRP, g.SNMP.Checker, g.SNMP.RFCv2, g.SNMP.RFCv3 = true, true, true, true
	}
	if o.SNMPSocket != "" {
		g.SNMP.Socket = o.SNMPSocket
	}
}

// facility reads the argument of -S.
func facility(arg string) (int, bool) {
	switch arg {
	case "daemon":
		return logging.FacilityDaemon, true
	case "user":
		return logging.FacilityUser, true
	}
	digit := strings.TrimPrefix(arg, "local")
	if len(digit) == 1 && digit[0] >= '0' && digit[0] <= '7' {
		return logging.FacilityLocal0 + int(digit[0]-'0'), true
	}
	return 0, false
}

// umask reads a number as C writes it: decimal, 0 octal, 0x hexadecimal.
func umask(arg string) (uint32, bool) {
	if arg == "0" {
		return 0, true
	}
	for _, form := range []struct {
		prefix string
		base   int
	}{{"0x", 16}, {"0X", 16}, {"0", 8}, {"", 10}} {
		if digits, ok := strings.CutPrefix(arg, form.prefix); ok {
			n, err := strconv.ParseUint(digits, form.base, 32)
			return uint32(n), err == nil && n <= 0o777
		}
	}
	return 0, false
}

// signalNumbers are the names of --signum. A program of the C library calls
// 36 SIGRTMIN+2 and 63 SIGRTMAX-1.
var signalNumbers = map[string]int{
	"STOP": 15, "RELOAD": 1, "DATA": 10, "STATS": 12, "STATS_CLEAR": 63, "JSON": 36,
}

// programName is the last part of how the program was called.
func programName(argv0 string) string {
	return argv0[strings.LastIndexByte(argv0, '/')+1:]
}
