package ctim

// KillChainPhase is a step of the Lockheed Martin cyber kill chain, the only
// chain that CTIM knows.
type KillChainPhase struct {
	Chain killChainName `json:"kill_chain_name"`
	Phase Phase         `json:"phase_name"`
}

type killChainName struct{}

func (killChainName) MarshalText() ([]byte, error) {
	return []byte("lockheed-martin-cyber-kill-chain"), nil
}
