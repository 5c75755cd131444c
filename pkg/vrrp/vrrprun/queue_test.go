package vrrprun

import (
	"reflect"
	"testing"

	"github.com/gokeepalived/gokeepalived/pkg/vrrp"
)

func TestRotate(t *testing.T) {
	ev := func(names ...string) (list []vrrp.Event) {
		for _, n := range names {
			list = append(list, vrrp.FileValue{File: n})
		}
		return list
	}
	list := ev("a", "b", "c", "d", "e")
	rotate(list, 2)
	if want := ev("d", "e", "a", "b", "c"); !reflect.DeepEqual(list, want) {
		t.Errorf("got %v", list)
	}
}

// Adverts overtake everything but what they need.
func TestAdvertsFirst(t *testing.T) {
	advert := &vrrp.SendAdvert{}
	for _, c := range []struct {
		actions []vrrp.Action
		want    bool
	}{
		{[]vrrp.Action{advert, vrrp.AddAddress{}, vrrp.SendGARP{}, vrrp.Emit{}, advert}, true},
		{[]vrrp.Action{vrrp.Log{}, advert, vrrp.RemoveAddress{}}, true},
		{[]vrrp.Action{vrrp.OpenSocket{}, advert}, false},
		{[]vrrp.Action{advert, vrrp.CloseSocket{}}, false},
		{[]vrrp.Action{vrrp.EnsureVMAC{}, advert}, false},
		{[]vrrp.Action{advert, vrrp.RemoveVMAC{}}, false},
	} {
		if got := advertsFirst(c.actions); got != c.want {
			t.Errorf("%T first is %v", c.actions[0], got)
		}
	}
}
