package e2e

import (
	"os"
	"testing"
)

// inIPVSRun reports whether this process was started to test with IPVS.
func inIPVSRun() bool {
	_, err := os.Stat("/proc/net/ip_vs")
	return err == nil
}

// ownPair is our own small pair: version 3, IPv4, a tracked file of scripts, so
// that the suite means something without the published labs.
func ownPair(t testing.TB) *Lab {
	notify := func(r *Run, h *Host) {
		script := "#!/bin/sh\necho \"$*\" >>" + h.Dir + "/scripts.log\n"
		if err := os.WriteFile(h.Etc+"/notify.sh", []byte(script), 0o755); err != nil {
			r.Fatal(err)
		}
	}
	return &Lab{
		Name: "own-pair",
		VIP:  "198.51.100.10/24",
		Nodes: []Node{
			{Name: "left", Config: ownFile(t, "pair", "left.conf"), Links: []Link{{"eth0", []string{"198.51.100.1/24"}}}, Setup: notify},
			{Name: "right", Config: ownFile(t, "pair", "right.conf"), Links: []Link{{"eth0", []string{"198.51.100.2/24"}}}, Setup: notify},
		},
		Steps: []Step{
			{Name: "left starts", Do: start("left"), Holder: "left"},
			{Name: "right joins", Do: start("right"), Holder: "left"},
			{Name: "left crashes", Do: crash("left"), Holder: "right"},
			{Name: "left comes back", Do: start("left"), Holder: "left"},
			{Name: "left stops", Do: stop("left"), Holder: "right"},
			{Name: "right stops", Do: stop("right"), Holder: ""},
		},
	}
}

// ownDirector is our own load balancer pair in a kernel with IPVS.
func ownDirector(t testing.TB) *Lab {
	server := func(r *Run, h *Host) { StartGreeter(r, h, ":80") }
	return &Lab{
		Name: "own-director",
		VIP:  "198.51.100.10/24",
		IPVS: true,
		Nodes: []Node{
			{Name: "left", Config: ownFile(t, "director", "left.conf"), Links: []Link{{"eth0", []string{"198.51.100.1/24"}}}},
			{Name: "right", Config: ownFile(t, "director", "right.conf"), Links: []Link{{"eth0", []string{"198.51.100.2/24"}}}},
		},
		Others: []Node{
			{Name: "web1", Links: []Link{{"eth0", []string{"198.51.100.21/24"}}}, Setup: server},
			{Name: "web2", Links: []Link{{"eth0", []string{"198.51.100.22/24"}}}, Setup: server},
		},
		Steps: []Step{
			{Name: "left starts", Do: start("left"), Holder: "left"},
			{Name: "right joins", Do: start("right"), Holder: "left", Until: tableHas("left", "198.51.100.21:80", true)},
			{Name: "web1 dies", Do: noGreeters("80", "web1"), Holder: "left", Until: tableHas("right", "198.51.100.21:80", false)},
			{Name: "web1 is back", Do: greeters("80", "web1"), Holder: "left", Until: tableHas("right", "198.51.100.21:80", true)},
			{Name: "left stops", Do: stop("left"), Holder: "right"},
			{Name: "right stops", Do: stop("right"), Holder: ""},
		},
	}
}
