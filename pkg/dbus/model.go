package dbus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/event"
)

// object is an instance on the bus.
type object struct {
	path  dbus.ObjectPath
	name  string
	state event.State
}

// model is what the bus is shown: the objects of one configuration.
type model struct {
	process   dbus.ObjectPath
	instances []*object // in the order of the configuration
	byName    map[string]*object
	byPath    map[dbus.ObjectPath]*object
}

// newModel makes the objects for cfg. Those in old that have the same path
// give their state. clashes are instances whose path another
// one has.
func newModel(cfg *config.Config, old *model) (m *model, clashes []string) {
	m = &model{process: processPath(&cfg.Global), byName: map[string]*object{}, byPath: map[dbus.ObjectPath]*object{}}
	for _, v := range cfg.Instances {
		o := &object{path: instancePath(&cfg.Global, v), name: v.Name}
		if other := m.byPath[o.path]; other != nil {
			clashes = append(clashes, fmt.Sprintf(textClash, o.name, other.name, o.path))
			continue
		}
		if old != nil {
			if was := old.byPath[o.path]; was != nil {
				o.state = was.state
			}
		}
		m.instances = append(m.instances, o)
		m.byName[o.name], m.byPath[o.path] = o, o
	}
	return m, clashes
}

// seed takes over the states of instances, announced or not.
func (m *model) seed(states []event.InstanceState) {
	for _, s := range states {
		if o := m.byName[s.Instance]; o != nil {
			o.state = s.State
		}
	}
}

// children are the elements below path on the way to objects, nil if there is
// nothing below.
func (m *model) children(path dbus.ObjectPath) (names []string) {
	if m == nil {
		return nil
	}
	prefix := string(path) + "/"
	if path == "/" {
		prefix = "/"
	}
	add := func(p dbus.ObjectPath) {
		if rest, below := strings.CutPrefix(string(p), prefix); below {
			name, _, _ := strings.Cut(rest, "/")
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	add(m.process)
	for _, o := range m.instances {
		add(o.path)
	}
	return names
}

// stateWord is the word of the State property.
func stateWord(s event.State) string {
	word := s.String()
	return word[:1] + strings.ToLower(word[1:])
}
