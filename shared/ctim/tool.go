package ctim

// Tool is legitimate software that attackers use.
type Tool struct {
	Type typeOf[Tool] `json:"type"`
	Base
	RequiredText
	// Labels are words of CTIM's vocabulary, such as "remote-access".
	Labels List[string] `json:"labels"`
}
