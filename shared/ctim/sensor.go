package ctim

// SensorType says what kind of device or service saw something, or was its
// target.
type SensorType string

// The sensor and target types of CTIM.
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

// SensorTypes are the sensor and target types of CTIM.
func SensorTypes() []SensorType {
	return []SensorType{
		SensorEndpoint, SensorEndpointDigitalTelephoneHandset, SensorEndpointLaptop, SensorEndpointPOSTerminal,
		SensorEndpointPrinter, SensorEndpointSensor, SensorEndpointServer, SensorEndpointSmartMeter,
		SensorEndpointSmartPhone, SensorEndpointTablet, SensorEndpointWorkstation, SensorNetwork, SensorNetworkBridge,
		SensorNetworkFirewall, SensorNetworkGateway, SensorNetworkGuard, SensorNetworkHIPS, SensorNetworkHub,
		SensorNetworkIDS, SensorNetworkIPS, SensorNetworkModem, SensorNetworkNIC, SensorNetworkProxy,
		SensorNetworkRouter, SensorNetworkSecurityManager, SensorNetworkSenseMaking, SensorNetworkSensor,
		SensorNetworkSwitch, SensorNetworkVPN, SensorNetworkWAP, SensorProcess, SensorProcessAAAServer,
		SensorProcessAntiVirusScanner, SensorProcessConnectionScanner, SensorProcessDirectoryService,
		SensorProcessDNSServer, SensorProcessEmailService, SensorProcessFileScanner, SensorProcessLocationService,
		SensorProcessNetworkScanner, SensorProcessRemediationService, SensorProcessReputationService,
		SensorProcessSandbox, SensorProcessVirtualizationService, SensorProcessVulnerabilityScanner,
	}
}
