package daemon

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

func TestDumps(t *testing.T) {
	r := newTrial(t, globals("router_id lb1")+vrrpBlock+checkerBlock).start()
	// What stands in the place is replaced, never written to or followed.
	r.write("victim", "precious")
	if err := os.Symlink(r.path("victim"), r.path("keepalived.data")); err != nil {
		t.Fatal(err)
	}
	watch := map[string]string{
		"keepalived_parent.data": "Router ID = lb1", "keepalived.data": "fake vrrp: router_id lb1", "keepalived_check.data": "fake checker: router_id lb1",
	}
	r.signal(syscall.SIGUSR1)
	for name, want := range watch {
		r.eventually(name, func() bool {
			info, err := os.Lstat(r.path(name))
			return err == nil && info.Mode().IsRegular()
		})
		got := r.read(name)
		if !strings.HasPrefix(got, "------< Global definitions >------\n") || !strings.Contains(got, want) {
			t.Errorf("%s has\n%s", name, got)
		}
		if info, _ := os.Stat(r.path(name)); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if r.read("victim") != "precious" {
		t.Error("a link was followed")
	}
	for _, step := range []struct {
		signal     syscall.Signal
		file, want string
	}{
		{syscall.SIGUSR2, "keepalived.stats", "fake statistics, cleared 0 times\n"},
		{signalStatsClear, "keepalived.stats", "fake statistics, cleared 0 times\n"},
		{syscall.SIGUSR2, "keepalived.stats", "fake statistics, cleared 1 times\n"},
		{signalJSON, "keepalived.json", `{"version":1}` + "\n"},
	} {
		_ = os.Remove(r.path(step.file))
		r.signal(step.signal)
		r.eventually(step.file, func() bool { return r.exists(step.file) })
		if got := r.read(step.file); got != step.want {
			t.Errorf("%v: %q, want %q", step.signal, got, step.want)
		}
	}
	r.stop()
	if rest, _ := filepath.Glob(r.path("keepalived*.*.*")); len(rest) > 0 {
		t.Errorf("temporary files left: %v", rest)
	}
	r.inOrder("Printing VRRP stats for process(N) on signal", "Printing and clearing VRRP stats for process(N) on signal")
	for _, want := range []string{"Printing parent data for process(N) on signal", "Printing VRRP data for process(N) on signal", "Printing checker data for process(N) on signal"} {
		r.inOrder(want)
	}
	if strings.Contains(r.text(), "json") {
		t.Error("JSON is written without a line")
	}
}

func TestDumpNames(t *testing.T) {
	r := newTrial(t, "")
	r.configure("instance i1\n" + globals("state_dump_file "+r.path("st.txt"), "stats_dump_file "+r.path("stats")+"/", "json_dump_file sub.json",
		"data_use_instance", "json_version 2", "umask 022") + vrrpBlock)
	if err := os.Mkdir(r.path("stats"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.start()
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, signalJSON} {
		r.signal(s)
	}
	for name, mode := range map[string]os.FileMode{
		"st_parent.i1.txt": 0o644, "st.i1.txt": 0o644, "stats/keepalived.stats": 0o644, "sub.json": 0o600,
	} {
		r.eventually(name, func() bool { return r.exists(name) })
		if info, _ := os.Stat(r.path(name)); info.Mode().Perm() != mode {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), mode)
		}
	}
	if got := r.read("sub.json"); got != "{\"version\":2}\n" {
		t.Errorf("JSON is %q", got)
	}
	r.stop()
}

func TestDumpPaths(t *testing.T) {
	for _, c := range []struct {
		setting string
		use     bool
		want    [4]string // parent, vrrp, checker, bfd
	}{
		{"", false, [4]string{"/d/keepalived_parent.data", "/d/keepalived.data", "/d/keepalived_check.data", "/d/keepalived_bfd.data"}},
		{"", true, [4]string{"/d/keepalived_parent.ns_i.data", "/d/keepalived.ns_i.data", "/d/keepalived_check.ns_i.data", "/d/keepalived_bfd.ns_i.data"}},
		{"/x/my.dump", false, [4]string{"/x/my_parent.dump", "/x/my.dump", "/x/my_check.dump", "/x/my_bfd.dump"}},
		{"/x.d/my", false, [4]string{"/x.d/my_parent", "/x.d/my", "/x.d/my_check", "/x.d/my_bfd"}},
		{"sub/my.dump", true, [4]string{"/d/sub/my_parent.ns_i.dump", "/d/sub/my.ns_i.dump", "/d/sub/my_check.ns_i.dump", "/d/sub/my_bfd.ns_i.dump"}},
		{"/x/", false, [4]string{"/x/keepalived_parent.data", "/x/keepalived.data", "/x/keepalived_check.data", "/x/keepalived_bfd.data"}},
	} {
		g := &config.Global{StateDumpFile: c.setting, DataUseInstance: c.use, NetNamespace: "ns", InstanceName: "i"}
		for i, r := range []role{roleParent, roleVRRP, roleChecker, roleBFD} {
			if got := dataPathIn("/d", r, g); got != c.want[i] {
				t.Errorf("state_dump_file %q: %s of %s, want %s", c.setting, got, r, c.want[i])
			}
		}
	}
}

func TestDumpDir(t *testing.T) {
	dir := t.TempDir()
	for value, want := range map[string]string{"": "/tmp", "relative": "/tmp", dir: dir, dir + "/none": "/tmp", "/dev/null": "/tmp"} {
		t.Setenv("TMPDIR", value)
		if got := dumpDir(); got != want {
			t.Errorf("TMPDIR=%s: %s, want %s", value, got, want)
		}
	}
}

// TestDumpIntoFullDisk: what cannot be written completely does not replace
// what is there.
func TestDumpIntoFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keepalived.data")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := writeDump(path, dumpMode, func(io.Writer) error { return syscall.ENOSPC })
	if err == nil {
		t.Error("no error")
	}
	if text, _ := os.ReadFile(path); string(text) != "old" {
		t.Errorf("the old dump is %q now", text)
	}
	if rest, _ := filepath.Glob(path + ".*"); len(rest) > 0 {
		t.Errorf("left: %v", rest)
	}
}

func TestConfigSaveDir(t *testing.T) {
	r := newTrial(t, "")
	save := r.path("save")
	r.configure(globals("router_id one", "config_save_dir "+save) + vrrpBlock)
	r.start()
	r.configure(globals("router_id two", "config_save_dir "+save) + vrrpBlock)
	r.signal(syscall.SIGHUP)
	r.await("Reload complete")
	pid, vrrp := r.cmd.Process.Pid, r.pid("v.pid")
	for name, want := range map[string]string{
		filepath.Join("save", "keepalived.conf."+strconv.Itoa(pid)+".1"):       "router_id one",
		filepath.Join("save", "keepalived.conf."+strconv.Itoa(pid)+".2"):       "router_id two",
		filepath.Join("save", "keepalived_vrrp."+strconv.Itoa(vrrp)+".1.pre"):  "router_id one, 0 reloads",
		filepath.Join("save", "keepalived_vrrp."+strconv.Itoa(vrrp)+".1.post"): "router_id two, 1 reloads",
	} {
		if got := r.read(name); !strings.Contains(got, want) {
			t.Errorf("%s has\n%s", name, got)
		}
		if info, _ := os.Stat(r.path(name)); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	if info, _ := os.Stat(save); info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v", info.Mode())
	}
	r.stop()
}
