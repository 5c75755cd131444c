package vrrp

import (
	"math"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

func TestWeights(t *testing.T) {
	for _, tt := range []struct {
		name    string
		weight  int
		reverse bool
		good    bool
		want    int
		fault   bool
	}{
		{"positive, good", 20, false, true, 20, false},
		{"positive, bad", 20, false, false, 0, false},
		{"negative, good", -30, false, true, 0, false},
		{"negative, bad", -30, false, false, -30, false},
		{"none, good", 0, false, true, 0, false},
		{"none, bad", 0, false, false, 0, true},
		{"positive reversed, good", 20, true, true, -20, false},
		{"positive reversed, bad", 20, true, false, 0, false},
		{"negative reversed, good", -30, true, true, 0, false},
		{"negative reversed, bad", -30, true, false, 30, false},
		{"none reversed, good", 0, true, true, 0, true},
		{"none reversed, bad", 0, true, false, 0, false},
	} {
		for _, kind := range []objectKind{trackScript, trackProcess, trackBFD, trackInterface} {
			tr := tracker{v: &instance{}, weight: tt.weight, reverse: tt.reverse, object: &object{kind: kind, known: true, good: tt.good}}
			got, fault := tr.evaluate()
			if got != tt.want || fault != tt.fault {
				t.Errorf("%s, kind %d: %d, fault %v; want %d, %v", tt.name, kind, got, fault, tt.want, tt.fault)
			}
			tr.object.known = false
			if got, fault := tr.evaluate(); got != 0 || fault {
				t.Errorf("%s, kind %d, without result: %d, fault %v", tt.name, kind, got, fault)
			}
		}
	}
}

func TestFileWeights(t *testing.T) {
	for _, tt := range []struct {
		value   int64
		weight  int
		reverse bool
		want    int
		fault   bool
	}{
		{10, 1, false, 10, false},
		{-25, 10, false, -250, false},
		{-26, 10, false, 0, true},
		{-253, 1, false, -253, false},
		{-254, 1, false, 0, true},
		{300, 1, false, 253, false},
		{20, 10, false, 200, false},
		{3, 10, true, -30, false},
		{26, 10, true, 0, true},
		{-300, 1, true, 253, false},
		{0, 10, false, 0, false},
		{0, 0, false, 0, false},
		{1, 0, false, 0, true},
		{-1, 0, false, 0, true},
		{0, 0, true, 0, true},
		{7, 0, true, 0, false},
		{math.MaxInt32, 254, false, 253, false},
		{math.MinInt32, 254, false, 0, true},
		{math.MaxInt32, -254, false, 0, true},
	} {
		tr := tracker{weight: tt.weight, reverse: tt.reverse, object: &object{kind: trackFile, known: true, value: tt.value}}
		got, fault := tr.evaluate()
		if got != tt.want || fault != tt.fault {
			t.Errorf("%d x %d reverse %v: %d, fault %v; want %d, %v", tt.value, tt.weight, tt.reverse, got, fault, tt.want, tt.fault)
		}
	}
}

// TestScriptCounter plays results against the counter of keepalived: 0 to
// rise+fall-1, good from rise on.
func TestScriptCounter(t *testing.T) {
	for _, tt := range []struct {
		rise, fall int
		initFail   bool
		results    string // + success, - failure
		want       string // state after each: g good, b bad
	}{
		{1, 1, false, "+-+-", "gbgb"},
		{3, 2, false, "+--+++", "ggbbbg"},
		{3, 2, false, "-+-+++", "bbbbbg"},
		{3, 3, false, "+--+--", "gggggg"},
		{2, 1, true, "+-++", "bbbg"},
		{1, 3, false, "+--+---+", "ggggggbg"},
	} {
		cfg := &config.Config{Scripts: []*config.TrackScript{{Name: "s", Rise: tt.rise, Fall: tt.fall, InitFail: tt.initFail}}}
		e := New(cfg, Options{})
		e.newTracked(false)
		s := e.scripts["s"]
		got := ""
		for _, r := range tt.results {
			exit := 0
			if r == '-' {
				exit = 1
			}
			e.scriptResult(ScriptResult{Script: "s", Exit: exit})
			if s.result < 0 || s.result > tt.rise+tt.fall-1 {
				t.Fatalf("rise %d fall %d: counter %d", tt.rise, tt.fall, s.result)
			}
			if s.good {
				got += "g"
			} else {
				got += "b"
			}
		}
		if got != tt.want {
			t.Errorf("rise %d fall %d init_fail %v, %s: %s, want %s", tt.rise, tt.fall, tt.initFail, tt.results, got, tt.want)
		}
	}
}
