package confparse

import (
	"fmt"
	"strings"
	"testing"
)

// bigConfig is a configuration of about n lines: instances and virtual
// servers as big sites have them.
func bigConfig(n int) string {
	var b strings.Builder
	b.WriteString("# generated\nglobal_defs {\n    router_id lb1\n}\n\n")
	for i, lines := 0, 5; lines < n; i++ {
		if i%2 == 0 {
			fmt.Fprintf(&b, `vrrp_instance VI_%d {
    state BACKUP
    interface eth%d # uplink
    virtual_router_id %d
    priority %d
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass "se cret"
    }
    virtual_ipaddress {
        10.%d.%d.1/24 dev eth0 label eth0:%d
    }
}

`, i, i%8, i%255+1, i%254+1, i>>8&255, i&255, i&99)
			lines += 15
			continue
		}
		fmt.Fprintf(&b, `virtual_server 10.%d.%d.1 80 {
    delay_loop 6
    lb_algo wrr
    lb_kind DR
    protocol TCP

    real_server 192.168.%d.%d 80 {
        weight 1
        HTTP_GET {
            url {
              path /
              status_code 200
            }
            connect_timeout 3
        }
    }
}
`, i>>8&255, i&255, i>>8&255, i&255)
		lines += 17
	}
	return b.String()
}

func BenchmarkRead(b *testing.B) {
	text := bigConfig(66000)
	files := mapFiles{"/etc/k.conf": text}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		lines, _, diags := Read(files, "/etc/k.conf", Env{WorkDir: "/"})
		if len(lines) < 50000 || len(diags) > 0 {
			b.Fatalf("%d lines, %v", len(lines), diags)
		}
	}
}

// BenchmarkReadDefinitions is the example of the man page: 65,024 instances
// would come out of eight lines and three nested replicators; here 2,032.
func BenchmarkReadDefinitions(b *testing.B) {
	text := `$VI4= \
track_file offset_instance_4.${IF}.${NUM}.${ID} { \
    file "${_PWD}/679/track_files/4.${IF}.${NUM}.${ID}" \
    weight -100 \
} \
vrrp_instance vrrp4.${IF}.${NUM}.${ID} { \
    interface bond${IF}.${NUM} \
    use_vmac vrrp4.${IF}.${NUM}.${ID} \
    virtual_router_id ${ID} \
    priority 130 \
    virtual_ipaddress { \
        10.${IF}.${NUM}.${ID}/24 \
    } \
    track_file { \
        offset_instance_4.${IF}.${NUM}.${ID} \
    } \
}
~SEQ(IF,0,1) ~SEQ(NUM,0,3) ~SEQ(ID,1,254) $VI4
`
	files := mapFiles{"/etc/k.conf": text}
	b.ReportAllocs()
	for b.Loop() {
		lines, _, diags := Read(files, "/etc/k.conf", Env{WorkDir: "/"})
		if len(lines) < 30000 || len(diags) > 0 {
			b.Fatalf("%d lines, %v", len(lines), diags)
		}
	}
}
