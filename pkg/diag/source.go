package diag

// Source gives renderers the text that ranges point into.
type Source interface {
	// Text returns the whole text of a file by the name that ranges carry.
	Text(file string) (text string, ok bool)
}
