package ctim

// KillChainPhase is a phase of the Lockheed Martin cyber kill chain, the only one in
// CTIM.
type KillChainPhase struct {
	Chain killChainName `json:"kill_chain_name"`
	Phase Phase         `json:"phase_name"`
}

type killChainName struct{}

func (killChainName) MarshalText() ([]byte, error) {
	return []byte("lockheed-martin-cyber-kill-chain"), nil
}
