package ctim

// AttackPattern is a way of attacking, such as a technique of MITRE ATT&CK.
type AttackPattern struct {
	Type typeOf[AttackPattern] `json:"type"`
	Base
	RequiredText
	KillChain []KillChainPhase `json:"kill_chain_phases,omitempty"`
	Platforms []ShortString    `json:"x_mitre_platforms,omitempty"`
}
