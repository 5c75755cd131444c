package peercheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/config"
	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// Node is one node of the cluster.
type Node struct {
	// Name is how findings call it: the name of its main file.
	Name   string
	Config *config.Config
}

// Check compares the nodes. Each finding is about a place in one file and has
// the place in the other that it disagrees with in its Chain. Fewer than two
// nodes have nothing to disagree about.
func Check(nodes []Node) diag.List {
	c := &checker{nodes: nodes}
	if len(nodes) < 2 {
		return nil
	}
	c.match()
	c.renumbered()
	c.alone()
	for _, r := range c.routers {
		if len(r.members) < 2 {
			continue
		}
		c.adverts(r)
		c.addresses(r)
		c.election(r)
		c.tracking(r)
	}
	c.sources()
	c.interfaces()
	c.groups()
	c.servers()
	c.identity()
	return c.found.Unique()
}

// checker is the state of one comparison.
type checker struct {
	nodes   []Node
	routers []*router
	found   diag.List
}

// place is what one node says where.
type place struct {
	node *Node
	at   diag.Range
	// says is what stands there, for "also see" lines: "advert_int 1".
	says string
}

// finding is what all findings of a call have in common.
type finding struct {
	code         string
	severity     diag.Severity
	summary      string
	effect, hint string
}

// report adds a finding on one range; others are the places that it disagrees
// with.
func (c *checker) report(f finding, at diag.Range, others ...place) {
	d := diag.Diagnostic{
		Code: f.code, Severity: f.severity, Class: diag.ClassOwn,
		Summary: f.summary, Effect: f.effect, Hint: f.hint, Subject: at,
	}
	for _, o := range others {
		d.Chain = append(d.Chain, diag.Frame{Kind: diag.FrameRelated, What: o.node.Name + " has " + o.says, Range: o.at})
	}
	c.found.Add(d)
}

// bothMaster is the effect of adverts that do not arrive.
const bothMaster = "both nodes become MASTER and hold the addresses at the same time"

// odd splits items by what they say: ref is the first of those that most of
// them agree with, rest are the others. At a tie the earlier item is right.
func odd[T any, K comparable](items []T, value func(T) K) (ref T, rest []T) {
	count := map[K]int{}
	for _, i := range items {
		count[value(i)]++
	}
	for n, i := range items {
		if n == 0 || count[value(i)] > count[value(ref)] {
			ref = i
		}
	}
	for _, i := range items {
		if value(i) != value(ref) {
			rest = append(rest, i)
		}
	}
	return ref, rest
}

// missingFrom are the values of a that b lacks, in a's order.
func missingFrom[K comparable](a, b []K) []K {
	var out []K
	for _, v := range a {
		if !slices.Contains(b, v) {
			out = append(out, v)
		}
	}
	return out
}

// list joins values for people, at most five of them.
func list[T any](values []T) string {
	const most = 5
	var words []string
	for i, v := range values {
		if i == most {
			words = append(words, fmt.Sprintf("%d more", len(values)-most))
			break
		}
		words = append(words, fmt.Sprint(v))
	}
	return strings.Join(words, ", ")
}
