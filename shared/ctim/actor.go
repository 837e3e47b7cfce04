package ctim

type actorType struct{}

func (actorType) MarshalText() ([]byte, error) { return []byte("actor"), nil }

// Actor is a person or group behind attacks. Source of Base is required.
type Actor struct {
	Type actorType `json:"type"`
	Base
	RequiredText
	ValidTime  ValidTime     `json:"valid_time"`
	ActorTypes []ActorType   `json:"actor_types,omitempty"`
	Aliases    []ShortString `json:"aliases,omitempty"`
	Confidence Confidence    `json:"confidence,omitempty"`
}

// ActorType says what kind of actor it is.
type ActorType string

// The actor types of CTIM.
const (
	ActorCyberEspionageOperations            ActorType = "Cyber Espionage Operations"
	ActorDisgruntledCustomerUser             ActorType = "Disgruntled Customer / User"
	ActorHacker                              ActorType = "Hacker"
	ActorHackerBlackHat                      ActorType = "Hacker - Black hat"
	ActorHackerGrayHat                       ActorType = "Hacker - Gray hat"
	ActorHackerWhiteHat                      ActorType = "Hacker - White hat"
	ActorHacktivist                          ActorType = "Hacktivist"
	ActorInsiderThreat                       ActorType = "Insider Threat"
	ActorStateAgency                         ActorType = "State Actor / Agency"
	ActorECrimeCredentialTheftBotnetOperator ActorType = "eCrime Actor - Credential Theft Botnet Operator"
	ActorECrimeCredentialTheftBotnetService  ActorType = "eCrime Actor - Credential Theft Botnet Service"
	ActorECrimeMalwareDeveloper              ActorType = "eCrime Actor - Malware Developer"
	ActorECrimeMoneyLaunderingNetwork        ActorType = "eCrime Actor - Money Laundering Network"
	ActorECrimeOrganizedCrimeActor           ActorType = "eCrime Actor - Organized Crime Actor"
	ActorECrimeSpamService                   ActorType = "eCrime Actor - Spam Service"
	ActorECrimeTrafficService                ActorType = "eCrime Actor - Traffic Service"
	ActorECrimeUndergroundCallService        ActorType = "eCrime Actor - Underground Call Service"
)

// ActorTypes are the actor types of CTIM.
func ActorTypes() []ActorType {
	return []ActorType{
		ActorCyberEspionageOperations, ActorDisgruntledCustomerUser, ActorHacker, ActorHackerBlackHat,
		ActorHackerGrayHat, ActorHackerWhiteHat, ActorHacktivist, ActorInsiderThreat, ActorStateAgency,
		ActorECrimeCredentialTheftBotnetOperator, ActorECrimeCredentialTheftBotnetService, ActorECrimeMalwareDeveloper,
		ActorECrimeMoneyLaunderingNetwork, ActorECrimeOrganizedCrimeActor, ActorECrimeSpamService,
		ActorECrimeTrafficService, ActorECrimeUndergroundCallService,
	}
}
