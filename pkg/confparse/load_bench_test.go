package confparse

import (
	"strings"
	"testing"
)

// BenchmarkLoad loads a configuration of 66,000 lines.
func BenchmarkLoad(b *testing.B) {
	text := bigConfig(66000)
	files := mapFiles{"/etc/k.conf": text}
	env := Env{HostName: "node1", WorkDir: "/etc"}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		cfg, _, _ := Load(files, "k.conf", env)
		if len(cfg.VirtualServers) == 0 {
			b.Fatal("nothing loaded")
		}
	}
	b.ReportMetric(float64(strings.Count(text, "\n")), "lines")
}

// BenchmarkDecode is Load without the reader.
func BenchmarkDecode(b *testing.B) {
	lines, _, _ := Read(mapFiles{"/etc/k.conf": bigConfig(66000)}, "k.conf", Env{WorkDir: "/etc"})
	b.ReportAllocs()
	for b.Loop() {
		if d := decode(lines, nil, Env{}); len(d.cfg.VirtualServers) == 0 {
			b.Fatal("nothing decoded")
		}
	}
}
