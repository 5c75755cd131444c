package checkcmd

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
	"github.com/gokeepalived/gokeepalived/pkg/preflight/preflighttest"
)

// noFiles is an empty file system.
type noFiles struct{}

func (noFiles) ReadFile(string) ([]byte, error)         { return nil, fs.ErrNotExist }
func (noFiles) Stat(string) (confparse.FileKind, error) { return 0, fs.ErrNotExist }
func (noFiles) ReadDir(string) ([]string, error)        { return nil, fs.ErrNotExist }

// FuzzRun checks any bytes, alone and as the nodes of a cluster, in every
// format: the outcome is a report and an exit status.
func FuzzRun(f *testing.F) {
	seeds, err := filepath.Glob("../../testdata/config/*/in.conf")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range seeds {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), uint8(0))
	}
	f.Add(good, uint8(4))
	f.Add("\xff{\x00}@$A=\\\n", uint8(3))
	deps := Deps{
		Files: noFiles{}, Env: confparse.Env{HostName: "node1", WorkDir: "/"},
		Preflight: func(cfg *config.Config) diag.List { return preflight.Check(cfg, preflighttest.New()) },
		Tool:      diag.Tool{Name: "gokeepalived", Version: "test"}, Codes: Codes(),
	}
	f.Fuzz(func(t *testing.T, text string, how uint8) {
		if strings.Contains(text, "~") {
			return // repetitions take long; FuzzLoad bounds them
		}
		args := []string{"--format", formats[int(how)%len(formats)], "--color", "always", "-"}
		var out bytes.Buffer
		status := Run(args, strings.NewReader(text), &out, io.Discard, deps)
		if status != exitClean && status != exitFound || out.Len() == 0 && formats[int(how)%len(formats)] != "github" {
			t.Errorf("exit status %d, %d bytes of report", status, out.Len())
		}
	})
}
