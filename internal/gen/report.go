package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/gokeepalived/gokeepalived/pkg/diag"
)

// reportSchemaPath is the JSON Schema of "gokeepalived check --format json".
const reportSchemaPath = "docs/check-report.schema.json"

// reportSchema is made of the types that the report is written from, and of
// their comments in the source below root.
func reportSchema(root string) ([]byte, error) {
	docs, err := fieldDocs(filepath.Join(root, "pkg/diag/json.go"))
	if err != nil {
		return nil, err
	}
	s := object(reflect.TypeFor[diag.JSONReport](), docs)
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Report of gokeepalived check --format json"
	s["description"] = docs["JSONReport"]
	s["properties"].(map[string]any)["version"].(map[string]any)["const"] = diag.JSONVersion
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}

// enums are the words of string fields.
var enums = map[string][]string{
	"severity": words(diag.Note, diag.Error),
	"class":    words(diag.ClassOwn, diag.ClassInclude),
	"kind":     words(diag.FrameInclude, diag.FrameRelated),
}

func words[T interface {
	~uint8
	String() string
}](first, last T) []string {
	var out []string
	for v := first; v <= last; v++ {
		out = append(out, v.String())
	}
	return out
}

// object is the schema of a struct. Fields may be added to the report without
// a new version, so others are allowed.
func object(t reflect.Type, docs map[string]string) map[string]any {
	properties := map[string]any{}
	var required []string
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Anonymous {
				add(f.Type)
				continue
			}
			name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
			if rest == "" {
				required = append(required, name)
			}
			p := schemaOf(f.Type, name, docs)
			if doc := docs[t.Name()+"."+f.Name]; doc != "" {
				p["description"] = doc
			}
			properties[name] = p
		}
	}
	add(t)
	s := map[string]any{"type": "object", "properties": properties}
	if required != nil {
		s["required"] = required
	}
	return s
}

func schemaOf(t reflect.Type, name string, docs map[string]string) map[string]any {
	switch t.Kind() {
	case reflect.Int:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": object(t.Elem(), docs)}
	case reflect.Struct:
		return object(t, docs)
	}
	p := map[string]any{"type": "string"}
	if e := enums[name]; e != nil {
		p["enum"] = e
	}
	return p
}

// fieldDocs are the comments of the types in a file, and of their fields as
// "Type.Field".
func fieldDocs(path string) (map[string]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	docs := map[string]string{}
	flat := func(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			ts := spec.(*ast.TypeSpec)
			docs[ts.Name.Name] = flat(g.Doc)
			st, ok := ts.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, field := range st.Fields.List {
				for _, name := range field.Names {
					docs[ts.Name.Name+"."+name.Name] = flat(field.Doc)
				}
			}
		}
	}
	return docs, nil
}
