package checkers

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// What openssl encrypts keys with: PBES2 with PBKDF2 (RFC 8018) and a block
// cipher in CBC mode.
var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}

	keyHashes = map[string]func() hash.Hash{
		"1.2.840.113549.2.7": sha1.New, "1.2.840.113549.2.9": sha256.New,
		"1.2.840.113549.2.10": sha512.New384, "1.2.840.113549.2.11": sha512.New,
	}
	keyCiphers = map[string]struct {
		size int
		make func([]byte) (cipher.Block, error)
	}{
		"2.16.840.1.101.3.4.1.2": {16, aes.NewCipher}, "2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
		"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher}, "1.2.840.113549.3.7": {24, des.NewTripleDESCipher},
	}
)

// maxIterations bounds the time that a file may cost.
const maxIterations = 10_000_000

var errKeyPassword = errors.New("wrong password")

// decryptPKCS8 decrypts an EncryptedPrivateKeyInfo (RFC 5958) into a
// PrivateKeyInfo.
func decryptPKCS8(der, password []byte) ([]byte, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	if !info.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("encrypted in an unknown way (%v)", info.Algorithm.Algorithm)
	}
	var scheme struct{ Derivation, Encryption pkix.AlgorithmIdentifier }
	if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, err
	}
	key, block, err := deriveKey(scheme.Derivation, scheme.Encryption, password)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if _, err := asn1.Unmarshal(scheme.Encryption.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	c, err := block(key)
	if err != nil {
		return nil, err
	}
	size := c.BlockSize()
	if len(iv) != size || len(info.Data) == 0 || len(info.Data)%size != 0 {
		return nil, errors.New("damaged")
	}
	plain := make([]byte, len(info.Data))
	cipher.NewCBCDecrypter(c, iv).CryptBlocks(plain, info.Data)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > size {
		return nil, errKeyPassword
	}
	plain = plain[:len(plain)-pad]
	if _, err := x509.ParsePKCS8PrivateKey(plain); err != nil {
		return nil, errKeyPassword
	}
	return plain, nil
}

func deriveKey(derivation, encryption pkix.AlgorithmIdentifier, password []byte) ([]byte, func([]byte) (cipher.Block, error), error) {
	c, known := keyCiphers[encryption.Algorithm.String()]
	if !known || !derivation.Algorithm.Equal(oidPBKDF2) {
		return nil, nil, fmt.Errorf("encrypted in an unknown way (%v, %v)", derivation.Algorithm, encryption.Algorithm)
	}
	var p struct {
		Salt       []byte
		Iterations int
		Length     int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(derivation.Parameters.FullBytes, &p); err != nil {
		return nil, nil, err
	}
	h := sha1.New // what is meant when nothing is said
	if len(p.PRF.Algorithm) > 0 {
		if h, known = keyHashes[p.PRF.Algorithm.String()]; !known {
			return nil, nil, fmt.Errorf("encrypted in an unknown way (%v)", p.PRF.Algorithm)
		}
	}
	if p.Iterations < 1 || p.Iterations > maxIterations {
		return nil, nil, fmt.Errorf("%d iterations", p.Iterations)
	}
	key, err := pbkdf2.Key(h, string(password), p.Salt, p.Iterations, c.size)
	return key, c.make, err
}
