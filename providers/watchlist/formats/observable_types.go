package formats

import (
	"fmt"

	"github.com/serverless-relay/relay/shared/ctim"
)

// isObservableType says whether a type that stands in a file is one of CTIM's.
// The stores file entries by type, and a file may name any word, of any length,
// as one.
func isObservableType(t ctim.ObservableType) bool {
	switch t {
	case ctim.TypeACUDID, ctim.TypeAMPComputerGUID, ctim.TypeCertificateCommonName, ctim.TypeCertificateIssuer,
		ctim.TypeCertificateSerial, ctim.TypeCiscoCMID, ctim.TypeCiscoMID, ctim.TypeCiscoUCID,
		ctim.TypeCortexAgentID, ctim.TypeCrowdStrikeID, ctim.TypeCVMID, ctim.TypeCybereasonID, ctim.TypeDarktraceID,
		ctim.TypeDevice, ctim.TypeDomain, ctim.TypeEmail, ctim.TypeEmailMessageID, ctim.TypeEmailSubject,
		ctim.TypeFileName, ctim.TypeFilePath, ctim.TypeGoogleChromebookID, ctim.TypeGoogleCloudID,
		ctim.TypeHostname, ctim.TypeIMEI, ctim.TypeIMSI, ctim.TypeIntuneID, ctim.TypeIP, ctim.TypeIPv6,
		ctim.TypeJamfManagementID, ctim.TypeMACAddress, ctim.TypeMD5, ctim.TypeMerakiNetworkID,
		ctim.TypeMerakiNodeSN, ctim.TypeMerakiOrgID, ctim.TypeMSMachineID, ctim.TypeMutex, ctim.TypeNGFWID,
		ctim.TypeNGFWName, ctim.TypeODNSIdentity, ctim.TypeODNSIdentityLabel, ctim.TypeOrbitalNodeID,
		ctim.TypePKISerial, ctim.TypeProcessArgs, ctim.TypeProcessHash, ctim.TypeProcessName, ctim.TypeProcessPath,
		ctim.TypeProcessUID, ctim.TypeProcessUsername, ctim.TypeProcessorID, ctim.TypeRegistryKey,
		ctim.TypeRegistryName, ctim.TypeRegistryPath, ctim.TypeS1AgentID, ctim.TypeSecureAccessID,
		ctim.TypeSerialNumber, ctim.TypeServiceNowID, ctim.TypeSHA1, ctim.TypeSHA256, ctim.TypeSWCDeviceID,
		ctim.TypeTrendMicroID, ctim.TypeURL, ctim.TypeUser, ctim.TypeUserAgent:
		return true
	default:
		return false
	}
}

// typeProblem says that a name is not that of an observable type.
func typeProblem(name string) string {
	return fmt.Sprintf("the type %q is not that of an observable", shown(name))
}
