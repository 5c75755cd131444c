package snmp

import (
	"flag"
	"os"
	"testing"
)

// The tests mostly wait, whatever the number of processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
