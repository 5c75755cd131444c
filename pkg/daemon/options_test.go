package daemon

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// commandLines are command lines with what keepalived does about them: the
// exit status of -t on a clean file, and both outputs. "CONF" is replaced by
// the path of a clean file.
var commandLines = []struct {
	args           string
	status         int
	stdout, stderr string
	// ours is set where the real program differs on purpose, or is too old.
	ours string
}{
	{args: "-t -f CONF"},
	{args: "-t -fCONF"},
	{args: "-t --use-file CONF"},
	{args: "-t --use-file=CONF"},
	{args: "-t --use=CONF"},
	{args: "--config-test -f CONF"},
	{args: "--config-t -f CONF"},
	{args: "--config-test= -f CONF"},
	{args: "-nt -f CONF"},
	{args: "-t -tout -t -f CONF"},
	{args: "-tn -f CONF", status: 0},
	{args: "-nDlPCBGXVIRdaxme -t -f CONF"},
	{args: "-n -l -D -D -P -C -B -G -X -V -I -R -d -a -x -m -e -t -f CONF"},
	{args: "--vrrp --check --no_bfd --all --log-console --log-detail --no-syslog -t -f CONF"},
	{args: "--release-vips --dont-release-vrrp --dont-release-ipvs --dont-respawn --dont-fork --dump-conf -t -f CONF"},
	{args: "--address-monitoring --snmp --core-dump --all-config -t -f CONF"},
	{args: "--pid p --vrrp_pid v --checkers_pid c --bfd_pid b --snmp-agent-socket s -t -f CONF"},
	{args: "-pp -rv -cc -bb -As -t -f CONF"},
	{args: "-t -f CONF --vrrp_p=x --checkers=y --bfd=z --p=w"},
	{args: "-t -f CONF --rel --dont-release-v --dont-release-i --dont-res --dont-f --du"},
	{args: "-M -t -f CONF"},
	{args: "-Mfoo -t -f CONF"},
	{args: "--core-dump-pattern=foo -t -f CONF"},
	{args: "-i foo -t -f CONF"},
	{args: "-i -t -f CONF", status: 0, ours: "takes -t as the id and runs"},
	{args: "--config-i foo -t -f CONF"},
	{args: "-t -f CONF --config-fd 9"},
	{args: "-t -f CONF --config-fd x"},
	{args: "-t -f CONF --ignore-sigint", ours: "2.4.3 only"},

	{args: "-tf CONF", stdout: "Unexpected argument(s): CONF \n", ours: "tests the default file"},
	{args: "-t -f CONF a b", stdout: "Unexpected argument(s): a b \n"},
	{args: "a -t b -f CONF", stdout: "Unexpected argument(s): a b \n"},
	{args: "-t -f CONF -", stdout: "Unexpected argument(s): - \n"},
	{args: "-t -f CONF -- -Q z", stdout: "Unexpected argument(s): -Q z \n"},

	{args: "-Q -t -f CONF", status: 1, stderr: "Unknown option -Q\n"},
	{args: "-nQWt -f CONF", status: 1, stderr: "Unknown option -Q\nUnknown option -W\n"},
	{args: "-O -t -f CONF", status: 1, stderr: "Unknown option -O\n"},
	{args: "-L -t -f CONF", status: 1, stderr: "Unknown option -L\n"},
	{args: "--nosuch -t -f CONF", status: 1, stderr: "Unknown option --nosuch\n"},
	{args: "---x -t -f CONF", status: 1, stderr: "Unknown option ---x\n"},
	{args: "--=x -t -f CONF", status: 1, stderr: "Unknown option --=x\n"},
	{args: "--conf -t -f CONF", status: 1, stderr: "Unknown option --conf\n"},
	{args: "--config -t -f CONF", status: 1, stderr: "Unknown option --config\n"},
	{args: "--v", status: 1, stderr: "Unknown option --v\n"},
	{args: "--no -t", status: 1, stderr: "Unknown option --no\n"},
	{args: "--al -t", status: 1, stderr: "Unknown option --al\n"},
	{args: "--dont-r -t", status: 1, stderr: "Unknown option --dont-r\n"},
	{args: "--release-vips=3 -t", status: 1, stderr: "Unknown option --release-vips=3\n"},
	{args: "--all=3 -t", status: 1, stderr: "Unknown option --all=3\n"},
	{args: "--perf -t", status: 1, stderr: "Unknown option --perf\n"},
	{args: "--debug=x -t", status: 1, stderr: "Unknown option --debug=x\n"},
	{args: "--no-mem-check -t", status: 1, stderr: "Unknown option --no-mem-check\n"},

	{args: "-t -f", status: 1, stderr: "Missing parameter for option -f\n"},
	{args: "-u", status: 1, stderr: "Missing parameter for option -u\n"},
	{args: "-S", status: 1, stderr: "Missing parameter for option -S\n"},
	{args: "-t --use-file=", status: 1, stderr: "Missing parameter for option --use-file\n"},
	{args: "-t --use=", status: 1, stderr: "Missing parameter for option --use-file\n"},
	{args: "-t --use-file", status: 1, stderr: "Missing parameter for option --use-file\n", ours: "prints a wrong name"},
	{args: "--pid", status: 1, stderr: "Missing parameter for option --pid\n", ours: "prints a wrong name"},
	{args: "--signum=", status: 1, stderr: "Missing parameter for option --signum\n"},

	{args: "-t -f CONF -S 7"},
	{args: "-t -f CONF -S local3", ours: "takes the name for a bad number"},
	{args: "-t -f CONF -S daemon", ours: "takes the name for a bad number"},
	{args: "-t -f CONF -S user", ours: "takes the name for a bad number"},
	{args: "-t -f CONF -S kern", stderr: "Invalid log facility 'kern'\n", ours: "takes the name for a bad number"},
	{args: "-t -f CONF -S local8", stderr: "Invalid log facility 'local8'\n", ours: "counts it as a config error"},
	{args: "-t -f CONF -S 9", stderr: "Invalid log facility '9'\n", ours: "counts it as a config error"},

	{args: "-u 022 -t -f CONF"},
	{args: "-u 0 -t -f CONF"},
	{args: "-u 0x1ff -t -f CONF"},
	{args: "-u 511 -t -f CONF"},
	{args: "--umask 0777 -t -f CONF"},
	{args: "-u 512 -t -f CONF", stderr: "Invalid --umask option 512"},
	{args: "-u 0999 -t -f CONF", stderr: "Invalid --umask option 0999"},
	{args: "-u abc -t -f CONF", stderr: "Invalid --umask option abc"},
	{args: "-u -1 -t -f CONF", stderr: "Invalid --umask option -1"},

	{args: "--signum STOP", stdout: "15\n"},
	{args: "--signum=RELOAD", stdout: "1\n"},
	{args: "--sig DATA", stdout: "10\n"},
	{args: "--signum STATS", stdout: "12\n"},
	{args: "--signum STATS_CLEAR", stdout: "63\n"},
	{args: "--signum JSON", stdout: "36\n"},
	{args: "--signum HUP", status: 1, stderr: "Unknown sigfunc HUP\n"},
	{args: "--signum stop", status: 1, stderr: "Unknown sigfunc stop\n"},
	{args: "--signum TDUMP", status: 1, stderr: "Unknown sigfunc TDUMP\n"},
	{args: "--signum X -v", status: 1, stderr: "Unknown sigfunc X\n"},
	{args: "-Q --signum=STOP", stdout: "15\n", stderr: "Unknown option -Q\n"},

	{args: "-g -t -f CONF", ours: "built without log files"},
	{args: "-gx.log -t -f CONF", ours: "built without log files"},
	{args: "--log-file=x.log --flush-log-file -t -f CONF", ours: "built without log files"},
	{args: "--log-format json -t -f CONF", ours: "own option"},
	{args: "--log-format=xml -t -f CONF", status: 1, stderr: "Invalid --log-format 'xml': must be keepalived or json\n", ours: "own option"},
}

// conf makes a clean file in a directory of its own.
func cleanConfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clean.conf")
	if err := os.WriteFile(path, []byte("global_defs {\n\trouter_id lb1\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommandLines(t *testing.T) {
	conf := cleanConfig(t)
	for _, c := range commandLines {
		var stdout, stderr bytes.Buffer
		line := ReadOptions(words(c.args, conf), &stdout, &stderr)
		status := 0
		if line.Invocation == Exit {
			status = line.Status
		}
		if status != c.status || stdout.String() != strings.ReplaceAll(c.stdout, "CONF", conf) || stderr.String() != c.stderr {
			t.Errorf("keepalived %s: exit %d, stdout %q, stderr %q; want %d, %q, %q",
				c.args, status, stdout.String(), stderr.String(), c.status, c.stdout, c.stderr)
		}
	}
}

// TestRealCommandLines runs the same table through the installed keepalived,
// and through our whole program.
func TestRealCommandLines(t *testing.T) {
	nstest.Require(t, "keepalived")
	real, err := exec.LookPath("keepalived")
	if err != nil {
		t.Fatal(err)
	}
	conf := cleanConfig(t)
	compared := 0
	for _, c := range commandLines {
		if c.ours != "" {
			continue
		}
		compared++
		for _, program := range []string{real, ownExecutable} {
			status, stdout, stderr := runProgram(t, program, words(c.args, conf))
			if status != c.status || stdout != strings.ReplaceAll(c.stdout, "CONF", conf) || stderr != c.stderr {
				t.Errorf("%s: %s: exit %d, stdout %q, stderr %q; want %d, %q, %q", program, c.args, status, stdout, stderr, c.status, c.stdout, c.stderr)
			}
		}
	}
	if compared < 60 {
		t.Errorf("only %d command lines are compared", compared)
	}
}

// runProgram runs a program, ours with its real engines, to its end.
func runProgram(t *testing.T, program string, argv []string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(program)
	cmd.Args, cmd.Dir = argv, t.TempDir()
	cmd.Env = append(os.Environ(), fakeVariable+"="+realEngines)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), complaint.String()
}

func words(args, conf string) []string {
	w := append([]string{"keepalived"}, strings.Fields(args)...)
	for i := range w {
		w[i] = strings.ReplaceAll(w[i], "CONF", conf)
	}
	return w
}

func read(args string) CommandLine {
	return ReadOptions(words(args, "/c"), &bytes.Buffer{}, &bytes.Buffer{})
}

func TestOptionValues(t *testing.T) {
	base := read("").Options
	if base.ConfigFile != "/etc/keepalived/keepalived.conf" || !base.VRRP || !base.Checkers || !base.BFD || base.All || base.Facility != 3 || base.Umask != nil {
		t.Errorf("without options: %+v", base)
	}
	mask := func(m uint32) *uint32 { return &m }
	for args, change := range map[string]func(*Options){
		"-f a -f b":              func(o *Options) { o.ConfigFile = "b" },
		"-P":                     func(o *Options) { o.Checkers = false },
		"-C":                     func(o *Options) { o.VRRP = false },
		"-B":                     func(o *Options) { o.BFD = false },
		"-PCB --all":             func(o *Options) { o.All = true },
		"--all -P":               func(o *Options) { o.All, o.Checkers = true, false },
		"-DD":                    func(o *Options) { o.LogDetail = 2 },
		"--log-detail -l -G":     func(o *Options) { o.LogDetail, o.LogConsole, o.NoSyslog = 1, true, true },
		"-S local3":              func(o *Options) { o.Facility = 19 },
		"-S0":                    func(o *Options) { o.Facility = 16 },
		"-S user":                func(o *Options) { o.Facility = 1 },
		"-S user -S x":           func(o *Options) { o.Facility = 1 },
		"-g":                     func(o *Options) { o.LogFile = "/tmp/keepalived.log" },
		"-g/l --log-format json": func(o *Options) { o.LogFile, o.LogJSON = "/l", true },
		"-u 022":                 func(o *Options) { o.Umask = mask(0o22) },
		"-u 22":                  func(o *Options) { o.Umask = mask(22) },
		"-u 0x3f -u x":           func(o *Options) { o.Umask = mask(0x3f) },
		"-XVIR": func(o *Options) {
			o.ReleaseVIPs, o.DontReleaseVRRP, o.DontReleaseIPVS, o.DontRespawn = true, true, true, true
		},
		"-nda":                func(o *Options) { o.Foreground, o.DumpConf, o.AddressWatch = true, true, true },
		"-p a -r b -c c -b d": func(o *Options) { o.PIDFile, o.VRRPPIDFile, o.CheckersPIDFile, o.BFDPIDFile = "a", "b", "c", "d" },
		"-xA s -s ns":         func(o *Options) { o.SNMP, o.SNMPSocket, o.Namespace = true, "s", "ns" },
		"-m":                  func(o *Options) { o.CoreDump = true },
		"-M":                  func(o *Options) { o.CoreDump, o.CorePatternSet, o.CorePattern = true, true, "core" },
		"-M/c.%p":             func(o *Options) { o.CoreDump, o.CorePatternSet, o.CorePattern = true, true, "/c.%p" },
		"-e -i id":            func(o *Options) { o.AllConfig, o.ConfigID = true, "id" },
		"--ignore-sigint":     func(o *Options) { o.IgnoreInterrupt = true },
		"-t":                  func(o *Options) { o.ConfigTest, o.Foreground, o.DontRespawn, o.NoSyslog = true, true, true, true },
		"-t/f": func(o *Options) {
			o.ConfigTest, o.Foreground, o.DontRespawn, o.NoSyslog, o.ConfigTestFile = true, true, true, true, "/f"
		},
		"--config-test=/f": func(o *Options) {
			o.ConfigTest, o.Foreground, o.DontRespawn, o.NoSyslog, o.ConfigTestFile = true, true, true, true, "/f"
		},
		"-t/f -t": func(o *Options) {
			o.ConfigTest, o.Foreground, o.DontRespawn, o.NoSyslog, o.ConfigTestFile = true, true, true, true, "/f"
		},
		"-- -n":                   func(*Options) {},
		"-f -n":                   func(o *Options) { o.ConfigFile = "-n" },
		"--use-file=x=y":          func(o *Options) { o.ConfigFile = "x=y" },
		"--namespace=a --snmp -n": func(o *Options) { o.Namespace, o.SNMP, o.Foreground = "a", true, true },
	} {
		want := base
		change(&want)
		if got := read(args).Options; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", args, got, want)
		}
	}
}

func TestGenhashInvocation(t *testing.T) {
	for args, want := range map[string]struct {
		words   []string
		warning bool
	}{
		"-T -s 1.2.3.4 -p 80":     {[]string{"keepalived --genhash", "-s", "1.2.3.4", "-p", "80"}, false},
		"--genhash":               {[]string{"keepalived --genhash"}, false},
		"-n --genhash -h":         {[]string{"keepalived --genhash", "-h"}, true},
		"-f x -T --use-ssl -n -q": {[]string{"keepalived --genhash", "--use-ssl", "-n", "-q"}, true},
	} {
		var stderr bytes.Buffer
		got := ReadOptions(words(args, ""), &bytes.Buffer{}, &stderr)
		if got.Invocation != RunGenhash || !reflect.DeepEqual(got.Words, want.words) {
			t.Errorf("%s: %v %q, want genhash with %q", args, got.Invocation, got.Words, want.words)
		}
		if warned := stderr.String() == "Warning -- `-T` not used as first option, previous options ignored\n"; warned != want.warning {
			t.Errorf("%s: stderr %q", args, stderr.String())
		}
	}
}

// TestVersionLayout holds what exporters take from -v: both programs print the
// same blocks. What differs is the licence, and what it was built with.
func TestVersionLayout(t *testing.T) {
	layout := func(first, second, built string) *regexp.Regexp {
		return regexp.MustCompile(`^Keepalived v` + first + `\n\n` + second + `\n\n` + built + `\nRunning on Linux .*\n(Distro: .*\n)?` +
			`\nconfigure options: .*--enable-json.*\n\nConfig options:  ([A-Z][A-Z0-9_=a-z]* ?)+\n\nSystem options:  ([A-Z][A-Z0-9_]* ?)+\n$`)
	}
	argv := []string{"keepalived", "-v"}
	status, stdout, ours := runProgram(t, ownExecutable, argv)
	if status != 0 || stdout != "" {
		t.Errorf("-v: exit status %d, stdout %q", status, stdout)
	}
	if !layout(`2\.4\.3 \([^)]+\), gokeepalived \S+`, `gokeepalived is .*`, `Built with .*`).MatchString(ours) {
		t.Errorf("-v prints\n%s", ours)
	}
	// The second word of the first line, without its v, is the version.
	first, _, _ := strings.Cut(ours, "\n")
	if v := strings.Split(first, " ")[1][1:]; v != Emulates {
		t.Errorf("an exporter would read version %q", v)
	}
	nstest.Require(t, "keepalived")
	status, stdout, theirs := runProgram(t, "/usr/sbin/keepalived", argv)
	if status != 0 || stdout != "" || !layout(`2\.\d+\.\d+ \([^)]+\)`, `Copyright\(C\) .*`, `Built with kernel headers for Linux .*`).MatchString(theirs) {
		t.Errorf("keepalived: exit status %d, stdout %q, stderr\n%s", status, stdout, theirs)
	}
	for _, name := range []string{"Running on ", "Distro: "} {
		if a, b := lineOf(ours, name), lineOf(theirs, name); a != b {
			t.Errorf("%q, keepalived %q", a, b)
		}
	}
}

// lineOf is the line of text that starts so.
func lineOf(text, start string) string {
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, start) {
			return l
		}
	}
	return ""
}

func TestKernelText(t *testing.T) {
	for release, want := range map[string]string{
		"6.1.0-18-amd64": "Running on Linux x (built for Linux 4.18.0)",
		"4.18.0":         "Running on Linux x (built for Linux 4.18.0)",
		"5.0":            "Running on Linux x (built for Linux 4.18.0)",
		"4.9.0-1":        "WARNING - keepalived was built for newer Linux 4.18.0, running on Linux x",
		"3.10.0-1160":    "WARNING - keepalived was built for newer Linux 4.18.0, running on Linux x",
		"odd":            "Running on Linux x (built for Linux 4.18.0)",
	} {
		if got := kernelText("Linux x", release); got != want {
			t.Errorf("%s: %s", release, got)
		}
	}
}

func TestUsage(t *testing.T) {
	var stderr bytes.Buffer
	if line := ReadOptions([]string{"/usr/sbin/keepalived", "--hel"}, &bytes.Buffer{}, &stderr); line.Invocation != Exit || line.Status != 0 {
		t.Errorf("-h: %+v", line)
	}
	got := stderr.String()
	if !strings.HasPrefix(got, "Usage: /usr/sbin/keepalived [OPTION...]\n  -f, --use-file=FILE") {
		t.Errorf("-h starts %.60q", got)
	}
	for _, l := range strings.Split(got, "\n") {
		if len(l) > 100 {
			t.Errorf("line too long: %q", l)
		}
	}
	for _, f := range flagTable() {
		if listed := strings.Contains(got, "--"+f.long); listed == f.hidden {
			t.Errorf("--%s: listed %v, hidden %v", f.long, listed, f.hidden)
		}
	}
}

func FuzzReadOptions(f *testing.F) {
	for _, c := range commandLines {
		f.Add(c.args)
	}
	f.Fuzz(func(t *testing.T, args string) {
		line := ReadOptions(words(args, "/c"), &bytes.Buffer{}, &bytes.Buffer{})
		if line.Umask != nil && *line.Umask > 0o777 {
			t.Errorf("umask %o", *line.Umask)
		}
		if line.Facility < 0 || line.Facility > 23 {
			t.Errorf("facility %d", line.Facility)
		}
	})
}
