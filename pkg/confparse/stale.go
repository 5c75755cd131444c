package confparse

// Findings of our own, which keepalived does not make.
const (
	codeOwnDropped = "KA0601"
	codeOwnOrder   = "KA0602"
)

// staleKeywords are words of old versions and of other programs, with what to
// write today.
var staleKeywords = map[string]string{
	"nat_mask":        "nat_mask was removed long ago; delete the line",
	"vrrp_sync_class": "nothing replaces it; delete the line",
}
