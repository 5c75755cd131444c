package script

import (
	"bytes"
	"os"
)

// headSize is how much of a file the kernel looks at to find out how to
// execute it.
const headSize = 256

// Interpreter returns the program that the "#!" line at the start of a file
// names, "" if there is no such line.
func Interpreter(head []byte) string {
	rest, found := bytes.CutPrefix(head, []byte("#!"))
	if !found {
		return ""
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	line = bytes.TrimLeft(line, " \t")
	if end := bytes.IndexAny(line, " \t\x00"); end >= 0 {
		line = line[:end]
	}
	return string(line)
}

// needsShell reports whether the kernel would not know how to execute a file
// that starts with head: neither a "#!" line nor an ELF image.
func needsShell(head []byte) bool {
	return !bytes.HasPrefix(head, []byte("#!")) && !bytes.HasPrefix(head, []byte("\x7fELF"))
}

// missingInterpreter names the interpreter of the script at path if it does
// not exist, which execve reports as if the script itself did not.
func missingInterpreter(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, _ := f.Read(head)
	name := Interpreter(head[:n])
	if name == "" {
		return ""
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		return ""
	}
	return name
}
