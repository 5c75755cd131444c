package daemon

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/event"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// censusPause is the least time between two lines of a process for the service
// manager.
const censusPause = time.Second

// census tells in one line how an engine's objects are doing, after every
// change, with a pause between lines.
type census struct {
	line func() string
	tell func(string)

	mu     sync.Mutex
	states map[string]event.State // of vrrp_instances
	timer  bool                   // a line is due
	said   string
}

// Send follows the states.
func (c *census) Send(e event.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := e.(type) {
	case event.InstanceState:
		c.states[e.Instance] = e.State
	case event.Started:
		c.all(e.Instances)
	case event.Reloaded:
		c.all(e.Instances)
	case event.VirtualServerState, event.RealServerState:
	default:
		return
	}
	c.schedule()
}

// soon lets a line follow.
func (c *census) soon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedule()
}

func (c *census) all(list []event.InstanceState) {
	c.states = make(map[string]event.State, len(list))
	for _, s := range list {
		c.states[s.Instance] = s.State
	}
}

// schedule lets a line follow soon. c.mu is held.
func (c *census) schedule() {
	if c.timer {
		return
	}
	c.timer = true
	time.AfterFunc(censusPause, func() {
		c.mu.Lock()
		c.timer = false
		c.mu.Unlock()
		c.speak()
	})
}

// speak says the line if it is a new one.
func (c *census) speak() {
	text := c.line()
	c.mu.Lock()
	again := text == c.said
	c.said = text
	c.mu.Unlock()
	if !again {
		c.tell(text)
	}
}

// instances is the line of the vrrp process: "2 instances: 1 master, 1 backup".
func (c *census) instances() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	count := map[event.State]int{}
	for _, s := range c.states {
		count[s]++
	}
	var parts []string
	for _, s := range []event.State{event.Master, event.Backup, event.Fault, event.Init} {
		if n := count[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(s.String())))
		}
	}
	return counted(len(c.states), "instance") + ": " + strings.Join(parts, ", ")
}

// servers is the line of the checker process: "2 virtual servers: 1 up, 1
// down; 5 real servers: 4 up, 1 down".
func servers(s *status.Checkers) string {
	var virtualUp, real, realUp int
	for i := range s.VirtualServers {
		vs := &s.VirtualServers[i]
		if vs.QuorumUp {
			virtualUp++
		}
		real += len(vs.RealServers)
		for j := range vs.RealServers {
			if vs.RealServers[j].Up {
				realUp++
			}
		}
	}
	return upDown(len(s.VirtualServers), virtualUp, "virtual server") + "; " + upDown(real, realUp, "real server")
}

func upDown(all, up int, what string) string {
	text := fmt.Sprintf("%s: %d up", counted(all, what), up)
	if down := all - up; down > 0 {
		text += fmt.Sprintf(", %d down", down)
	}
	return text
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
