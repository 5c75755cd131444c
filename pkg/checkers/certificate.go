package checkers

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"slices"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// LoadCertificate reads what the SSL block names; nil if that is no certificate.
// The key may be in the file of the certificate, and may be encrypted with the
// password.
//
// The authorities of ca don't make checks verify servers, which keepalived does
// not do either. They complete the chain that is sent with a certificate that
// comes alone.
func LoadCertificate(ssl *config.SSL) (*tls.Certificate, error) {
	if ssl == nil {
		return nil, nil
	}
	authorities, err := loadAuthorities(ssl.CA)
	if err != nil || ssl.Certificate == "" && ssl.Key == "" {
		return nil, err
	}
	pair, err := loadPair(ssl)
	if err != nil {
		return nil, err
	}
	if len(pair.Certificate) == 1 {
		pair.Certificate = appendIssuers(pair.Certificate, pair.Leaf, authorities)
	}
	return &pair, nil
}

func loadPair(ssl *config.SSL) (pair tls.Certificate, err error) {
	certFile, keyFile := ssl.Certificate, ssl.Key
	if keyFile == "" {
		keyFile = certFile
	}
	if certFile == "" {
		certFile = keyFile
	}
	cert, err := os.ReadFile(certFile)
	if err != nil {
		return pair, fmt.Errorf("SSL certificate: %w", err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return pair, fmt.Errorf("SSL key: %w", err)
	}
	if key, err = decryptKey(key, ssl.Password); err != nil {
		return pair, fmt.Errorf("SSL key %s: %w", keyFile, err)
	}
	if pair, err = tls.X509KeyPair(cert, key); err != nil {
		return pair, fmt.Errorf("SSL certificate %s: %w", certFile, err)
	}
	return pair, nil
}

// loadAuthorities reads the certificates of ca; file may be "".
func loadAuthorities(file string) ([]*x509.Certificate, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("SSL ca: %w", err)
	}
	var list []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("SSL ca %s: %w", file, err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("SSL ca %s: there is no certificate in it", file)
	}
	return list, nil
}

// appendIssuers goes from a certificate up to its root, as far as the
// authorities know the way.
func appendIssuers(chain [][]byte, last *x509.Certificate, authorities []*x509.Certificate) [][]byte {
	for range authorities {
		i := slices.IndexFunc(authorities, func(a *x509.Certificate) bool {
			return bytes.Equal(a.RawSubject, last.RawIssuer) && last.CheckSignatureFrom(a) == nil
		})
		if i < 0 || authorities[i].Equal(last) {
			break
		}
		last = authorities[i]
		chain = append(chain, last.Raw)
	}
	return chain
}

// decryptKey replaces an encrypted private key among the PEM blocks of text by
// the plain one.
func decryptKey(text []byte, password string) ([]byte, error) {
	var out []byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY":
			der, err := decryptPKCS8(block.Bytes, []byte(password))
			if err != nil {
				return nil, err
			}
			block = &pem.Block{Type: "PRIVATE KEY", Bytes: der}
		// The format is obsolete and weak, and what older files hold.
		case x509.IsEncryptedPEMBlock(block): //nolint:staticcheck
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
