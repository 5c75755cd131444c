package daemon

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRealtimeOfGroup: what the control group has decides whether real-time
// priority does any good.
func TestRealtimeOfGroup(t *testing.T) {
	for _, tc := range []struct {
		groups, runtime, want string
	}{
		{"", "", ""},
		{"0::/init.scope\n", "", ""},
		{"3:cpuset:/\n1:cpu,cpuacct:/a\n", "950000", ""},
		{"1:cpu,cpuacct:/a\n", "-1", ""},
		{"1:cpu,cpuacct:/a\n", "300000", ""},
		{"1:cpu,cpuacct:/a\n", "30000", "the control group /a has 3 % of a processor for that, in cpu.rt_runtime_us"},
		{"1:cpu,cpuacct:/a\n", "0", "the control group /a has 0 % of a processor for that, in cpu.rt_runtime_us"},
		{"2:cpuacct:/a\n", "0", ""},
	} {
		dir := t.TempDir()
		group := filepath.Join(dir, "cgroup/cpu,cpuacct/a")
		for path, text := range map[string]string{
			"proc/self/cgroup":                       tc.groups,
			"cgroup/cpu,cpuacct/a/cpu.rt_runtime_us": tc.runtime + "\n",
			"cgroup/cpu,cpuacct/a/cpu.rt_period_us":  "1000000\n",
		} {
			path = filepath.Join(dir, path)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got := ""
		if err := enoughRealtime(filepath.Join(dir, "proc"), filepath.Join(dir, "cgroup")); err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%q with %q us in %s: %q, want %q", tc.groups, tc.runtime, group, got, tc.want)
		}
	}
}
