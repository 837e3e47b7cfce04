package ctim

// Relationship connects two entities of a response by their ids.
type Relationship struct {
	Type typeOf[Relationship] `json:"type"`
	Base
	Text
	RelationshipType RelationshipType `json:"relationship_type"`
	SourceRef        ID               `json:"source_ref"`
	TargetRef        ID               `json:"target_ref"`
}

// Relate connects source to target. The id is derived from the arguments.
func Relate(source ID, how RelationshipType, target ID) Relationship {
	return Relationship{
		Base:             Base{ID: NewID("relationship", string(source), string(how), string(target))},
		RelationshipType: how,
		SourceRef:        source,
		TargetRef:        target,
	}
}
