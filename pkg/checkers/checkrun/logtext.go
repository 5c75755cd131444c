package checkrun

import (
	"fmt"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// The lines that outside tools match, in keepalived's words.

const lineInit = "Initializing ipvs"

func lineStuck(pid int) string {
	return fmt.Sprintf("Child (PID %d) failed to terminate after kill", pid)
}

func lineScriptDisabled(s *config.Script, found bool) string {
	if found {
		return "Disabling misc script '" + s.Text + "' due to insecure"
	}
	return "Disabling misc script '" + s.Text + "' since not found/accessible"
}
