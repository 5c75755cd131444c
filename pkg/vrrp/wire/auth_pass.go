package wire

import "crypto/subtle"

// PasswordOK compares the authentication data of a packet with ours, in
// constant time (RFC 2338 5.3.6.2).
func PasswordOK(ours, theirs *[AuthDataLen]byte) bool {
	return subtle.ConstantTimeCompare(ours[:], theirs[:]) == 1
}
