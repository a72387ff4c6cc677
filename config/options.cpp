#include "config/options.h"

#include "config/agent_kinds.h"
#include "config/contact_kinds.h"

namespace holdfast::config {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::asio::ip::udp;
using health::AgentChoice;
using health::AgentSettings;
using health::ContactSettings;
using health::LocationSettings;
using health::LogSettings;
using health::MonitorSettings;
using health::NotifySettings;
using health::ProbeSettings;
using health::SelfSettings;
using health::StoreSettings;
using server::ControlSettings;
using server::ServerSettings;
using server::TlsSettings;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMaxTxt = 255;     // octets of one string of a TXT record (RFC 1035 3.3)
constexpr std::size_t kMaxStatus = 100;  // codes of one list

using Types = std::vector<std::string_view>;  // of a monitor
const Types kHttp = {"http", "https"};
const Types kTcp = {"tcp"};
const Types kSmtp = {"smtp"};
const Types kDns = {"dns"};
const Types kHttps = {"https"};
const Types kExec = {"exec"};
const Types kCombinations = {"all", "any", "at_least"};
const Types kAtLeast = {"at_least"};
const Types kWithTls = {"https", "tls", "smtp"};
const Types kWithName = {"http", "https", "tls", "smtp"};
const Types kWithAnswer = {"http", "https", "tcp", "dns"};
const Types kWithConnection = {"http", "https", "tcp", "tls", "smtp"};
const Types kWithLimits = {"http", "https", "tcp", "smtp"};
const Types kWebhook = {"webhook"};  // of a contact
const Types kMail = {"mail"};
const Types kWithPort = {"http", "https", "tcp", "tls", "smtp", "dns", "exec"};

}  // namespace

bool has_port(std::string_view type) {
  return std::find(kWithPort.begin(), kWithPort.end(), type) != kWithPort.end();
}

std::span<const Option<ServerSettings>> server_options() {
  static const Option<TlsSettings> kTls[] = {
      option("listen", &TlsSettings::listen, ListOf<Endpoint<tcp>>{{853}, kMaxListen},
             "Addresses and ports, beside those of `listen` above."),
      required(
          "certificate", &TlsSettings::certificate, FilePath{},
          "Certificate that is shown, as PEM, followed by those that it was issued by. Read again by each "
          "reload, with its key."),
      option(
          "key", &TlsSettings::key, FilePath{},
          "Key of that certificate, as PEM without a password (0640 or less); without this option it is in "
          "the same file."),
  };
  static const Option<ServerSettings> kOptions[] = {
      option("listen", &ServerSettings::listen, ListOf<Endpoint<udp>>{{53}, kMaxListen},
             "Addresses and ports to answer queries at, over UDP and TCP."),
      option("threads", &ServerSettings::threads, Integer<unsigned>{0, 256},
             "Workers; each has a thread per address for UDP and one for TCP. 0: one worker per core."),
      option(
          "nsid", &ServerSettings::nsid, Text{server::kMaxNsid},
          "Name of this server, told by NSID (RFC 5001) and `id.server CH TXT`; empty: neither is answered.")
          .set_to("\"ns1.example.net\""),
      option("version", &ServerSettings::version, Text{kMaxTxt},
             "Answer to `version.bind CH TXT`; empty: the question is refused."),
      option("edns_size", &ServerSettings::edns_size, Integer<std::uint16_t>{512, 4096},
             "Octets of the largest answer over UDP; what is longer comes over TCP."),
      option(
          "tcp_connections", &ServerSettings::tcp_connections, Integer<std::uint32_t>{1, 100'000},
          "Most TCP connections at a time, shared out evenly among the workers, and as many over TLS; fewer "
          "where the system allows too few open files."),
      option("tcp_idle", &ServerSettings::tcp_idle, Duration<milliseconds>{100ms, 1h},
             "Longest silence between two queries of one TCP connection."),
      option("tcp_message", &ServerSettings::tcp_message, Duration<milliseconds>{100ms, 1min},
             "Longest time to receive or send one whole message over TCP."),
      option(
          "tls", &ServerSettings::tls, TableOf<TlsSettings>{kTls},
          "Where queries are answered over TLS (1.3 only), and zones transferred to peers that have `tls`. "
          "Connections are limited as over TCP, and counted for themselves.")
          .such_as("{ certificate = \"ns1.pem\", key = \"ns1.key\" }"),
      option("state", &ServerSettings::state, DirectoryPath{},
             "Directory of what is kept over a restart (verdicts, overrides, addresses of names, who "
             "`last-good` comes back to, the log, serials and what UPDATE changed, zones that were "
             "transferred), made where there is none; only one holdfast may have it. "
             "Zones are there, too: those with a `file` in `cache`, from which a start reads them, sooner "
             "where they are large, where "
             "files did not change, and serves what they last had where they cannot be used; that may be "
             "deleted. Without it nothing is kept.")
          .set_to("\"/var/lib/holdfast\""),
  };
  return kOptions;
}

std::span<const Option<ControlSettings>> control_options() {
  static const Option<ControlSettings> kOptions[] = {
      option("listen", &ControlSettings::listen, Endpoint<tcp>{8053},
             "Address and port of the HTTP listener."),
      option(
          "allow_remote", &ControlSettings::allow_remote, Boolean{},
          "Whether `listen` may be other than loopback: anybody who reaches it can read the state, ask for a "
          "reload, drain and force members, send test notifications and have a store believed."),
      option("zone_series", &ControlSettings::zone_series, Integer<std::uint32_t>{0, 10'000},
             "Most zones that have series of their own in `/metrics`; where there are more zones, only those "
             "with "
             "something wrong have, beside the totals."),
  };
  return kOptions;
}

std::span<const Option<LogSettings>> log_options() {
  static const Option<LogSettings> kOptions[] = {
      option("keep", &LogSettings::keep, Duration<seconds>{1min, 24h * 3650}, "How long an entry is kept."),
      option("size", &LogSettings::size, Size{4U << 20, std::uint64_t{1} << 40},
             "Octets of the log on the disk; where they do not suffice, the oldest probes go first, then the "
             "oldest "
             "events."),
  };
  return kOptions;
}

std::span<const Option<ProbeSettings>> probe_options() {
  static const Option<ProbeSettings> kOptions[] = {
      option("exec_directory", &ProbeSettings::exec_directory, DirectoryPath{},
             "Where the programs of monitors of type exec are, and the only place they are taken from. It "
             "and they must "
             "belong to root, or to the user that runs holdfast, as must the directories above it, and "
             "nobody else may write "
             "to them.")
          .such_as("\"/etc/holdfast/checks\""),
      option("allow_loopback", &ProbeSettings::allow_loopback, Boolean{},
             "Whether members may be loopback addresses without a warning: for tests and demos, since "
             "clients would "
             "look on their own machines."),
      option("threads", &ProbeSettings::threads, Integer<unsigned>{1, 64},
             "Threads that probe, at a lower priority than those that answer queries. One does 10,000 "
             "targets every 5 s, unless they are checked over TLS: \"Measured\" in the README has what a "
             "check costs. Read at the start only: a change needs a restart."),
  };
  return kOptions;
}

std::span<const Option<MonitorSettings>> monitor_options() {
  static const Option<AgentChoice> kChoice[] = {
      option("prefer", &AgentChoice::prefer, ListOf<Identifier>{{}, kMaxLocations},
             "Locations whose agents probe, the best first; of further ones only while there are fewer than "
             "`min`."),
      option("nearest", &AgentChoice::nearest, Integer<unsigned>{1, kMaxAgents},
             "At most so many, those nearest to the member's `location`; without it all."),
      option("min", &AgentChoice::min, Integer<unsigned>{1, kMaxAgents},
             "While fewer than so many are there, agents of other locations help out."),
      option("quorum", &AgentChoice::quorum, QuorumRule{kMaxLocations},
             "How many of the locations that say something must say down; never fewer than two where two say "
             "something."),
  };
  static const Option<MonitorSettings> kOptions[] = {
      required(
          "type", &MonitorSettings::type, Choice<health::Protocol>{health::kProtocols},
          "Protocol of a probe. `tls` only shakes hands, and `tcp` only connects if it has neither "
          "`send` nor `expect`; `ping` is an ICMP echo, for which the system must let holdfast have a socket "
          "(`net.ipv4.ping_group_range`, or CAP_NET_RAW); `exec` runs a program of yours; `all`, `any` and "
          "`at_least` "
          "combine other monitors, which are tried at the same time until it is decided.")
          .set_to("\"https\""),
      option(
          "port", &MonitorSettings::port, Integer<std::uint16_t>{1, 65535},
          "Port to connect to; without it 80 for http, 443 for https and tls, 25 for smtp, 53 for dns; tcp "
          "must name one.")
          .only_for(kWithPort)
          .such_as("8443"),
      option(
          "host", &MonitorSettings::host, Host{},
          "Host header, and over TLS the name that is told (SNI) and that a certificate must have; without "
          "it the target's address.")
          .only_for(kWithName)
          .set_to("\"www.example.com\""),
      option("path", &MonitorSettings::path, UrlPath{}, "Path to ask for, with its query if it has one.")
          .only_for(kHttp)
          .set_to("\"/healthz\""),
      option("method", &MonitorSettings::method, Word{health::kHttpMethods},
             "Method of the request; of an answer to HEAD only the header is waited for.")
          .only_for(kHttp),
      option("http_version", &MonitorSettings::http_version,
             Choice<health::HttpVersion>{health::kHttpVersions},
             "Version of HTTP; a server that does not agree on 2 in the TLS handshake (ALPN) fails.")
          .only_for(kHttps),
      option("headers", &MonitorSettings::headers, ListOf<Header>{{}, kMaxHeaders},
             "What else stands in the header of the request, of 1024 octets each. In logs stand only the "
             "names of "
             "those that have `auth`, `cookie`, `key`, `password`, `secret` or `token` in them.")
          .only_for(kHttp)
          .such_as("[\"Accept: text/plain\"]"),
      option(
          "body", &MonitorSettings::body, Text{kMaxSend, Text::any},
          "Body of the request, with `method = \"POST\"`; it has no Content-Type unless `headers` say one.")
          .only_for(kHttp),
      option("status", &MonitorSettings::status, ListOf<Status>{{}, kMaxStatus},
             "Status codes that pass; redirects are not followed.")
          .only_for(kHttp),
      option("send", &MonitorSettings::send, Text{kMaxSend, Text::any},
             "What is said after connecting, octet for octet; empty: nothing.")
          .only_for(kTcp)
          .such_as("\"PING\\r\\n\""),
      option("expect", &MonitorSettings::expect, Wanted{health::kExpectWindow},
             "What must stand in the first 5120 octets of the body, or for tcp of what comes: a text, "
             "case-sensitive "
             "unless it is said as `{ any_case = ... }`, or a regular expression as RE2 has them, which "
             "over tcp is tried on what has come so far. For dns the whole data of a record of the answer as "
             "a zone file has it, such as "
             "`10 mx.example.com.`, in any case. Empty: any will do.")
          .only_for(kWithAnswer),
      option("reject", &MonitorSettings::reject, Wanted{health::kExpectWindow},
             "What must not stand in the first 5120 octets of the body, said in the same ways; these are "
             "read to their "
             "end then. Empty: nothing.")
          .only_for(kHttp),
      option("query", &MonitorSettings::query, QueryName{},
             "The name to ask for, with recursion desired and without EDNS; a monitor of type dns must give "
             "it.")
          .only_for(kDns)
          .such_as("\"example.com\""),
      option("query_type", &MonitorSettings::query_type, TypeName{}, "The record type to ask for.")
          .only_for(kDns),
      option("rcode", &MonitorSettings::rcode, Word{health::kRcodes}, "The response code that passes.")
          .only_for(kDns),
      option("ehlo", &MonitorSettings::ehlo, Boolean{},
             "Whether EHLO is said after the banner, and must be answered with 250; `starttls` needs it and "
             "says it too.")
          .only_for(kSmtp),
      option("starttls", &MonitorSettings::starttls, Boolean{},
             "Whether STARTTLS is said, and the session goes on over TLS; `host`, `verify`, `ca_file`, "
             "`client_certificate`, `client_key` and `certificate_days` count for smtp only then.")
          .only_for(kSmtp),
      option("verify", &MonitorSettings::verify, Boolean{},
             "Whether a certificate must be valid, trusted and for `host`.")
          .only_for(kWithTls),
      option("ca_file", &MonitorSettings::ca_file, FilePath{},
             "Certificates to trust, as PEM; without it those of the system.")
          .only_for(kWithTls)
          .such_as("\"private-ca.pem\""),
      option("client_certificate", &MonitorSettings::client_certificate, FilePath{},
             "Certificate that is shown to a server that asks for one, as PEM, followed by those that it was "
             "issued by. "
             "Over TLS 1.3 a server may refuse it after the handshake, where type tls no longer looks.")
          .only_for(kWithTls)
          .such_as("\"client.pem\""),
      option(
          "client_key", &MonitorSettings::client_key, FilePath{},
          "Key of that certificate, as PEM without a password; without this option it is in the same file.")
          .only_for(kWithTls)
          .such_as("\"client.key\""),
      option("certificate_days", &MonitorSettings::certificate_days, Integer<unsigned>{0, 3650},
             "Fails when the certificate expires in fewer days than that; 0: they are not looked at.")
          .only_for(kWithTls),
      option("command", &MonitorSettings::command, CommandLine{kMaxWords},
             "A program of `exec_directory` and its arguments; no shell sees them, but the log does. It "
             "passes with exit "
             "code 0, and is killed when the time is over. It has HOLDFAST_ADDRESS, HOLDFAST_PORT, "
             "HOLDFAST_MONITOR, PATH "
             "and LANG in its environment, nothing to read, and may write 64 KiB; the first line of that is "
             "told.")
          .only_for(kExec)
          .such_as("[\"check_queue\", \"--warn\", \"100\"]"),
      option("of", &MonitorSettings::of, ListOf<Identifier>{{}, kMaxParts},
             "The monitors that are combined, none of them a combination itself. Each has its own `timeout`, "
             "at most that "
             "of the combination; its `interval`, `retry`, `fall`, `rise` and `agents` do not count.")
          .only_for(kCombinations)
          .such_as("[\"web\", \"mail\"]"),
      option("count", &MonitorSettings::count, Integer<unsigned>{1, kMaxParts}, "How many of them must pass.")
          .only_for(kAtLeast)
          .such_as("2"),
      option("interval", &MonitorSettings::interval, Duration<milliseconds>{1s, 1h},
             "Time between the starts of two probes of one target."),
      option("retry", &MonitorSettings::retry, Duration<milliseconds>{100ms, 1h},
             "Time to the next probe after a first failure, until the verdict is settled; at most "
             "`interval`. The default "
             "is never more than half of it.")
          .always_written(),
      option(
          "timeout", &MonitorSettings::timeout, Duration<milliseconds>{10ms, 1h},
          "Longest time for a whole probe; less than `interval`. The default is never more than 3/5 of it.")
          .always_written(),
      option("connect_timeout", &MonitorSettings::connect_timeout, Duration<milliseconds>{0ms, 1h},
             "Longest time to connect, TLS included; 0s: only `timeout` counts.")
          .only_for(kWithConnection),
      option(
          "header_timeout", &MonitorSettings::header_timeout, Duration<milliseconds>{0ms, 1h},
          "Longest time from the connection to the end of the header, to the first octets, or to the end of "
          "what smtp says in the clear; 0s: only `timeout` counts.")
          .only_for(kWithLimits),
      option("body_timeout", &MonitorSettings::body_timeout, Duration<milliseconds>{0ms, 1h},
             "Longest time from the end of that to the end of the probe; 0s: only `timeout` counts.")
          .only_for(kWithLimits),
      option("fall", &MonitorSettings::fall, Integer<unsigned>{1, 100},
             "Failures in a row after which a target is down."),
      option("rise", &MonitorSettings::rise, Integer<unsigned>{1, 100},
             "Passes in a row after which a target that was down is up."),
      option("agents", &MonitorSettings::agents, TableOf<AgentChoice>{kChoice},
             "Which agents probe, and how they agree; without it all, and by majority of their locations.")
          .such_as("{ prefer = [\"eu\"], nearest = 3, min = 2, quorum = \"majority\" }"),
  };
  return kOptions;
}

std::span<const Option<NotifySettings>> notify_options() {
  static const Option<NotifySettings> kOptions[] = {
      option("contacts", &NotifySettings::contacts, ListOf<Identifier>{{}, kMaxTold},
             "Who is told of what has no contacts of its own: pools, live names, agents, the store, a reload "
             "that was "
             "refused.")
          .set_to("[\"ops\"]"),
      option("group", &NotifySettings::group, Duration<milliseconds>{0ms, 1h},
             "What happens so soon after the first event is told together with it."),
      option("repeat", &NotifySettings::repeat, Duration<milliseconds>{0ms, 24h},
             "When nothing new was told for so long, what is still down is told again; 0s: it is not."),
      option("hourly", &NotifySettings::hourly, Integer<unsigned>{1, 1000},
             "Most notifications to one contact within an hour; what happens meanwhile is told when there is "
             "room "
             "again, as one."),
  };
  return kOptions;
}

std::span<const Option<ContactSettings>> contact_options() {
  static const Option<ContactSettings> kOptions[] = {
      required("type", &ContactSettings::type, Choice<health::ContactType>{health::kContactTypes},
               "How the contact is told: by a request of HTTP, or by mail.")
          .set_to("\"webhook\""),
      option("url", &ContactSettings::url, HttpUrl{},
             "Where a notification is posted to; a contact of type webhook must give it. Redirects are not "
             "followed.")
          .only_for(kWebhook)
          .set_to("\"https://chat.example.com/hooks/dns\""),
      option("body", &ContactSettings::body, Template{kMaxTemplate},
             "What is posted, with `{{id}}`, `{{kind}}`, `{{contact}}`, `{{server}}`, `{{time}}`, "
             "`{{subject}}` and "
             "`{{text}}` in it, escaped for a JSON string where `content_type` is JSON; without it a JSON "
             "document "
             "with all events.")
          .only_for(kWebhook)
          .such_as("'{\"text\": \"{{subject}}\"}'"),
      option("content_type", &ContactSettings::content_type, Text{255}, "Content-Type of what is posted.")
          .only_for(kWebhook),
      option("secret_file", &ContactSettings::secret_file, FilePath{},
             "A file whose first line signs what is posted (header X-Holdfast-Signature: `t=` seconds since "
             "the epoch, "
             "`,v1=` HMAC-SHA256 in hexadecimal over these, a dot and the body); readable by nobody but its "
             "owner and "
             "group.")
          .only_for(kWebhook)
          .such_as("\"webhook.secret\""),
      option("server", &ContactSettings::server, HostAndPort{},
             "Who takes the mail; without a port 587, with `tls = \"implicit\"` 465, with `\"none\"` 25. A "
             "contact of "
             "type mail must give it, and `from` and `to`.")
          .only_for(kMail)
          .such_as("\"mail.example.net\""),
      option("tls", &ContactSettings::tls, Choice<health::MailTls>{health::kMailTls},
             "How the session is encrypted: by STARTTLS, without which nothing is sent; from the beginning; "
             "or not.")
          .only_for(kMail),
      option("from", &ContactSettings::from, MailAddress{}, "Sender of the mail.")
          .only_for(kMail)
          .such_as("\"holdfast@example.net\""),
      option("to", &ContactSettings::to, ListOf<MailAddress>{{}, kMaxTold}, "Recipients of the mail.")
          .only_for(kMail)
          .such_as("[\"ops@example.net\"]"),
      option("user", &ContactSettings::user, Text{255},
             "Who we are to the mail server, with `password_file`; empty: it is not told.")
          .only_for(kMail),
      option("password_file", &ContactSettings::password_file, FilePath{},
             "A file whose first line is the password; readable by nobody but its owner and group.")
          .only_for(kMail)
          .such_as("\"mail.password\""),
      option("ca_file", &ContactSettings::ca_file, FilePath{},
             "Certificates to trust, as PEM; without it those of the system.")
          .such_as("\"private-ca.pem\""),
      option("timeout", &ContactSettings::timeout, Duration<milliseconds>{100ms, 5min},
             "Longest time for one attempt. One that failed is made again after 1 s, 2 s, 4 s and so on, at "
             "most 5 min, "
             "and given up after an hour."),
      option("quiet", &ContactSettings::quiet, ListOf<DayTime>{{}, kMaxTold},
             "When nothing is told; what happens is told at the end, as one.")
          .such_as("[\"22:00-07:00\"]"),
      option("time_zone", &ContactSettings::time_zone, Choice<health::TimeZone>{health::kTimeZones},
             "What the times of `quiet` are in: UTC, or the time zone of the system."),
      option("urgent", &ContactSettings::urgent, Boolean{},
             "Whether what is bad (a target went down, a reload was refused) is told in quiet hours too."),
  };
  return kOptions;
}

std::span<const Option<SelfSettings>> self_options() {
  static const Option<SelfSettings> kOptions[] = {
      option("name", &SelfSettings::name, Identifier{},
             "Name of this process, another one for each that shares the store. What it sees counts where an "
             "`[agent.NAME]` has that name too.")
          .such_as("\"ns1\""),
      option(
          "references", &SelfSettings::references, ListOf<Endpoint<tcp>>{{443}, kMaxReferences},
          "What should always answer over TCP, by address and port, and does not depend on what is checked: "
          "while none of them answers, this process takes itself to be cut off, and says nothing of targets.")
          .such_as("[\"192.0.2.1:443\", \"[2001:db8::1]:53\"]"),
  };
  return kOptions;
}

std::span<const Option<StoreSettings>> store_options() {
  static const Option<StoreSettings> kOptions[] = {
      required(
          "endpoints", &StoreSettings::endpoints, ListOf<StoreUrl>{{}, kMaxStoreEndpoints},
          "The members of one cluster of etcd (3.4 or later); one that does not answer is left for the next.")
          .such_as("[\"https://192.0.2.10:2379\", \"https://192.0.2.11:2379\"]"),
      option("prefix", &StoreSettings::prefix, KeyPrefix{kMaxPrefix},
             "What all keys begin with; servers and agents meet where it is the same."),
      option("user", &StoreSettings::user, Text{255},
             "Who we are to etcd, with `password_file`; empty: it is not told.")
          .such_as("\"holdfast\""),
      option("password_file", &StoreSettings::password_file, FilePath{},
             "A file whose first line is the password; readable by nobody but its owner and group.")
          .such_as("\"store.password\""),
      option("ca_file", &StoreSettings::ca_file, FilePath{},
             "Certificates to trust, as PEM; without it those of the system.")
          .such_as("\"store-ca.pem\""),
      option("certificate", &StoreSettings::certificate, FilePath{},
             "Certificate that is shown to etcd, as PEM, followed by those that it was issued by.")
          .such_as("\"store.pem\""),
      option(
          "key", &StoreSettings::key, FilePath{},
          "Key of that certificate, as PEM without a password; without this option it is in the same file.")
          .such_as("\"store.key\""),
  };
  return kOptions;
}

std::span<const Option<LocationSettings>> location_options() {
  static const Option<LocationSettings> kOptions[] = {
      option("in", &LocationSettings::in, Identifier{}, "The location that this one is a part of.")
          .such_as("\"europe\""),
      option("latitude", &LocationSettings::latitude, Degrees{90},
             "Degrees north; together with `longitude`.")
          .such_as("53.35"),
      option("longitude", &LocationSettings::longitude, Degrees{180},
             "Degrees east. What is in a location without coordinates of its own has those of the location.")
          .such_as("-6.26"),
  };
  return kOptions;
}

std::span<const Option<AgentSettings>> agent_options() {
  static const Option<AgentSettings> kOptions[] = {
      required("location", &AgentSettings::location, Identifier{},
               "Where it is. The agents of one location have one vote together.")
          .such_as("\"eu\""),
      option("addresses", &AgentSettings::addresses, ListOf<Address>{{}, kMaxAgentAddresses},
             "From which it probes: what the targets' firewalls must let in.")
          .such_as("[\"192.0.2.7\"]"),
  };
  return kOptions;
}

const std::vector<SectionText>& sections() {
  static const std::vector<SectionText> kSections = {
      {"server", "[server]", "[server]",
       "How queries are taken. Read at the start only: a change needs a restart.", texts(server_options())},
      {"control", "[control]", "[control]",
       "The HTTP listener for `holdfast status`, `holdfast reload` and Prometheus. Without this section "
       "there is none.",
       texts(control_options())},
      {"log", "[log]", "[log]",
       "How far back the log of probes and events reaches, `log.db` in the `state` of [server]. Read at the "
       "start "
       "only: a change needs a restart.",
       texts(log_options())},
      {"probes", "[probes]", "[probes]", "What holds for the probes of all monitors.",
       texts(probe_options())},
      {"monitor", "[monitor.NAME]", "[monitor.web]",
       "How to check whether a target is alive. What uses the monitor calls it by NAME.",
       texts(monitor_options()), "https"},
      {"pool", "[pool.NAME]", "[pool.shop]",
       "Who a live name may answer with: addresses, names, or other pools.", texts(pool_options())},
      {"zone", "[[zone]]", "[[zone]]", "A zone to serve. This section stands once for each zone.",
       texts(zone_options())},
      {"peer", "[peer.NAME]", "[peer.ns2]",
       "Another name server, which zones are transferred to or from. Zones call it by NAME.",
       texts(peer_options()), "", false},
      {"key", "[key.NAME]", "[key.xfr]",
       "A secret shared with another name server, which messages are signed with (TSIG, RFC 8945). Peers "
       "call it by NAME.",
       texts(key_options()), "", false},
      {"catalog", "[catalog.NAME]", "[catalog.fleet]",
       "A zone that lists zones (RFC 9432), so that who has a zone is said in one place. With `primaries` it "
       "is "
       "transferred in, and the zones in it are served as well, as secondary; without, it is made here, of "
       "the "
       "zones that name it. It is only answered to those who may transfer it.",
       texts(catalog_options()), "", false},
      {"notify", "[notify]", "[notify]",
       "Who is told when a target goes down or comes back, and when. What happens while a notification is "
       "tried again "
       "is collected for the next: the last 1000 events for each contact.",
       texts(notify_options())},
      {"contact", "[contact.NAME]", "[contact.ops]",
       "Whom to tell, and how. `[notify]`, pools and live names call it by NAME; `holdfast notify --test "
       "NAME` tries it.",
       texts(contact_options()), "webhook"},
      {"self", "[self]", "[self]",
       "This process among the servers and agents that share a store. Read at the start only: a change needs "
       "a "
       "restart.",
       texts(self_options()), "", false},
      {"store", "[store]", "[store]",
       "The etcd where servers and agents meet. Without it this process checks alone. Read at the start "
       "only: a "
       "change needs a restart.",
       texts(store_options()), "", false},
      {"location", "[location.NAME]", "[location.europe]\n\n[location.eu]",
       "A place where agents and members are.", texts(location_options()), "", false},
      {"agent", "[agent.NAME]", "[agent.ns1]",
       "A process, by the name of its [self], whose verdicts count: a server's own, or one of `holdfast "
       "agent`. "
       "Without any of these sections only those of this server itself do.",
       texts(agent_options()), "", false},
      {"geo", "[geo]", "[geo]", "What is known of where clients are, for pools with `policy = \"nearest\"`.",
       texts(geo_options()), "", false},
      {"clients", "[clients.NAME]", "[clients.eu]",
       "Which clients are in the location of that name: by EDNS client subnet where the query has it, else "
       "by the "
       "address that it comes from.",
       texts(clients_options()), "", false},
      {"resolver", "[resolver]", "[resolver]",
       "Who is asked, in the background and ahead of time, for the addresses behind `aname`, of members that "
       "are names, and of "
       "hosts in MX and SRV records.",
       texts(resolver_options()), "", false},
  };
  return kSections;
}

}  // namespace holdfast::config
