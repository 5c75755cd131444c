package daemon

import (
	"log/slog"
	"slices"
	"testing"
)

// Each child gets its own ends and no others, the same ones in every life.
func TestGiveFeeds(t *testing.T) {
	m := &parent{}
	given := func(r role) map[role]uintptr {
		t.Helper()
		h := &handoff{Role: r}
		if err := m.giveFeeds(h); err != nil {
			t.Fatal(err)
		}
		fds := map[role]uintptr{}
		for consumer, number := range h.BFDFeeds {
			fds[consumer] = h.files[number-firstHandedFD]
			if !slices.Contains(h.descriptors(), number) {
				t.Errorf("%s: descriptor %d would stay open in scripts", r, number)
			}
		}
		return fds
	}
	for _, r := range childRoles {
		first := given(r)
		want := 1
		if r == roleBFD {
			want = 2
		}
		if len(first) != want || r != roleBFD && first[r] == 0 {
			t.Errorf("%s gets %v", r, first)
		}
		for consumer, fd := range given(r) {
			if fd != first[consumer] {
				t.Errorf("%s gets another end for %s in its second life", r, consumer)
			}
		}
	}
	if a, b := given(roleBFD), given(roleVRRP); a[roleVRRP] == b[roleVRRP] {
		t.Error("both sides have the same end")
	}
}

// Without a feed there is nothing to follow, and nobody minds.
func TestNoFeed(t *testing.T) {
	none := followBFD(nil, slog.New(slog.DiscardHandler), nil)
	none.refresh()
	none.close()
}
