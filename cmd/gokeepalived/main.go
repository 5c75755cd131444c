// Command gokeepalived is a drop-in replacement for keepalived: with its
// options, or called by its name, it is keepalived.
package main

import (
	"os"

	"github.com/gokeepalived/gokeepalived/pkg/daemon"
)

func main() {
	os.Exit(daemon.Standard().Main(os.Args))
}
