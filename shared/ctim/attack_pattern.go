package ctim

type attackPatternType struct{}

func (attackPatternType) MarshalText() ([]byte, error) { return []byte("attack-pattern"), nil }

// AttackPattern is a way of attacking, such as a technique of MITRE ATT&CK.
type AttackPattern struct {
	Type attackPatternType `json:"type"`
	Base
	RequiredText
	KillChain []KillChainPhase `json:"kill_chain_phases,omitempty"`
	Platforms []ShortString    `json:"x_mitre_platforms,omitempty"`
}
