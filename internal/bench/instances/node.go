package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// node is a running daemon.
type node struct {
	cmd   *exec.Cmd
	log   string
	links *netlink.Handle
}

func nodeName(i int) string { return fmt.Sprintf("gkinst-%d", i) }

// config spreads the instances over the links.
func config(i int, s setting) string {
	var b strings.Builder
	if s.realtime {
		b.WriteString("global_defs {\n vrrp_rt_priority 50\n vrrp_rlimit_rttime 1000000\n}\n")
	}
	for n := range s.instances {
		link, vrid := n%links, n/links+1
		fmt.Fprintf(&b, "vrrp_instance V%d_%d {\n interface l%d\n virtual_router_id %d\n version 3\n advert_int %s\n priority %d\n virtual_ipaddress { 10.%d.1.%d }\n}\n",
			link, vrid, link, vrid, s.interval, 300-100*i, link, vrid)
	}
	return b.String()
}

func startNode(program, dir string, i int, s setting) (*node, error) {
	file := func(suffix string) string { return filepath.Join(dir, fmt.Sprintf("%d.%s", i, suffix)) }
	if err := os.WriteFile(file("conf"), []byte(config(i, s)), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(file("log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	inside, err := netns.GetFromName(nodeName(i))
	if err != nil {
		return nil, err
	}
	defer inside.Close()
	n := &node{log: file("log")}
	if n.links, err = netlink.NewHandleAt(inside); err != nil {
		return nil, err
	}
	n.cmd = exec.Command("ip", "netns", "exec", nodeName(i), program, "-n", "-l", "-G", "-P", "-f", file("conf"),
		"-p", file("pid"), "-r", file("vrrp"))
	n.cmd.Stdout, n.cmd.Stderr = log, log
	return n, n.cmd.Start()
}

func (n *node) stop() {
	_ = n.cmd.Process.Signal(os.Interrupt)
	ended := make(chan struct{})
	go func() { _ = n.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		for _, pid := range n.tree() {
			_ = exec.Command("kill", "-KILL", pid).Run()
		}
	}
	n.links.Close()
}

// waitAddresses waits until the node has as many addresses of virtual routers.
func (n *node) waitAddresses(want int) error {
	deadline := time.Now().Add(60 * time.Second)
	for {
		found := 0
		addrs, err := n.links.AddrList(nil, netlink.FAMILY_V4)
		for _, a := range addrs {
			if ones, _ := a.Mask.Size(); ones == 32 {
				found++
			}
		}
		if err == nil && found == want {
			return nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(n.log)
			return fmt.Errorf("%d of %d addresses after a minute; log:\n%s", found, want, log[max(0, len(log)-2000):])
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// changes is how many changes of state the node has logged.
func (n *node) changes() int {
	log, _ := os.ReadFile(n.log)
	return bytes.Count(log, []byte(") Entering "))
}

// tree lists the node's processes: "ip netns exec" turns itself into the first.
func (n *node) tree() []string {
	pids := []string{fmt.Sprint(n.cmd.Process.Pid)}
	for at := 0; at < len(pids); at++ {
		tasks, _ := filepath.Glob("/proc/" + pids[at] + "/task/*/children")
		for _, t := range tasks {
			children, _ := os.ReadFile(t)
			pids = append(pids, strings.Fields(string(children))...)
		}
	}
	return pids
}

// cpu is the time that the node's processes have taken.
func (n *node) cpu() (total time.Duration) {
	for _, pid := range n.tree() {
		stat, _ := os.ReadFile("/proc/" + pid + "/stat")
		_, rest, _ := strings.Cut(string(stat), ") ")
		if f := strings.Fields(rest); len(f) > 12 {
			// utime and stime in ticks of 10 ms (proc(5)).
			var user, system int64
			fmt.Sscan(f[11], &user)
			fmt.Sscan(f[12], &system)
			total += time.Duration(user+system) * 10 * time.Millisecond
		}
	}
	return total
}

// memory is that of the node's processes in MiB.
func (n *node) memory() (resident, proportional float64) {
	for _, pid := range n.tree() {
		rollup, _ := os.ReadFile("/proc/" + pid + "/smaps_rollup")
		for line := range strings.Lines(string(rollup)) {
			name, value, _ := strings.Cut(line, ":")
			var kib float64
			fmt.Sscan(value, &kib)
			switch name {
			case "Rss":
				resident += kib / 1024
			case "Pss":
				proportional += kib / 1024
			}
		}
	}
	return resident, proportional
}

// burn runs busy loops of normal priority until stopped.
func burn(loops int) (stop func()) {
	var all []*exec.Cmd
	for range loops {
		c := exec.Command("sh", "-c", "while :; do :; done")
		if c.Start() == nil {
			all = append(all, c)
		}
	}
	return func() {
		for _, c := range all {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
}

func command(line string) error {
	args := strings.Fields(line)
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, out)
	}
	return nil
}

func makeNetwork() error {
	removeNetwork()
	commands := []string{"ip netns add gkinst-1", "ip netns add gkinst-2",
		"ip -n gkinst-1 link set lo up", "ip -n gkinst-2 link set lo up"}
	for l := range links {
		commands = append(commands,
			fmt.Sprintf("ip -n gkinst-1 link add l%d type veth peer name l%d netns gkinst-2", l, l))
		for i := 1; i <= 2; i++ {
			commands = append(commands,
				fmt.Sprintf("ip -n gkinst-%d addr add 10.%d.0.%d/16 dev l%d", i, l, i, l),
				fmt.Sprintf("ip -n gkinst-%d link set l%d up", i, l))
		}
	}
	for _, line := range commands {
		if err := command(line); err != nil {
			return err
		}
	}
	return nil
}

func removeNetwork() {
	for i := 1; i <= 2; i++ {
		_ = command("ip netns del " + nodeName(i))
	}
}
