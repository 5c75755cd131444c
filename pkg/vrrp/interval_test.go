package vrrp

import (
	"testing"
	"time"
)

func TestSkewTime(t *testing.T) {
	const cs = 10 * time.Millisecond
	for _, tt := range []struct {
		version, priority uint8
		adver             time.Duration
		want              time.Duration
	}{
		// Version 2: (256 - priority) / 256 s, whatever the interval.
		{2, 150, time.Second, 414062500},
		{2, 150, 10 * time.Second, 414062500},
		{2, 255, time.Second, 3906250},
		{2, 1, time.Second, 996093750},
		// Version 3: (256 - priority) x interval / 256, in whole microseconds.
		{3, 120, 20 * cs, 106250 * time.Microsecond},
		{3, 120, 100 * cs, 531250 * time.Microsecond},
		{3, 255, cs, 39 * time.Microsecond},
		{3, 1, 4095 * cs, 40790039 * time.Microsecond},
	} {
		if got := skewTime(tt.version, tt.priority, tt.adver); got != tt.want {
			t.Errorf("skewTime(%d, %d, %v) = %v, want %v", tt.version, tt.priority, tt.adver, got, tt.want)
		}
	}
}

func TestMasterDownInterval(t *testing.T) {
	for _, tt := range []struct {
		adverts     uint8
		adver, skew time.Duration
		want        time.Duration
	}{
		{3, time.Second, 414062500, 3414062500},
		{3, 200 * time.Millisecond, 106250 * time.Microsecond, 706250 * time.Microsecond},
		{1, time.Second, 0, time.Second},
		{100, 255 * time.Second, time.Second, 25501 * time.Second},
	} {
		if got := masterDownInterval(tt.adverts, tt.adver, tt.skew); got != tt.want {
			t.Errorf("masterDownInterval(%d, %v, %v) = %v, want %v", tt.adverts, tt.adver, tt.skew, got, tt.want)
		}
	}
}
