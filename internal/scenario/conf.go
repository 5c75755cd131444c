package scenario

import (
	"io/fs"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

// Where the text of a scenario seems to stand.
const (
	confDir  = "/etc/keepalived"
	confName = "keepalived.conf"
	confPath = confDir + "/" + confName
)

// oneFile is a file system with one file.
type oneFile string

func (f oneFile) ReadFile(path string) ([]byte, error) {
	if path != confPath {
		return nil, fs.ErrNotExist
	}
	return []byte(f), nil
}

func (f oneFile) Stat(path string) (confparse.FileKind, error) {
	switch path {
	case confPath:
		return confparse.FileRegular, nil
	case "/", "/etc", confDir:
		return confparse.FileDirectory, nil
	}
	return 0, fs.ErrNotExist
}

func (f oneFile) ReadDir(path string) ([]string, error) {
	if path != confDir {
		return nil, fs.ErrNotExist
	}
	return []string{confName}, nil
}

// ParseConf reads the text of a keepalived.conf. What is wrong with it does not
// matter: the daemon goes on with what is understood.
func ParseConf(text string) *config.Config {
	cfg, _, _ := confparse.Load(oneFile(text), confPath, confparse.Env{HostName: "test", WorkDir: "/", Now: Epoch})
	return cfg
}
