package ctim

// This file contains the vocabularies of CTIM 1.3.28, each a type and its constants,
// and nothing else: Words parses it.

// ObservableType is the type of an observable.
type ObservableType string

// The values of ObservableType.
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

// Severity is how bad something is.
type Severity string

// The values of Severity.
const (
	SeverityCritical Severity = "Critical"
	SeverityHigh     Severity = "High"
	SeverityMedium   Severity = "Medium"
	SeverityLow      Severity = "Low"
	SeverityInfo     Severity = "Info"
	SeverityNone     Severity = "None"
	SeverityUnknown  Severity = "Unknown"
)

// Confidence is how sure the source is.
type Confidence string

// The values of Confidence.
const (
	ConfidenceHigh    Confidence = "High"
	ConfidenceMedium  Confidence = "Medium"
	ConfidenceLow     Confidence = "Low"
	ConfidenceInfo    Confidence = "Info"
	ConfidenceNone    Confidence = "None"
	ConfidenceUnknown Confidence = "Unknown"
)

// TLP is a colour of the Traffic Light Protocol, which limits with whom something may
// be shared. CTIM's name for "clear" is white.
type TLP string

// The values of TLP.
const (
	TLPWhite TLP = "white"
	TLPGreen TLP = "green"
	TLPAmber TLP = "amber"
	TLPRed   TLP = "red"
)

// RelationshipType is how the source of a Relationship relates to its target.
// A judgement is BasedOn an indicator that is a pattern or an engine, and
// ElementOf one that is a feed of observables. A sighting is a SightingOf a
// pattern and a MemberOf a feed. An indicator Indicates malware, an actor, a
// campaign, a tool or an attack pattern.
type RelationshipType string

// The values of RelationshipType.
const (
	AttributedTo   RelationshipType = "attributed-to"
	BasedOn        RelationshipType = "based-on"
	DerivedFrom    RelationshipType = "derived-from"
	Detects        RelationshipType = "detects"
	DuplicateOf    RelationshipType = "duplicate-of"
	ElementOf      RelationshipType = "element-of"
	Exploits       RelationshipType = "exploits"
	Indicates      RelationshipType = "indicates"
	MemberOf       RelationshipType = "member-of"
	Mitigates      RelationshipType = "mitigates"
	PhaseOf        RelationshipType = "phase-of"
	RelatedTo      RelationshipType = "related-to"
	SightingOf     RelationshipType = "sighting-of"
	SubtechniqueOf RelationshipType = "subtechnique-of"
	Targets        RelationshipType = "targets"
	TaskOf         RelationshipType = "task-of"
	TechniqueOf    RelationshipType = "technique-of"
	Uses           RelationshipType = "uses"
	VariantOf      RelationshipType = "variant-of"
)

// RelationType describes how the source observable of a Relation relates to the other
// one. Most types come in pairs, one for each direction.
type RelationType string

// The values of RelationType.
const (
	RelationAllocated            RelationType = "Allocated"
	RelationAllocatedBy          RelationType = "Allocated_By"
	RelationAttachedTo           RelationType = "Attached_To"
	RelationBound                RelationType = "Bound"
	RelationBoundBy              RelationType = "Bound_By"
	RelationCharacterizedBy      RelationType = "Characterized_By"
	RelationCharacterizes        RelationType = "Characterizes"
	RelationChildOf              RelationType = "Child_Of"
	RelationClosed               RelationType = "Closed"
	RelationClosedBy             RelationType = "Closed_By"
	RelationCompressed           RelationType = "Compressed"
	RelationCompressedBy         RelationType = "Compressed_By"
	RelationCompressedFrom       RelationType = "Compressed_From"
	RelationCompressedInto       RelationType = "Compressed_Into"
	RelationConnectedFrom        RelationType = "Connected_From"
	RelationConnectedTo          RelationType = "Connected_To"
	RelationContainedWithin      RelationType = "Contained_Within"
	RelationContains             RelationType = "Contains"
	RelationCopied               RelationType = "Copied"
	RelationCopiedBy             RelationType = "Copied_By"
	RelationCopiedFrom           RelationType = "Copied_From"
	RelationCopiedTo             RelationType = "Copied_To"
	RelationCreated              RelationType = "Created"
	RelationCreatedBy            RelationType = "Created_By"
	RelationDecoded              RelationType = "Decoded"
	RelationDecodedBy            RelationType = "Decoded_By"
	RelationDecompressed         RelationType = "Decompressed"
	RelationDecompressedBy       RelationType = "Decompressed_By"
	RelationDecrypted            RelationType = "Decrypted"
	RelationDecryptedBy          RelationType = "Decrypted_By"
	RelationDeleted              RelationType = "Deleted"
	RelationDeletedBy            RelationType = "Deleted_By"
	RelationDeletedFrom          RelationType = "Deleted_From"
	RelationDownloaded           RelationType = "Downloaded"
	RelationDownloadedBy         RelationType = "Downloaded_By"
	RelationDownloadedFrom       RelationType = "Downloaded_From"
	RelationDownloadedTo         RelationType = "Downloaded_To"
	RelationDropped              RelationType = "Dropped"
	RelationDroppedBy            RelationType = "Dropped_By"
	RelationEncoded              RelationType = "Encoded"
	RelationEncodedBy            RelationType = "Encoded_By"
	RelationEncrypted            RelationType = "Encrypted"
	RelationEncryptedBy          RelationType = "Encrypted_By"
	RelationEncryptedFrom        RelationType = "Encrypted_From"
	RelationEncryptedTo          RelationType = "Encrypted_To"
	RelationExtractedFrom        RelationType = "Extracted_From"
	RelationFQDNOf               RelationType = "FQDN_Of"
	RelationFreed                RelationType = "Freed"
	RelationFreedBy              RelationType = "Freed_By"
	RelationHooked               RelationType = "Hooked"
	RelationHookedBy             RelationType = "Hooked_By"
	RelationInitializedBy        RelationType = "Initialized_By"
	RelationInitializedTo        RelationType = "Initialized_To"
	RelationInjected             RelationType = "Injected"
	RelationInjectedAs           RelationType = "Injected_As"
	RelationInjectedBy           RelationType = "Injected_By"
	RelationInjectedInto         RelationType = "Injected_Into"
	RelationInstalled            RelationType = "Installed"
	RelationInstalledBy          RelationType = "Installed_By"
	RelationJoined               RelationType = "Joined"
	RelationJoinedBy             RelationType = "Joined_By"
	RelationKilled               RelationType = "Killed"
	RelationKilledBy             RelationType = "Killed_By"
	RelationListenedOn           RelationType = "Listened_On"
	RelationListenedOnBy         RelationType = "Listened_On_By"
	RelationLoadedFrom           RelationType = "Loaded_From"
	RelationLoadedInto           RelationType = "Loaded_Into"
	RelationLocked               RelationType = "Locked"
	RelationLockedBy             RelationType = "Locked_By"
	RelationMappedBy             RelationType = "Mapped_By"
	RelationMappedInto           RelationType = "Mapped_Into"
	RelationMerged               RelationType = "Merged"
	RelationMergedBy             RelationType = "Merged_By"
	RelationModifiedPropertiesOf RelationType = "Modified_Properties_Of"
	RelationMonitored            RelationType = "Monitored"
	RelationMonitoredBy          RelationType = "Monitored_By"
	RelationMoved                RelationType = "Moved"
	RelationMovedBy              RelationType = "Moved_By"
	RelationMovedFrom            RelationType = "Moved_From"
	RelationMovedTo              RelationType = "Moved_To"
	RelationOpened               RelationType = "Opened"
	RelationOpenedBy             RelationType = "Opened_By"
	RelationPacked               RelationType = "Packed"
	RelationPackedBy             RelationType = "Packed_By"
	RelationPackedFrom           RelationType = "Packed_From"
	RelationPackedInto           RelationType = "Packed_Into"
	RelationParentOf             RelationType = "Parent_Of"
	RelationPaused               RelationType = "Paused"
	RelationPausedBy             RelationType = "Paused_By"
	RelationPreviouslyContained  RelationType = "Previously_Contained"
	RelationPropertiesModifiedBy RelationType = "Properties_Modified_By"
	RelationPropertiesQueried    RelationType = "Properties_Queried"
	RelationPropertiesQueriedBy  RelationType = "Properties_Queried_By"
	RelationReadFrom             RelationType = "Read_From"
	RelationReadFromBy           RelationType = "Read_From_By"
	RelationReceived             RelationType = "Received"
	RelationReceivedBy           RelationType = "Received_By"
	RelationReceivedFrom         RelationType = "Received_From"
	RelationReceivedViaUpload    RelationType = "Received_Via_Upload"
	RelationRedirectsTo          RelationType = "Redirects_To"
	RelationRefersTo             RelationType = "Refers_To"
	RelationRelatedTo            RelationType = "Related_To"
	RelationRenamed              RelationType = "Renamed"
	RelationRenamedBy            RelationType = "Renamed_By"
	RelationRenamedFrom          RelationType = "Renamed_From"
	RelationRenamedTo            RelationType = "Renamed_To"
	RelationResolvedTo           RelationType = "Resolved_To"
	RelationResumed              RelationType = "Resumed"
	RelationResumedBy            RelationType = "Resumed_By"
	RelationRootDomainOf         RelationType = "Root_Domain_Of"
	RelationSearchedFor          RelationType = "Searched_For"
	RelationSearchedForBy        RelationType = "Searched_For_By"
	RelationSent                 RelationType = "Sent"
	RelationSentBy               RelationType = "Sent_By"
	RelationSentTo               RelationType = "Sent_To"
	RelationSentViaUpload        RelationType = "Sent_Via_Upload"
	RelationSetFrom              RelationType = "Set_From"
	RelationSetTo                RelationType = "Set_To"
	RelationSubDomainOf          RelationType = "Sub-domain_Of"
	RelationSupraDomainOf        RelationType = "Supra-domain_Of"
	RelationSuspended            RelationType = "Suspended"
	RelationSuspendedBy          RelationType = "Suspended_By"
	RelationUnhooked             RelationType = "Unhooked"
	RelationUnhookedBy           RelationType = "Unhooked_By"
	RelationUnlocked             RelationType = "Unlocked"
	RelationUnlockedBy           RelationType = "Unlocked_By"
	RelationUnpacked             RelationType = "Unpacked"
	RelationUnpackedBy           RelationType = "Unpacked_By"
	RelationUploaded             RelationType = "Uploaded"
	RelationUploadedBy           RelationType = "Uploaded_By"
	RelationUploadedFrom         RelationType = "Uploaded_From"
	RelationUploadedTo           RelationType = "Uploaded_To"
	RelationUsed                 RelationType = "Used"
	RelationUsedBy               RelationType = "Used_By"
	RelationValuesEnumerated     RelationType = "Values_Enumerated"
	RelationValuesEnumeratedBy   RelationType = "Values_Enumerated_By"
	RelationWrittenToBy          RelationType = "Written_To_By"
	RelationWroteTo              RelationType = "Wrote_To"
)

// SensorType is the kind of device or service that saw something or was a target.
type SensorType string

// The values of SensorType.
const (
	SensorEndpoint                        SensorType = "endpoint"
	SensorEndpointDigitalTelephoneHandset SensorType = "endpoint.digital-telephone-handset"
	SensorEndpointLaptop                  SensorType = "endpoint.laptop"
	SensorEndpointPOSTerminal             SensorType = "endpoint.pos-terminal"
	SensorEndpointPrinter                 SensorType = "endpoint.printer"
	SensorEndpointSensor                  SensorType = "endpoint.sensor"
	SensorEndpointServer                  SensorType = "endpoint.server"
	SensorEndpointSmartMeter              SensorType = "endpoint.smart-meter"
	SensorEndpointSmartPhone              SensorType = "endpoint.smart-phone"
	SensorEndpointTablet                  SensorType = "endpoint.tablet"
	SensorEndpointWorkstation             SensorType = "endpoint.workstation"
	SensorNetwork                         SensorType = "network"
	SensorNetworkBridge                   SensorType = "network.bridge"
	SensorNetworkFirewall                 SensorType = "network.firewall"
	SensorNetworkGateway                  SensorType = "network.gateway"
	SensorNetworkGuard                    SensorType = "network.guard"
	SensorNetworkHIPS                     SensorType = "network.hips"
	SensorNetworkHub                      SensorType = "network.hub"
	SensorNetworkIDS                      SensorType = "network.ids"
	SensorNetworkIPS                      SensorType = "network.ips"
	SensorNetworkModem                    SensorType = "network.modem"
	SensorNetworkNIC                      SensorType = "network.nic"
	SensorNetworkProxy                    SensorType = "network.proxy"
	SensorNetworkRouter                   SensorType = "network.router"
	SensorNetworkSecurityManager          SensorType = "network.security_manager"
	SensorNetworkSenseMaking              SensorType = "network.sense_making"
	SensorNetworkSensor                   SensorType = "network.sensor"
	SensorNetworkSwitch                   SensorType = "network.switch"
	SensorNetworkVPN                      SensorType = "network.vpn"
	SensorNetworkWAP                      SensorType = "network.wap"
	SensorProcess                         SensorType = "process"
	SensorProcessAAAServer                SensorType = "process.aaa-server"
	SensorProcessAntiVirusScanner         SensorType = "process.anti-virus-scanner"
	SensorProcessConnectionScanner        SensorType = "process.connection-scanner"
	SensorProcessDirectoryService         SensorType = "process.directory-service"
	SensorProcessDNSServer                SensorType = "process.dns-server"
	SensorProcessEmailService             SensorType = "process.email-service"
	SensorProcessFileScanner              SensorType = "process.file-scanner"
	SensorProcessLocationService          SensorType = "process.location-service"
	SensorProcessNetworkScanner           SensorType = "process.network-scanner"
	SensorProcessRemediationService       SensorType = "process.remediation-service"
	SensorProcessReputationService        SensorType = "process.reputation-service"
	SensorProcessSandbox                  SensorType = "process.sandbox"
	SensorProcessVirtualizationService    SensorType = "process.virtualization-service"
	SensorProcessVulnerabilityScanner     SensorType = "process.vulnerability-scanner"
)

// Resolution is how a sensor reacted.
type Resolution string

// The values of Resolution.
const (
	ResolutionAllowed   Resolution = "allowed"
	ResolutionBlocked   Resolution = "blocked"
	ResolutionContained Resolution = "contained"
	ResolutionDetected  Resolution = "detected"
)

// IndicatorType classifies an indicator.
type IndicatorType string

// The values of IndicatorType.
const (
	IndicatorAnonymization             IndicatorType = "Anonymization"
	IndicatorC2                        IndicatorType = "C2"
	IndicatorCompromisedPKICertificate IndicatorType = "Compromised PKI Certificate"
	IndicatorDomainWatchlist           IndicatorType = "Domain Watchlist"
	IndicatorExfiltration              IndicatorType = "Exfiltration"
	IndicatorFileHashWatchlist         IndicatorType = "File Hash Watchlist"
	IndicatorHostCharacteristics       IndicatorType = "Host Characteristics"
	IndicatorIMEIWatchlist             IndicatorType = "IMEI Watchlist"
	IndicatorIMSIWatchlist             IndicatorType = "IMSI Watchlist"
	IndicatorIPWatchlist               IndicatorType = "IP Watchlist"
	IndicatorLoginName                 IndicatorType = "Login Name"
	IndicatorMaliciousEMail            IndicatorType = "Malicious E-mail"
	IndicatorMalwareArtifacts          IndicatorType = "Malware Artifacts"
	IndicatorPrivateThreatFeed         IndicatorType = "Private Threat Feed"
	IndicatorURLWatchlist              IndicatorType = "URL Watchlist"
)

// MalwareLabel classifies malware by its purpose.
type MalwareLabel string

// The values of MalwareLabel.
const (
	MalwareAdware                MalwareLabel = "adware"
	MalwareBackdoor              MalwareLabel = "backdoor"
	MalwareBot                   MalwareLabel = "bot"
	MalwareDDoS                  MalwareLabel = "ddos"
	MalwareDropper               MalwareLabel = "dropper"
	MalwareExploitKit            MalwareLabel = "exploit-kit"
	MalwareKeylogger             MalwareLabel = "keylogger"
	MalwareRansomware            MalwareLabel = "ransomware"
	MalwareRemoteAccessTrojan    MalwareLabel = "remote-access-trojan"
	MalwareResourceExploitation  MalwareLabel = "resource-exploitation"
	MalwareRogueSecuritySoftware MalwareLabel = "rogue-security-software"
	MalwareRootkit               MalwareLabel = "rootkit"
	MalwareScreenCapture         MalwareLabel = "screen-capture"
	MalwareSpyware               MalwareLabel = "spyware"
	MalwareTrojan                MalwareLabel = "trojan"
	MalwareVirus                 MalwareLabel = "virus"
	MalwareWorm                  MalwareLabel = "worm"
)

// ToolLabel classifies a tool by its use.
type ToolLabel string

// The values of ToolLabel.
const (
	ToolCredentialExploitation ToolLabel = "credential-exploitation"
	ToolDenialOfService        ToolLabel = "denial-of-service"
	ToolExploitation           ToolLabel = "exploitation"
	ToolInformationGathering   ToolLabel = "information-gathering"
	ToolNetworkCapture         ToolLabel = "network-capture"
	ToolRemoteAccess           ToolLabel = "remote-access"
	ToolVulnerabilityScanning  ToolLabel = "vulnerability-scanning"
)

// ActorType is the kind of an actor.
type ActorType string

// The values of ActorType.
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

// Phase is a step of the Lockheed Martin cyber kill chain.
type Phase string

// The values of Phase.
const (
	PhaseReconnaissance     Phase = "reconnaissance"
	PhaseWeaponization      Phase = "weaponization"
	PhaseDelivery           Phase = "delivery"
	PhaseExploitation       Phase = "exploitation"
	PhaseInstallation       Phase = "installation"
	PhaseCommandAndControl  Phase = "command-and-control"
	PhaseActionsOnObjective Phase = "actions-on-objective"
)
