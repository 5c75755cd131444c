package daemon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/status"
)

// saveMode is the mode of what config_save_dir gets, before the umask.
const saveMode = 0o600

// saveFile writes one file into config_save_dir, if that is set.
func saveFile(g *config.Global, name string, write func(io.Writer) error) error {
	if g.ConfigSaveDir == "" {
		return nil
	}
	if err := os.Mkdir(g.ConfigSaveDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// The umask, 0177 by default, would leave a directory that only root can
	// look into.
	if err := os.Chmod(g.ConfigSaveDir, 0o700); err != nil {
		return err
	}
	return writeDump(filepath.Join(g.ConfigSaveDir, name), saveMode, write)
}

// saveConfig keeps a copy of the texts of the present configuration.
func (m *parent) saveConfig() {
	name := fmt.Sprintf("keepalived.conf.%d.%d", os.Getpid(), m.loads)
	err := saveFile(&m.conf.Global, name, func(w io.Writer) error { return m.conf.writeTexts(w) })
	if err != nil {
		m.log.Warn(fmt.Sprintf(textCannot, "save the configuration", err, "choose another directory with config_save_dir"))
	}
}

// saveState keeps the state before and after a reload.
func (c *childProcess) saveState(when string) {
	g := &c.conf.Global
	name := fmt.Sprintf("keepalived%s.%d.%d.%s", c.role.trait().suffix, os.Getpid(), c.loads, when)
	err := saveFile(g, name, func(w io.Writer) error {
		if err := status.WriteGlobal(w, g, machine(g)); err != nil {
			return err
		}
		return c.engine.Data(w)
	})
	if err != nil {
		c.log.Warn(fmt.Sprintf(textCannot, "save the state", err, "choose another directory with config_save_dir"))
	}
}
