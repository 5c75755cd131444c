package vrrprun

import (
	"flag"
	"os"
	"testing"
)

// Tests with virtual routers mostly wait for protocol timers: more of them
// than there are CPUs can run at a time.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
