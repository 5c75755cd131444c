package confparse

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLoadLikeKeepalived gives lines of one keyword and one value to the
// installed keepalived 2.2.7 and to Load, and compares the exit status of -t.
// The blocks are those that need nothing of the machine.
func TestLoadLikeKeepalived(t *testing.T) {
	binary := keepalived227(t)
	blocks := walkBlocks()
	values := []string{"", "zzz", "-1", "0", "7", "70000", "10x", "1.5", `""`, "10.0.0.7"}
	// What 2.2.7 does differently from 2.4.3, or depends on the machine.
	skip := map[string]bool{
		"vrrp_skip_check_adv_addr": true, "vrrp_strict": true, "vrrp_iptables": true, "script_user": true, "smtp_server": true,
		"startup_script": true, "shutdown_script": true, "config_save_dir": true, "reload_time_file": true, "nftables": true,
		"nftables_ipvs": true, "tmp_config_directory": true, "vrrp_cpu_affinity": true, "checker_cpu_affinity": true, "bfd_cpu_affinity": true,
		"persistence_granularity": true, "quorum_up": true, "quorum_down": true, "notify_up": true, "notify_down": true, "snmp_name": true,
		"virtualhost": true,
	}
	dir := t.TempDir()
	compared := 0
	for _, block := range []string{"global_defs", "virtual_server", "virtual_server/real_server", "virtual_server/real_server/TCP_CHECK", "bfd_instance"} {
		for _, s := range Keywords() {
			if s.Block != block || s.Item || skip[s.Keyword] || s.Since != "" || strings.Contains(s.Args, "{block}") || ourOwn[[2]string{block, s.Keyword}] {
				continue
			}
			if s.Keyword == "vrrp_ipsets" || testing.Short() && compared > 100 {
				continue
			}
			// One value of each keyword is enough, another one at every place.
			for _, value := range []string{values[compared%len(values)], values[(compared+3)%len(values)]} {
				text := strings.Replace(blocks[block], "%s", s.Keyword+" "+value, 1)
				path := filepath.Join(dir, fmt.Sprintf("%d.conf", compared))
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				want := exitOfKeepalived(t, binary, path)
				_, _, found := Load(OSFiles(), path, Env{HostName: "node1", WorkDir: dir, Test: true, Now: time.Unix(0, 0)})
				if got := found.ExitCode(); got != want && want >= 0 {
					t.Errorf("%s: %s %s: exit %d, keepalived %d\n%s", block, s.Keyword, value, got, want, findingLines(found))
				}
				compared++
			}
		}
	}
	if compared < 300 && !testing.Short() {
		t.Errorf("only %d compared", compared)
	}
}

// exitOfKeepalived is the exit status of -t, -1 if it crashed.
func exitOfKeepalived(t *testing.T, binary, path string) int {
	t.Helper()
	err := exec.Command(binary, "-t", "-f", path).Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return -1
}
