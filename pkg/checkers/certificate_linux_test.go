package checkers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gokeepalived/gokeepalived/internal/nstest"
	"github.com/gokeepalived/gokeepalived/pkg/checkers/health"
	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/logtext"
)

// authority is a certificate with its key.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate; a nil issuer makes one that signs itself.
func issue(t *testing.T, name string, isCA bool, issuer *authority) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: isCA, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	a := &authority{key: key}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err == nil {
		a.cert, err = x509.ParseCertificate(der)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

func (a *authority) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// writeFiles writes texts into dir under their names.
func writeFiles(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// needCommand finds a program, or says that it is missing.
func needCommand(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			nstest.Missing(t, name, err)
		}
	}
	return path
}

// TestEncryptedKeys: keys that openssl has encrypted, in every way it knows by
// now, and files that cannot be used.
func TestEncryptedKeys(t *testing.T) {
	openssl := needCommand(t, "openssl")
	dir := t.TempDir()
	root := issue(t, "gk", true, nil)
	writeFiles(t, dir, map[string]string{"cert": root.pem(), "key": root.keyPEM(t), "both": root.pem() + root.keyPEM(t), "empty": "nothing"})
	key := filepath.Join(dir, "key")
	locked := map[string][]string{"traditional": {"ec", "-in", key, "-aes128", "-passout", "pass:geheim"}}
	for _, how := range []string{"aes128", "aes-192-cbc", "aes256", "des3"} {
		for _, prf := range []string{"hmacWithSHA1", "hmacWithSHA256", "hmacWithSHA512"} {
			locked[how+"-"+prf] = []string{"pkcs8", "-topk8", "-in", key, "-v2", how, "-v2prf", prf, "-passout", "pass:geheim"}
		}
	}
	for name, args := range locked {
		if out, err := exec.Command(openssl, append(args, "-out", filepath.Join(dir, name))...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		for _, password := range []string{"geheim", "wrong"} {
			c, err := LoadCertificate(&config.SSL{Certificate: filepath.Join(dir, "cert"), Key: filepath.Join(dir, name), Password: password})
			if (err == nil) != (password == "geheim") || err == nil && !root.key.Equal(c.PrivateKey) {
				t.Errorf("%s with password %s: %v", name, password, err)
			}
		}
	}
	for want, ssl := range map[string]config.SSL{
		"":                {Certificate: "both"},
		"SSL certificate": {Certificate: "none", Key: "key"},
		"SSL key":         {Certificate: "cert", Key: "none"},
		"tls: ":           {Certificate: "cert"},
		"SSL ca":          {CA: "none"},
		"no certificate":  {CA: "empty"},
	} {
		for _, file := range []*string{&ssl.Certificate, &ssl.Key, &ssl.CA} {
			if *file != "" {
				*file = filepath.Join(dir, *file)
			}
		}
		if _, err := LoadCertificate(&ssl); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", ssl, err, want)
		}
	}
	for _, ssl := range []*config.SSL{nil, {CA: filepath.Join(dir, "cert")}} {
		if c, err := LoadCertificate(ssl); c != nil || err != nil {
			t.Errorf("%+v: %v, %v", ssl, c, err)
		}
	}
}

// TestClientCertificate: a server that demands a certificate gets ours with the
// chain that ca has, even if it knows our authorities by no name.
func TestClientCertificate(t *testing.T) {
	root := issue(t, "root", true, nil)
	middle := issue(t, "middle", true, root)
	client := issue(t, "client", false, middle)
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"cert": client.pem(), "chain": client.pem() + middle.pem(), "key": client.keyPEM(t),
		"ca": issue(t, "stranger", true, nil).pem() + root.pem() + middle.pem(), "root": root.pem(),
	})
	seen := make(chan int, 1)
	pool := x509.NewCertPool()
	pool.AddCert(root.cert)
	_, to := tlsServer(t, func(_ http.ResponseWriter, r *http.Request) { seen <- len(r.TLS.PeerCertificates) },
		func(c *tls.Config) {
			c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, pool
			c.MaxVersion = tls.VersionTLS12 // where a refusal is part of the handshake
		})
	for _, tc := range []struct {
		cert, ca string
		sent     int // 0: refused
	}{
		{"cert", "", 0}, {"cert", "root", 0}, {"cert", "ca", 3}, {"chain", "", 2}, {"chain", "ca", 2},
	} {
		ssl := &config.SSL{Certificate: filepath.Join(dir, tc.cert), Key: filepath.Join(dir, "key")}
		if tc.ca != "" {
			ssl.CA = filepath.Join(dir, tc.ca)
		}
		cert, err := LoadCertificate(ssl)
		if err != nil {
			t.Fatal(err)
		}
		o := (&Target{Checker: sslCheck(to, long, &config.HTTPURL{Path: "/"}), Certificate: cert}).Run(context.Background())
		if tc.sent == 0 {
			expect(t, o, health.Bad, logtext.ReasonWebHandshake)
			continue
		}
		expect(t, o, health.Good, "")
		if n := <-seen; o.Verdict == health.Good && n != tc.sent {
			t.Errorf("certificate %s, ca %q: %d certificates sent, want %d", tc.cert, tc.ca, n, tc.sent)
		}
	}
}

// TestOldCiphers: servers that know nothing newer than RSA key exchange.
func TestOldCiphers(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, cipher := range []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256} {
		_, to := tlsServer(t, func(http.ResponseWriter, *http.Request) {}, func(c *tls.Config) {
			c.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
			c.CipherSuites, c.MaxVersion = []uint16{cipher}, tls.VersionTLS12
		})
		expect(t, run(t, sslCheck(to, long, &config.HTTPURL{Path: "/"})), health.Good, tls.CipherSuiteName(cipher))
	}
}
