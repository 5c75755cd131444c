package checkcmd

import (
	"github.com/gokeepalived/gokeepalived/pkg/confparse"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
	"github.com/gokeepalived/gokeepalived/pkg/peercheck"
	"github.com/gokeepalived/gokeepalived/pkg/preflight"
)

// Codes are the tables of all codes there are, in the order of the codes.
func Codes() [][]diag.CodeInfo {
	return [][]diag.CodeInfo{diag.LanguageCodes(), confparse.Codes(), preflight.Codes(), peercheck.Codes()}
}
