package confparse

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// same makes a block whose settings are those of the block around it.
func same[T any](_ *decoder, t *T, _ *Line) (*T, string) { return t, "" }

var instanceAuth = []Keyword[instanceDraft]{
	Block("authentication", "", authentication, Meta{
		Process: ProcVRRP, Repeat: RepeatMerge, Default: "none", Ref: "RFC 2338 5.3.6",
		Doc: "Authentication of version 2 adverts. It protects against mistakes, not against attackers.",
	}, nil, same[instanceDraft], nil),
	Block("auth_hmac", "", authHMAC, Meta{
		Process: ProcVRRP, Repeat: RepeatMerge, Default: "none", Since: "2.4.0",
		Doc: "HMAC-SHA256 trailer with replay protection, for any version.",
	}, func(h *config.AuthHMAC) *config.Block { return &h.Block }, openHMAC, nil),
}

var authentication = newTable([]Keyword[instanceDraft]{
	Enum("auth_type", func(v *instanceDraft) *config.AuthType { return &v.authType }, []choice[config.AuthType]{{"AH", config.AuthAH}, {"PASS", config.AuthPass}}, Meta{
		Process: ProcVRRP, Default: "none", Range: "case-sensitive", Bad: "(%n) unknown authentication type '%v'", Doc: "Method.",
	}),
	Custom("auth_pass", "<STRING>", Meta{
		Process: ProcVRRP, Range: "1-8 characters", Default: "none", OnBad: "the first 8 bytes are used", Doc: "Password.",
	}, func(d *decoder, v *instanceDraft, s *Line) bool {
		w, ok := d.arg(s, 1)
		if !ok {
			return false
		}
		v.AuthPass, v.authPassSet = [8]byte{}, w.Text != ""
		copy(v.AuthPass[:], w.Text)
		if c := w.cutBy(); c != "" {
			d.own(w, codeCutByComment, "'"+c+"' ends the password, it starts a comment", fmt.Sprintf("the password is the %d bytes before it", len(w.Text)), "put the password into double quotes")
		}
		if len(w.Text) > len(v.AuthPass) {
			d.adjust(w, "Truncating auth_pass to 8 characters", "the first 8 bytes are used, on every version that reads this file")
		}
		return true
	}),
})

// cutBy is the comment character that directly follows the word, if any.
func (w Word) cutBy() string {
	if w.at.from == nil || w.Quoted() {
		return ""
	}
	text, end := w.at.from.file.text, int(w.at.byte+w.at.width())
	if end < len(text) && (text[end] == '#' || text[end] == '!') {
		return text[end : end+1]
	}
	return ""
}

func openHMAC(_ *decoder, v *instanceDraft, _ *Line) (*config.AuthHMAC, string) {
	if v.hmac == nil {
		v.hmac = config.NewAuthHMAC()
	}
	return v.hmac, ""
}

var authHMAC = newTable([]Keyword[config.AuthHMAC]{
	Custom("key", "<ID> <VALUE>", Meta{
		Process: ProcVRRP, Repeat: RepeatList, Since: "2.4.0", Missing: "(%n) auth_hmac key requires an id and a value - ignoring",
		Range: "ID 1-255; key 32-64 bytes; VALUE = text, hex:<HEX> or file:<PATH>", Doc: "A key. Text, hex:... or file:... with one line in either form.",
	}, readHMACKey),
	Number("active_key", func(h *config.AuthHMAC) *uint8 { return &h.ActiveKey }, within(1, 255), Meta{
		Process: ProcVRRP, Args: "<ID>", Default: "0 (undefined)", Required: true, Since: "2.4.0", Bad: "(%n) auth_hmac active_key %v invalid - ignoring", Doc: "Key that is used for sending.",
	}),
	Span("time_window", func(h *config.AuthHMAC) *time.Duration { return &h.TimeWindow }, within(1, 300), time.Second, Meta{
		Process: ProcVRRP, Default: "3 x advert_int, at least 5, at most 300", Since: "2.4.0", Bad: "(%n) auth_hmac time_window %v invalid - ignoring", Doc: "Difference of clocks that is accepted.",
	}),
	Enum("anti_replay", func(h *config.AuthHMAC) *bool { return &h.Monotonic }, []choice[bool]{{"time", false}, {"monotonic", true}}, Meta{
		Process: ProcVRRP, Default: "time", Since: "2.4.0", Bad: "(%n) auth_hmac anti_replay %v invalid - ignoring", Doc: "What tells a replayed advert.",
	}),
	Enum("mode", func(h *config.AuthHMAC) *config.HMACMode { return &h.Mode }, []choice[config.HMACMode]{
		{"enforce", config.HMACEnforce}, {"permissive", config.HMACPermissive}, {"receive-only", config.HMACReceiveOnly},
	}, Meta{
		Process: ProcVRRP, Default: "enforce", Since: "2.4.0", Bad: "(%n) auth_hmac mode %v invalid - ignoring", Doc: "What is done with adverts without a trailer.",
	}),
})

func readHMACKey(d *decoder, h *config.AuthHMAC, s *Line) bool {
	if len(s.Words) < 3 {
		d.missing(s, len(s.Words)+1)
		return false
	}
	name := d.name()
	id, problem := d.readInteger(s.Words[1], within(1, 255))
	if problem != "" {
		return d.refuse(s.Words[1], "("+name+") auth_hmac key id "+s.Words[1].Text+" invalid - ignoring", problem)
	}
	if _, twice := h.Keys[uint8(id)]; twice || h.KeyFiles[uint8(id)] != "" {
		return d.duplicate(s.Words[1], fmt.Sprintf("(%s) auth_hmac key %d already specified - ignoring", name, id))
	}
	value := s.Words[2].Text
	if name, ok := strings.CutPrefix(value, "file:"); ok {
		if !filepath.IsAbs(name) {
			name = filepath.Join(d.env.WorkDir, name)
		}
		h.KeyFiles[uint8(id)] = name
		if value, ok = d.keyFile(s.Words[2], name, int(id)); !ok {
			return false
		}
	}
	key, err := HMACKey(value)
	if err != nil {
		return d.refuse(s.Words[2], fmt.Sprintf("(%s) auth_hmac key %d invalid - ignoring", name, id), err.Error())
	}
	h.Keys[uint8(id)] = key
	return true
}

// keyFile reads the one line of a key file.
func (d *decoder) keyFile(w Word, path string, id int) (string, bool) {
	var text []byte
	err := fs.ErrNotExist
	if d.files != nil {
		text, err = d.files.ReadFile(path)
	}
	if err != nil {
		d.report(w, diag.Diagnostic{
			Code: codeReference, Severity: diag.Error, Class: diag.ClassConfig, Machine: true,
			Summary: fmt.Sprintf("(%s) auth_hmac key %d file %s cannot be read - ignoring", d.name(), id, path), Effect: "the key is ignored",
		})
		return "", false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line), true
}

// HMACKey decodes the value of a key: hex digits after "hex:", else the text
// itself; 32 to 64 bytes.
func HMACKey(value string) ([]byte, error) {
	key := []byte(value)
	if digits, ok := strings.CutPrefix(value, "hex:"); ok {
		var err error
		if key, err = hex.DecodeString(digits); err != nil {
			return nil, fmt.Errorf("not hex digits")
		}
	}
	if len(key) < 32 || len(key) > 64 {
		return nil, fmt.Errorf("a key has 32 to 64 bytes, this one %d", len(key))
	}
	return key, nil
}
