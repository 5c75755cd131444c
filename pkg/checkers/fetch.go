package checkers

import (
	"context"

	"github.com/gokeepalived/gokeepalived/pkg/config"
)

// Fetch makes the request of one url of a web checker and hands the answer to
// take, piece by piece as it comes, to the end of the connection. It returns
// the reason of a failure in the words of the log lines, "" for none. Nothing
// of the answer is judged.
func Fetch(ctx context.Context, c *config.Checker, url *config.HTTPURL, take func([]byte)) string {
	w, o, ok := openWeb(ctx, c, url, nil)
	if !ok {
		return o.Text
	}
	defer w.close()
	if o, ok := w.read(func(p []byte) bool { take(p); return true }); !ok {
		return o.Text
	}
	return ""
}
