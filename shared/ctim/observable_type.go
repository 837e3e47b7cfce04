package ctim

import "strings"

// ObservableType says what kind of thing an observable's value is. The
// platform adds types now and then, so a value that is not listed here is
// carried like any other.
type ObservableType string

// The observable types of CTIM.
const (
	TypeACUDID                ObservableType = "acudid"
	TypeAMPComputerGUID       ObservableType = "amp_computer_guid"
	TypeCertificateCommonName ObservableType = "certificate_common_name"
	TypeCertificateIssuer     ObservableType = "certificate_issuer"
	TypeCertificateSerial     ObservableType = "certificate_serial"
	TypeCiscoCMID             ObservableType = "cisco_cm_id"
	TypeCiscoMID              ObservableType = "cisco_mid"
	TypeCiscoUCID             ObservableType = "cisco_uc_id"
	TypeCortexAgentID         ObservableType = "cortex_agent_id"
	TypeCrowdStrikeID         ObservableType = "crowdstrike_id"
	TypeCVMID                 ObservableType = "cvm_id"
	TypeCybereasonID          ObservableType = "cybereason_id"
	TypeDarktraceID           ObservableType = "darktrace_id"
	TypeDevice                ObservableType = "device"
	TypeDomain                ObservableType = "domain"
	TypeEmail                 ObservableType = "email"
	TypeEmailMessageID        ObservableType = "email_messageid"
	TypeEmailSubject          ObservableType = "email_subject"
	TypeFileName              ObservableType = "file_name"
	TypeFilePath              ObservableType = "file_path"
	TypeGoogleChromebookID    ObservableType = "google_chromebook_id"
	TypeGoogleCloudID         ObservableType = "google_cloud_id"
	TypeHostname              ObservableType = "hostname"
	TypeIMEI                  ObservableType = "imei"
	TypeIMSI                  ObservableType = "imsi"
	TypeIntuneID              ObservableType = "intune_id"
	TypeIP                    ObservableType = "ip"
	TypeIPv6                  ObservableType = "ipv6"
	TypeJamfManagementID      ObservableType = "jamf_management_id"
	TypeMACAddress            ObservableType = "mac_address"
	TypeMD5                   ObservableType = "md5"
	TypeMerakiNetworkID       ObservableType = "meraki_network_id"
	TypeMerakiNodeSN          ObservableType = "meraki_node_sn"
	TypeMerakiOrgID           ObservableType = "meraki_org_id"
	TypeMSMachineID           ObservableType = "ms_machine_id"
	TypeMutex                 ObservableType = "mutex"
	TypeNGFWID                ObservableType = "ngfw_id"
	TypeNGFWName              ObservableType = "ngfw_name"
	TypeODNSIdentity          ObservableType = "odns_identity"
	TypeODNSIdentityLabel     ObservableType = "odns_identity_label"
	TypeOrbitalNodeID         ObservableType = "orbital_node_id"
	TypePKISerial             ObservableType = "pki_serial"
	TypeProcessArgs           ObservableType = "process_args"
	TypeProcessHash           ObservableType = "process_hash"
	TypeProcessName           ObservableType = "process_name"
	TypeProcessPath           ObservableType = "process_path"
	TypeProcessUID            ObservableType = "process_uid"
	TypeProcessUsername       ObservableType = "process_username"
	TypeProcessorID           ObservableType = "processor_id"
	TypeRegistryKey           ObservableType = "registry_key"
	TypeRegistryName          ObservableType = "registry_name"
	TypeRegistryPath          ObservableType = "registry_path"
	TypeS1AgentID             ObservableType = "s1_agent_id"
	TypeSecureAccessID        ObservableType = "secure_access_id"
	TypeSerialNumber          ObservableType = "serial_number"
	TypeServiceNowID          ObservableType = "service_now_id"
	TypeSHA1                  ObservableType = "sha1"
	TypeSHA256                ObservableType = "sha256"
	TypeSWCDeviceID           ObservableType = "swc_device_id"
	TypeTrendMicroID          ObservableType = "trend_micro_id"
	TypeURL                   ObservableType = "url"
	TypeUser                  ObservableType = "user"
	TypeUserAgent             ObservableType = "user_agent"
)

// ObservableTypes are the observable types of CTIM.
func ObservableTypes() []ObservableType {
	return []ObservableType{
		TypeACUDID, TypeAMPComputerGUID, TypeCertificateCommonName, TypeCertificateIssuer, TypeCertificateSerial,
		TypeCiscoCMID, TypeCiscoMID, TypeCiscoUCID, TypeCortexAgentID, TypeCrowdStrikeID, TypeCVMID,
		TypeCybereasonID, TypeDarktraceID, TypeDevice, TypeDomain, TypeEmail, TypeEmailMessageID, TypeEmailSubject,
		TypeFileName, TypeFilePath, TypeGoogleChromebookID, TypeGoogleCloudID, TypeHostname, TypeIMEI, TypeIMSI,
		TypeIntuneID, TypeIP, TypeIPv6, TypeJamfManagementID, TypeMACAddress, TypeMD5, TypeMerakiNetworkID,
		TypeMerakiNodeSN, TypeMerakiOrgID, TypeMSMachineID, TypeMutex, TypeNGFWID, TypeNGFWName, TypeODNSIdentity,
		TypeODNSIdentityLabel, TypeOrbitalNodeID, TypePKISerial, TypeProcessArgs, TypeProcessHash, TypeProcessName,
		TypeProcessPath, TypeProcessUID, TypeProcessUsername, TypeProcessorID, TypeRegistryKey, TypeRegistryName,
		TypeRegistryPath, TypeS1AgentID, TypeSecureAccessID, TypeSerialNumber, TypeServiceNowID, TypeSHA1,
		TypeSHA256, TypeSWCDeviceID, TypeTrendMicroID, TypeURL, TypeUser, TypeUserAgent,
	}
}

// Noun is the type in words, to go on with after "this": "IP address", "SHA-1".
func (t ObservableType) Noun() string {
	switch t {
	case TypeIP, TypeIPv6:
		return "IP address"
	case TypeURL, TypeMD5:
		return strings.ToUpper(string(t))
	case TypeSHA1:
		return "SHA-1"
	case TypeSHA256:
		return "SHA-256"
	default:
		return strings.ReplaceAll(string(t), "_", " ")
	}
}
