package checkcmd

import (
	"fmt"
	"io"

	"github.com/gokeepalived/gokeepalived/pkg/confparse"
)

const schemaUsage = `Usage: gokeepalived schema [--json | --markdown]

Print every keyword with its block, arguments, range, default and status: as
JSON for editors and other programs (default), or as Markdown.
`

// Schema is "gokeepalived schema": args come after "schema".
func Schema(args []string, stdout, stderr io.Writer) int {
	write := confparse.WriteSchemaJSON
	for _, a := range args {
		switch a {
		case "--json":
			write = confparse.WriteSchemaJSON
		case "--markdown":
			write = confparse.WriteReference
		case "-h", "--help":
			write = func(w io.Writer) error {
				_, err := io.WriteString(w, schemaUsage)
				return err
			}
		default:
			fmt.Fprintf(stderr, "gokeepalived schema: unknown argument %q\n%s", a, schemaUsage)
			return exitNotMade
		}
	}
	if err := write(stdout); err != nil {
		fmt.Fprintf(stderr, "gokeepalived schema: %v\n", err)
		return exitNotMade
	}
	return exitClean
}
