package server

import "net/http"

// Modules are the servers of one deployment, each for a module of the platform. There
// is at least one.
type Modules []*Server

// Routes returns the routes of all modules: those of the first at "/", and those of
// each below its provider's name, such as "/misp/health". routes selects them, for
// example (*Server).Health.
func (ms Modules) Routes(routes func(*Server) Routes) Routes {
	all := Routes{}
	for i, module := range ms {
		prefix := "/" + module.Declaration.Name
		for path, handler := range routes(module) {
			all[prefix+path] = http.StripPrefix(prefix, handler)
			if i == 0 {
				all[path] = handler
			}
		}
	}
	return all
}
