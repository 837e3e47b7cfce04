package abuseipdb

import (
	"strconv"

	"github.com/serverless-relay/relay/shared/ctim"
)

// categoriesPage describes AbuseIPDB's categories.
const categoriesPage = "https://www.abuseipdb.com/categories"

// category is a kind of abuse.
type category struct {
	number int
	title  string
	about  string
}

// categories are AbuseIPDB's with its titles. The first has the number 1.
var categories = [...]category{
	{1, "DNS Compromise", "Changed DNS records, to lead visitors elsewhere."},
	{2, "DNS Poisoning", "Put forged records into the cache of a DNS server."},
	{3, "Fraud Orders", "Placed fraudulent orders."},
	{4, "DDoS Attack", "Took part in a distributed denial of service, mostly as part of a botnet."},
	{5, "FTP Brute-Force", "Tried passwords at an FTP server."},
	{6, "Ping of Death", "Sent oversized IP packets."},
	{7, "Phishing", "Phished by web pages or e-mail."},
	{8, "Fraud VoIP", "Committed fraud over internet telephony."},
	{9, "Open Proxy", "Is an open proxy, an open relay or a Tor exit."},
	{10, "Web Spam", "Left spam in comments, forums, referrers or elsewhere on web sites."},
	{11, "Email Spam", "Sent spam, infected attachments or phishing e-mail."},
	{12, "Blog Spam", "Left spam in the comments of a blog."},
	{13, "VPN IP", "Is an exit of a VPN. Goes with other categories."},
	{14, "Port Scan", "Looked for open ports and vulnerable services."},
	{15, "Hacking", "Tried to break into a system."},
	{16, "SQL Injection", "Tried to inject SQL."},
	{17, "Spoofing", "Forged the sender of e-mail."},
	{18, "Brute-Force", "Tried passwords at web pages or services such as SSH, SMTP or RDP."},
	{19, "Bad Web Bot", "Scraped web pages, or crawled them against their robots.txt."},
	{20, "Exploited Host", "Is probably infected and used by others for attacks or to host malicious content."},
	{21, "Web App Attack", "Probed or attacked web applications, such as content management systems."},
	{22, "SSH", "Abused SSH. Goes with other categories."},
	{23, "IoT Targeted", "Attacked devices of the Internet of Things."},
}

// categoryOf returns the category of that number, from 1. AbuseIPDB may have
// added some.
func categoryOf(number int) category {
	if number > len(categories) {
		return category{number: number, title: "AbuseIPDB category " + strconv.Itoa(number)}
	}
	return categories[number-1]
}

// part returns the category as the indicator that reports are based on. It is
// the same whatever address was reported.
func (c category) part() ctim.Part {
	return ctim.Part{
		ID: strconv.Itoa(c.number), Title: c.title, Text: c.about, URL: categoriesPage,
		Types: []ctim.IndicatorType{ctim.IndicatorIPWatchlist},
	}
}
