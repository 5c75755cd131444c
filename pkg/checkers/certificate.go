package checkers

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// LoadCertificate reads the client certificate of the SSL block, nil if it
// names none. The key may be in the file of the certificate, and may be
// encrypted with the password in the old PEM way.
func LoadCertificate(ssl *config.SSL) (*tls.Certificate, error) {
	if ssl == nil || ssl.Certificate == "" && ssl.Key == "" {
		return nil, nil
	}
	certFile, keyFile := ssl.Certificate, ssl.Key
	if keyFile == "" {
		keyFile = certFile
	}
	if certFile == "" {
		certFile = keyFile
	}
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return nil, fmt.Errorf("SSL certificate: %w", err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("SSL key: %w", err)
	}
	if key, err = decryptKey(key, ssl.Password); err != nil {
		return nil, fmt.Errorf("SSL key %s: %w", keyFile, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("SSL certificate %s: %w", certFile, err)
	}
	return &pair, nil
}

// decryptKey replaces an encrypted private key among the PEM blocks of text by
// the plain one.
func decryptKey(text []byte, password string) ([]byte, error) {
	var out []byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		// The format is obsolete and weak, and what such files hold.
		if x509.IsEncryptedPEMBlock(block) { //nolint:staticcheck
			der, err := x509.DecryptPEMBlock(block, []byte(password)) //nolint:staticcheck
			if err != nil {
				return nil, err
			}
			block = &pem.Block{Type: block.Type, Bytes: der}
		}
		out = append(out, pem.EncodeToMemory(block)...)
	}
	return out, nil
}
