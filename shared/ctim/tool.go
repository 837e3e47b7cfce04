package ctim

type toolType struct{}

func (toolType) MarshalText() ([]byte, error) { return []byte("tool"), nil }

// Tool is legitimate software that attackers use.
type Tool struct {
	Type toolType `json:"type"`
	Base
	RequiredText
	Labels    List[ToolLabel]  `json:"labels"`
	Aliases   []ShortString    `json:"x_mitre_aliases,omitempty"`
	KillChain []KillChainPhase `json:"kill_chain_phases,omitempty"`
	Version   ShortString      `json:"tool_version,omitempty"`
}

// ToolLabel says what a tool is used for.
type ToolLabel string

// The tool labels of CTIM.
const (
	ToolCredentialExploitation ToolLabel = "credential-exploitation"
	ToolDenialOfService        ToolLabel = "denial-of-service"
	ToolExploitation           ToolLabel = "exploitation"
	ToolInformationGathering   ToolLabel = "information-gathering"
	ToolNetworkCapture         ToolLabel = "network-capture"
	ToolRemoteAccess           ToolLabel = "remote-access"
	ToolVulnerabilityScanning  ToolLabel = "vulnerability-scanning"
)

// ToolLabels are the tool labels of CTIM.
func ToolLabels() []ToolLabel {
	return []ToolLabel{
		ToolCredentialExploitation, ToolDenialOfService, ToolExploitation, ToolInformationGathering, ToolNetworkCapture,
		ToolRemoteAccess, ToolVulnerabilityScanning,
	}
}
