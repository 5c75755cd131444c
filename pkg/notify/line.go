package notify

import (
	"fmt"
	"strconv"

	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// Lines of the FIFOs. Names are written as they are, without escaping.
func stateLine(kind, name, state string, priority uint8) string {
	return fmt.Sprintf("%s \"%s\" %s %d\n", kind, name, state, priority)
}

func instanceLine(e event.InstanceState) string {
	return stateLine("INSTANCE", e.Instance, e.State.String(), e.Priority)
}

func groupLine(e event.GroupState) string {
	return stateLine("GROUP", e.Group, e.State.String(), 0)
}

func priorityLine(e event.PriorityChange) string {
	state := "BACKUP_PRIORITY"
	if e.State == event.Master {
		state = "MASTER_PRIORITY"
	}
	return stateLine("INSTANCE", e.Instance, state, e.Priority)
}

func lowerPriorityLine(e event.MasterRxLowerPriority) string {
	return stateLine("INSTANCE", e.Instance, "MASTER_RX_LOWER_PRI", e.Priority)
}

func upDown(up bool) string {
	if up {
		return "UP"
	}
	return "DOWN"
}

func virtualServerLine(e event.VirtualServerState) string {
	return "VS " + e.VirtualServer + " " + upDown(e.Up) + "\n"
}

func realServerLine(e event.RealServerState) string {
	return "RS " + e.RealServer + " " + e.VirtualServer + " " + upDown(e.Up) + "\n"
}

// stateArgs are the words that follow those of a generic notify script. The
// priority of a group is always 0.
func stateArgs(kind, name string, state event.State, priority uint8) []string {
	return []string{kind, name, state.String(), strconv.Itoa(int(priority))}
}
