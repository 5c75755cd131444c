package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
)

// mailServers are maintained servers that others wrote. Each keeps the mails
// it gets in a file.
var mailServers = []struct {
	name    string
	command func(h *Host) []string
	prepare func(t *testing.T, h *Host)
}{
	{"aiosmtpd", func(*Host) []string {
		return []string{"/usr/bin/env", "PYTHONUNBUFFERED=1", "/usr/bin/aiosmtpd", "-n", "-l", "127.0.0.1:2525", "-c", "aiosmtpd.handlers.Debugging", "stdout"}
	}, func(*testing.T, *Host) {}},
	// It refuses a client that does not wait for its answers.
	{"opensmtpd", func(h *Host) []string {
		return []string{"/usr/sbin/smtpd", "-d", "-f", filepath.Join(h.Dir, "smtpd.conf")}
	}, func(t *testing.T, h *Host) {
		h.Run("mount", "-t", "tmpfs", "spool", "/var/spool")
		h.Run("install", "-d", "-m", "0711", "/var/spool/smtpd")
		os.Chmod(h.Dir, 0o755)
		for name, file := range map[string]struct {
			mode os.FileMode
			text string
		}{
			"keep":       {0o755, "#!/bin/sh\ncat >>/run/mails\n"},
			"smtpd.conf": {0o644, "listen on 127.0.0.1 port 2525\naction \"keep\" mda \"/run/keep\" virtual { \"@\" = \"nobody\" }\nmatch from any for any action \"keep\"\n"},
		} {
			path := filepath.Join(h.Dir, name)
			if err := os.WriteFile(path, []byte(file.text), file.mode); err != nil {
				t.Fatal(err)
			}
			os.Chmod(path, file.mode)
		}
		h.Run("install", "-m", "0755", filepath.Join(h.Dir, "keep"), "/run/keep")
		h.Run("install", "-m", "0666", "/dev/null", "/run/mails")
	}},
}

// TestMailServers has alerts taken by servers that others wrote, those of the
// stop included.
func TestMailServers(t *testing.T) {
	if inIPVSRun() {
		t.Skip("belongs to the run on the host kernel")
	}
	nstest.Require(t, "netns")
	t.Parallel()
	for _, server := range mailServers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			h := NewHost(t, "sender")
			h.Quiet()
			NewSwitch(t, "switch").Segment("s0", End{h, "eth0", []string{"10.9.0.1/24"}})
			h.LinksUp()
			if _, err := os.Stat(server.command(h)[0]); err != nil {
				nstest.Missing(t, server.name, err)
			}
			server.prepare(t, h)
			mails := func() string {
				text, _ := os.ReadFile(filepath.Join(h.Dir, "server.log"))
				kept, _ := os.ReadFile(h.Path("/run/mails"))
				return string(text) + string(kept)
			}
			t.Cleanup(func() {
				if t.Failed() {
					log, _ := os.ReadFile(filepath.Join(h.Dir, "daemon.log"))
					t.Logf("the server has\n%s\n---- log\n%s", mails(), log)
				}
			})
			h.Start("server.log", server.command(h)...)
			waitFor(t, "the server", func() bool {
				out, err := h.Try("ss", "-ltn")
				return err == nil && strings.Contains(out, ":2525 ")
			})
			conf := `global_defs {
	router_id MAILS
	notification_email {
		"Ops Team, Inc. <ops@example.com>"
		second@example.com
	}
	notification_email_from "Keep A. Lived <ka@example.com>"
	smtp_server 127.0.0.1 2525
	smtp_alert_vrrp true
	max_auto_priority -1
}
vrrp_instance V {
	interface eth0
	virtual_router_id 51
	version 3
	advert_int 0.1
	virtual_ipaddress { 10.9.0.100/24 }
}
`
			if err := os.WriteFile(filepath.Join(h.Etc, "keepalived.conf"), []byte(conf), 0o644); err != nil {
				t.Fatal(err)
			}
			h.Start("daemon.log", ours(t).Path, "--dont-fork", "--log-console", "--log-detail")
			have := func(ending string) {
				t.Helper()
				waitFor(t, "the mail "+ending, func() bool {
					text := mails()
					return strings.Contains(text, "Subject: [MAILS] VRRP Instance V - "+ending) && strings.Contains(text, "X-Mailer: Keepalived")
				})
			}
			have("Entering BACKUP state")
			have("Entering MASTER state")
			h.Run("sh", "-c", "kill -TERM $(cat /run/keepalived.pid)")
			have("Stopping")
			text := mails()
			for _, want := range []string{
				"From: \"Keep A. Lived\" <ka@example.com>", "To: \"Ops Team, Inc.\" <ops@example.com>,", "=> VRRP Instance stopping <=",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in what the server has", want)
				}
			}
			if log, _ := os.ReadFile(filepath.Join(h.Dir, "daemon.log")); strings.Contains(string(log), "Error processing") {
				t.Error("the server refused something")
			}
		})
	}
}
