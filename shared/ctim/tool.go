package ctim

// Tool is legitimate software that attackers use.
type Tool struct {
	Type typeOf[Tool] `json:"type"`
	Base
	RequiredText
	Labels    List[ToolLabel]  `json:"labels"`
	Aliases   []ShortString    `json:"x_mitre_aliases,omitempty"`
	KillChain []KillChainPhase `json:"kill_chain_phases,omitempty"`
	Version   ShortString      `json:"tool_version,omitempty"`
}
