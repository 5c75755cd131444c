package daemon

import (
	"fmt"
	"strings"
)

// flagTable is every option, in the order of the help text.
func flagTable() []flag {
	return []flag{
		{short: 'f', long: "use-file", takes: requiredArgument, arg: "FILE",
			help: "Read the configuration from FILE, a file or a glob pattern\n(default " + defaultConfigFile + ")",
			set:  text(func(o *Options) *string { return &o.ConfigFile })},
		{short: 'P', long: "vrrp", help: "Do not run the checkers", set: run(func(o *Options) { o.Checkers = false })},
		{short: 'C', long: "check", help: "Do not run VRRP", set: run(func(o *Options) { o.VRRP = false })},
		{short: 'B', long: "no_bfd", help: "Do not run BFD", set: run(func(o *Options) { o.BFD = false })},
		{long: "all", help: "Run VRRP, checkers and BFD even without configuration", set: func(p *optionReader, _ string) bool {
			p.line.All = true
			p.enableAll()
			return true
		}},
		{short: 'l', long: "log-console", help: "Log to standard error too, together with -n", set: on(func(o *Options) *bool { return &o.LogConsole })},
		{short: 'D', long: "log-detail", help: "Log in more detail; twice for even more", set: run(func(o *Options) { o.LogDetail++ })},
		{short: 'S', long: "log-facility", takes: requiredArgument, arg: "FACILITY",
			help: "Syslog facility: 0-7, local0-local7, user or daemon (default)", set: setFacility},
		{short: 'g', long: "log-file", takes: optionalArgument, arg: "FILE",
			help: "Log to FILE too (default " + defaultLogFile + "); children add\n_vrrp, _check or _bfd to the name", set: func(p *optionReader, arg string) bool {
				if arg == "" {
					arg = defaultLogFile
				}
				p.line.LogFile = arg
				return true
			}},
		{long: "flush-log-file", help: "Accepted: log files are always written at once", set: run(func(*Options) {})},
		{long: "log-format", takes: requiredArgument, arg: "FORMAT",
			help: "Form of console and file lines: keepalived (default) or json", set: setLogFormat},
		{short: 'G', long: "no-syslog", help: "Do not log to syslog", set: on(func(o *Options) *bool { return &o.NoSyslog })},
		{short: 'u', long: "umask", takes: requiredArgument, arg: "MASK", help: "umask for new files, as a number (default 0177)", set: setUmask},
		{short: 'X', long: "release-vips", help: "Give up the virtual addresses when a signal stops the daemon", set: on(func(o *Options) *bool { return &o.ReleaseVIPs })},
		{short: 'V', long: "dont-release-vrrp", help: "Leave virtual addresses, routes and rules at stop", set: on(func(o *Options) *bool { return &o.DontReleaseVRRP })},
		{short: 'I', long: "dont-release-ipvs", help: "Leave the IPVS table at stop", set: on(func(o *Options) *bool { return &o.DontReleaseIPVS })},
		{short: 'R', long: "dont-respawn", help: "Stop when a child dies, instead of starting it again", set: on(func(o *Options) *bool { return &o.DontRespawn })},
		{short: 'n', long: "dont-fork", help: "Stay in the foreground", set: on(func(o *Options) *bool { return &o.Foreground })},
		{short: 'd', long: "dump-conf", help: "Log the whole configuration at start", set: on(func(o *Options) *bool { return &o.DumpConf })},
		{short: 'p', long: "pid", takes: requiredArgument, arg: "FILE", help: "Pid file of the parent", set: text(func(o *Options) *string { return &o.PIDFile })},
		{short: 'r', long: "vrrp_pid", takes: requiredArgument, arg: "FILE", help: "Pid file of the VRRP child", set: text(func(o *Options) *string { return &o.VRRPPIDFile })},
		{short: 'c', long: "checkers_pid", takes: requiredArgument, arg: "FILE", help: "Pid file of the checker child", set: text(func(o *Options) *string { return &o.CheckersPIDFile })},
		{short: 'b', long: "bfd_pid", takes: requiredArgument, arg: "FILE", help: "Pid file of the BFD child", set: text(func(o *Options) *string { return &o.BFDPIDFile })},
		{short: 'T', long: "genhash", help: "Be genhash; must be the first option", set: becomeGenhash},
		{short: 'a', long: "address-monitoring", help: "Log every address that is added or deleted on the host", set: on(func(o *Options) *bool { return &o.AddressWatch })},
		{short: 'x', long: "snmp", help: "Enable the SNMP agents", set: on(func(o *Options) *bool { return &o.SNMP })},
		{short: 'A', long: "snmp-agent-socket", takes: requiredArgument, arg: "SOCKET", help: "Socket of the SNMP master agent", set: text(func(o *Options) *string { return &o.SNMPSocket })},
		{short: 's', long: "namespace", takes: requiredArgument, arg: "NAME", help: "Run in the network namespace NAME, whatever the file says", set: text(func(o *Options) *string { return &o.Namespace })},
		{short: 'm', long: "core-dump", help: "Allow core dumps of any size", set: on(func(o *Options) *bool { return &o.CoreDump })},
		{short: 'M', long: "core-dump-pattern", takes: optionalArgument, arg: "PATTERN", help: "As -m; the kernel's core pattern is left alone", set: func(p *optionReader, arg string) bool {
			p.line.CoreDump, p.line.CorePatternSet, p.line.CorePattern = true, true, arg
			if arg == "" {
				p.line.CorePattern = "core"
			}
			return true
		}},
		{short: 'e', long: "all-config", help: "Treat every missing or unreadable include as an error", set: on(func(o *Options) *bool { return &o.AllConfig })},
		{short: 'i', long: "config-id", takes: requiredArgument, arg: "ID", help: "Name that @ID lines are compared with (default: the node name)", set: text(func(o *Options) *string { return &o.ConfigID })},
		{long: "ignore-sigint", help: "Ignore the interrupt signal", set: on(func(o *Options) *bool { return &o.IgnoreInterrupt })},
		{long: "signum", takes: requiredArgument, arg: "NAME", help: "Print the number of the signal for NAME: STOP, RELOAD, DATA,\nSTATS, STATS_CLEAR or JSON", set: printSignal},
		{short: 't', long: "config-test", takes: optionalArgument, arg: "FILE", help: "Check the configuration and exit; findings go to standard\nerror or are appended to FILE", set: func(p *optionReader, arg string) bool {
			p.line.ConfigTest = true
			if arg != "" {
				p.line.ConfigTestFile = arg
			}
			p.line.Foreground, p.line.DontRespawn, p.line.NoSyslog = true, true, true
			return true
		}},
		// What --config-fd asks for, a copy of the text that was tested, is
		// never needed: the files are read once, by the process that uses them.
		{long: "config-fd", takes: requiredArgument, hidden: true, set: run(func(*Options) {})},
		{short: 'v', long: "version", help: "Print the version and exit", set: func(p *optionReader, _ string) bool {
			printVersion(p.stderr)
			return p.exit(ExitOK)
		}},
		{short: 'h', long: "help", help: "Print this help and exit", set: func(p *optionReader, _ string) bool {
			printUsage(p.stderr, p.argv[0])
			return p.exit(ExitOK)
		}},
	}
}

func run(f func(*Options)) func(*optionReader, string) bool {
	return func(p *optionReader, _ string) bool {
		f(&p.line.Options)
		return true
	}
}

func on(field func(*Options) *bool) func(*optionReader, string) bool {
	return run(func(o *Options) { *field(o) = true })
}

func text(field func(*Options) *string) func(*optionReader, string) bool {
	return func(p *optionReader, arg string) bool {
		*field(&p.line.Options) = arg
		return true
	}
}

func setFacility(p *optionReader, arg string) bool {
	if n, ok := facility(arg); ok {
		p.line.Facility = n
	} else {
		fmt.Fprintf(p.stderr, "Invalid log facility '%s'\n", arg)
	}
	return true
}

func setLogFormat(p *optionReader, arg string) bool {
	switch arg {
	case "json":
		p.line.LogJSON = true
	case "keepalived":
		p.line.LogJSON = false
	default:
		p.bad("Invalid --log-format '%s': must be keepalived or json", arg)
	}
	return true
}

func setUmask(p *optionReader, arg string) bool {
	mask, ok := umask(arg)
	if !ok {
		// Without newline, as keepalived prints it.
		fmt.Fprintf(p.stderr, "Invalid --umask option %s", arg)
		return true
	}
	p.line.Umask = &mask
	return true
}

func printSignal(p *optionReader, arg string) bool {
	n, ok := signalNumbers[arg]
	if !ok {
		fmt.Fprintf(p.stderr, "Unknown sigfunc %s\n", arg)
		return p.exit(ExitFatal)
	}
	fmt.Fprintln(p.stdout, n)
	return p.exit(ExitOK)
}

func becomeGenhash(p *optionReader, _ string) bool {
	if p.position > 0 {
		fmt.Fprintln(p.stderr, "Warning -- `-T` not used as first option, previous options ignored")
	}
	p.ended = true
	p.line.Invocation = RunGenhash
	// The name that genhash's usage line shows.
	p.line.Words = append([]string{p.argv[0] + " --genhash"}, p.argv[1+p.position+1:]...)
	return false
}

// helpColumn is where the descriptions of the help text start.
const helpColumn = 33

func usageLine(f *flag) string {
	left := "      "
	if f.short != 0 {
		left = "  -" + string(f.short) + ", "
	}
	left += "--" + f.long
	switch f.takes {
	case requiredArgument:
		left += "=" + f.arg
	case optionalArgument:
		left += "[=" + f.arg + "]"
	case noArgument:
	}
	pad := "\n" + strings.Repeat(" ", helpColumn)
	gap := max(helpColumn-len(left), 2)
	return left + strings.Repeat(" ", gap) + strings.ReplaceAll(f.help, "\n", pad)
}
