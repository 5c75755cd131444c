package diag

// Suggest returns the candidate that word is most likely a misspelling of, ""
// if none is near enough: at most one edit per three letters, and at most
// three (an edit inserts, deletes or replaces a letter, or swaps two
// neighbours; a change of case counts as none). Ties go to the earlier
// candidate.
func Suggest(word string, candidates []string) string {
	limit := min(max(len(word)/3, 1), 3)
	best, found := "", limit+1
	for _, c := range candidates {
		if c == word || len(c)-len(word) >= found || len(word)-len(c) >= found {
			continue
		}
		if d := distance(word, c, found-1); d < found && d < len(word) {
			best, found = c, d
		}
	}
	return best
}

// distance is the number of edits between a and b, or any number above limit
// if there are more than that.
func distance(a, b string, limit int) int {
	const most = 64
	if len(a) > most || len(b) > most {
		return limit + 1
	}
	// Three rows of the usual table: two back for swaps, one back, this one.
	var rows [3][most + 1]int
	for j := range len(b) + 1 {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		back2, back, row := &rows[(i+2)%3], &rows[i%3], &rows[(i+1)%3]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			x, y := lower(a[i-1]), lower(b[j-1])
			d := back[j-1]
			if x != y {
				d++
			}
			d = min(d, back[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && x == lower(b[j-2]) && lower(a[i-2]) == y {
				d = min(d, back2[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
	}
	return rows[(len(a)+1)%3][len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
