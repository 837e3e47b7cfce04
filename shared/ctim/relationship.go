package ctim

type relationshipType struct{}

func (relationshipType) MarshalText() ([]byte, error) { return []byte("relationship"), nil }

// Relationship connects two entities of an answer by their ids.
type Relationship struct {
	Type relationshipType `json:"type"`
	Base
	Text
	RelationshipType RelationshipType `json:"relationship_type"`
	SourceRef        ID               `json:"source_ref"`
	TargetRef        ID               `json:"target_ref"`
}

// RelationshipType says how the source stands to the target.
type RelationshipType string

// The relationship types of CTIM. Of those a relay mostly needs: a judgement
// is BasedOn an indicator that is a pattern or an engine, and ElementOf one
// that is a feed of observables; a sighting is a SightingOf a pattern, and a
// MemberOf a feed; an indicator Indicates malware, an actor, a campaign, a
// tool or an attack pattern.
const (
	AttributedTo   RelationshipType = "attributed-to"
	BasedOn        RelationshipType = "based-on"
	DerivedFrom    RelationshipType = "derived-from"
	Detects        RelationshipType = "detects"
	DuplicateOf    RelationshipType = "duplicate-of"
	ElementOf      RelationshipType = "element-of"
	Exploits       RelationshipType = "exploits"
	Indicates      RelationshipType = "indicates"
	MemberOf       RelationshipType = "member-of"
	Mitigates      RelationshipType = "mitigates"
	PhaseOf        RelationshipType = "phase-of"
	RelatedTo      RelationshipType = "related-to"
	SightingOf     RelationshipType = "sighting-of"
	SubtechniqueOf RelationshipType = "subtechnique-of"
	Targets        RelationshipType = "targets"
	TaskOf         RelationshipType = "task-of"
	TechniqueOf    RelationshipType = "technique-of"
	Uses           RelationshipType = "uses"
	VariantOf      RelationshipType = "variant-of"
)

// RelationshipTypes are the relationship types of CTIM.
func RelationshipTypes() []RelationshipType {
	return []RelationshipType{
		AttributedTo, BasedOn, DerivedFrom, Detects, DuplicateOf, ElementOf, Exploits, Indicates, MemberOf, Mitigates,
		PhaseOf, RelatedTo, SightingOf, SubtechniqueOf, Targets, TaskOf, TechniqueOf, Uses, VariantOf,
	}
}

// Relate connects source to target. The id follows from the three.
func Relate(source ID, how RelationshipType, target ID) Relationship {
	return Relationship{
		Base:             Base{ID: NewID("relationship", string(source), string(how), string(target))},
		RelationshipType: how,
		SourceRef:        source,
		TargetRef:        target,
	}
}
