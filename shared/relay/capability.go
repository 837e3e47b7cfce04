package relay

// Capability is a part of the protocol that a provider can serve. The values are
// the platform's ids in a module type.
type Capability string

// The capabilities, each with the interface that a Session implements for it.
const (
	CapabilityHealth     Capability = "health"     // HealthChecker
	CapabilityDeliberate Capability = "deliberate" // Deliberator
	CapabilityObserve    Capability = "observe"    // Observer
	CapabilityRefer      Capability = "refer"      // Referrer
	CapabilityRespond    Capability = "respond"    // Responder
	CapabilityTiles      Capability = "tiles"      // Dashboard
)

// Capabilities returns all capabilities, in the order of the documentation.
func Capabilities() []Capability {
	return []Capability{CapabilityHealth, CapabilityDeliberate, CapabilityObserve, CapabilityRefer, CapabilityRespond, CapabilityTiles}
}

// APIs returns the capability's routes without the first slash, as they are
// registered in "supported-apis".
func (c Capability) APIs() []string {
	switch c {
	case CapabilityRespond:
		return []string{"respond/observables", "respond/trigger"}
	case CapabilityTiles:
		return []string{"tiles", "tiles/tile", "tiles/tile-data"}
	case CapabilityHealth:
		return []string{"health"}
	default:
		return []string{string(c) + "/observables"}
	}
}

// APIs returns the routes of all these capabilities.
func APIs(all []Capability) []string {
	apis := []string{} // [] in JSON, not null
	for _, c := range all {
		apis = append(apis, c.APIs()...)
	}
	return apis
}

// Of reports whether the session serves the capability.
func (c Capability) Of(s Session) (ok bool) {
	switch c {
	case CapabilityHealth:
		_, ok = s.(HealthChecker)
	case CapabilityDeliberate:
		_, ok = s.(Deliberator)
	case CapabilityObserve:
		_, ok = s.(Observer)
	case CapabilityRefer:
		_, ok = s.(Referrer)
	case CapabilityRespond:
		_, ok = s.(Responder)
	case CapabilityTiles:
		_, ok = s.(Dashboard)
	}
	return ok
}
