package checkrun

import (
	"errors"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/ipvs"
)

// openKernel is the OpenKernel of a real machine.
func openKernel(*config.Global) (ipvs.Kernel, error) {
	return nil, errors.New("not available")
}
