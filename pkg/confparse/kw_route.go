package confparse

import "github.com/gokeepalived/gokeepalived/pkg/config"

var staticRoutes = routeBlock("static_routes", func(r *drafts) *[]*config.Route { return &r.cfg.StaticRoutes }, Meta{Process: ProcVRRP, Status: StatusPending, Doc: "Routes that are added at start."})
var staticRules = ruleBlock("static_rules", func(r *drafts) *[]*config.Rule { return &r.cfg.StaticRules }, Meta{Process: ProcVRRP, Status: StatusPending, Doc: "Policy rules that are added at start."})

func routeBlock[T any](name string, field func(*T) *[]*config.Route, m Meta) Keyword[T] {
	return ListBlock(name, nil, m, func(d *decoder, t *T, s *Line) {
		*field(t) = append(*field(t), &config.Route{Words: wordTexts(s.Words)})
	}, nil)
}

func ruleBlock[T any](name string, field func(*T) *[]*config.Rule, m Meta) Keyword[T] {
	return ListBlock(name, nil, m, func(d *decoder, t *T, s *Line) {
		*field(t) = append(*field(t), &config.Rule{Words: wordTexts(s.Words)})
	}, nil)
}
