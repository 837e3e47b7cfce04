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

// Phase is the step's name.
type Phase string

// The phases, in the order of an attack.
const (
	PhaseReconnaissance     Phase = "reconnaissance"
	PhaseWeaponization      Phase = "weaponization"
	PhaseDelivery           Phase = "delivery"
	PhaseExploitation       Phase = "exploitation"
	PhaseInstallation       Phase = "installation"
	PhaseCommandAndControl  Phase = "command-and-control"
	PhaseActionsOnObjective Phase = "actions-on-objective"
)

// Phases are the phases, in the order of an attack.
func Phases() []Phase {
	return []Phase{
		PhaseReconnaissance, PhaseWeaponization, PhaseDelivery, PhaseExploitation, PhaseInstallation,
		PhaseCommandAndControl, PhaseActionsOnObjective,
	}
}
