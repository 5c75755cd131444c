package checkrun

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs/ipvstest"
)

// The test binary is also a small daemon: an engine on the real kernel, as
// tests need it inside a namespace. SIGHUP reads the file again.
const engineVariable = "GK_CHECKRUN_CONF"

func TestMain(m *testing.M) {
	if path := os.Getenv(engineVariable); path != "" {
		if err := runEngine(path); err != nil {
			fmt.Println("engine:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runEngine(path string) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	opt := Options{
		Log: slog.New(stdoutLog{}), Detail: true, Ready: func() { fmt.Println("ready") },
		DontRelease: os.Getenv("GK_CHECKRUN_KEEP") != "",
	}
	if os.Getenv("GK_CHECKRUN_MEMORY") != "" {
		opt.OpenKernel = func(*config.Global) (ipvs.Kernel, error) { return ipvstest.New(), nil }
	}
	e := New(loadFile(path), opt)
	go func() {
		for range hup {
			fmt.Println("reload:", e.Reload(loadFile(path)))
		}
	}()
	return e.Run(ctx)
}

func loadFile(path string) *config.Config {
	env := confparse.Env{HostName: "lb", WorkDir: filepath.Dir(path), Now: time.Unix(0, 0), Getenv: os.LookupEnv}
	cfg, _, _ := confparse.Load(confparse.OSFiles(), path, env)
	return cfg
}

// stdoutLog prints messages as they are.
type stdoutLog struct{}

func (stdoutLog) Enabled(context.Context, slog.Level) bool { return true }
func (stdoutLog) Handle(_ context.Context, r slog.Record) error {
	_, err := fmt.Println(r.Message)
	return err
}
func (h stdoutLog) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h stdoutLog) WithGroup(string) slog.Handler      { return h }

// daemon is an engine in a namespace with the text of its configuration.
type daemon struct {
	*nstest.Process
	t    *testing.T
	ns   *nstest.NS
	path string
}

func startDaemon(t *testing.T, ns *nstest.NS, conf string, env ...string) *daemon {
	t.Helper()
	d := &daemon{t: t, ns: ns, path: filepath.Join(t.TempDir(), "keepalived.conf")}
	d.write(conf)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"env", engineVariable + "=" + d.path}, env...)
	d.Process = ns.Start(append(args, self)...)
	d.WaitOutput("ready\n", 30*time.Second)
	return d
}

func (d *daemon) write(conf string) {
	d.t.Helper()
	if err := os.WriteFile(d.path, []byte(conf), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daemon) reload(conf string) {
	d.t.Helper()
	d.write(conf)
	n := strings.Count(d.Output(), "reload: <nil>")
	d.Signal(syscall.SIGHUP)
	nstest.Eventually(d.t, 30*time.Second, "reload", func() (bool, string) {
		return strings.Count(d.Output(), "reload: <nil>") > n, d.Output()
	})
}

// stop ends the engine in order.
func (d *daemon) stop() {
	d.t.Helper()
	d.Signal(syscall.SIGTERM)
	if err := d.Wait(20 * time.Second); err != nil {
		d.t.Errorf("engine: %v\n%s", err, d.Output())
	}
}

// table is what ipvsadm -Sn says in ns.
func table(ns *nstest.NS) string {
	var b strings.Builder
	for line := range strings.Lines(ns.Run("ipvsadm", "-Sn")) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

func waitTable(t *testing.T, ns *nstest.NS, within time.Duration, want string) {
	t.Helper()
	nstest.Eventually(t, within, "table\n"+want, func() (bool, string) {
		got := table(ns)
		return got == want, got
	})
}
