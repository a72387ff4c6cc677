#include <gtest/gtest.h>

#include "config/options.h"
#include "tests/config/examples.h"

/// The edges of every option that has a range: the outermost values that are allowed, and their neighbours.
namespace holdfast::config {
namespace {

using namespace examples;

std::string http(const std::string& lines) { return monitor(lines); }
std::string https(const std::string& lines) { return monitor(lines, "https"); }
std::string tcp(const std::string& lines) { return monitor("port = 25\n" + lines, "tcp"); }
std::string smtp(const std::string& lines) { return monitor(lines, "smtp"); }
std::string dns(const std::string& lines) { return monitor("query = \".\"\n" + lines, "dns"); }
std::string dns_of(const std::string& lines) { return monitor(lines, "dns"); }
std::string slow(const std::string& lines) { return monitor("interval = \"1h\"\n" + lines); }
std::string patient(const std::string& lines) { return slow("timeout = \"59m\"\n" + lines); }
std::string one_member(const std::string& lines) {
  return pool(lines + "\nmembers = [{ address = \"192.0.2.1\" }]");
}
std::string tier(const std::string& tier) {
  return pool("policy = \"failover\"\nmembers = [{ address = \"192.0.2.1\", " + tier + " }]");
}
std::string live_row(const std::string& rest) {
  return live("{ name = \"www\", monitor = \"web\", " + rest + " }");
}

/// `key` in the `agents` of a monitor, where location "eu" is.
std::string choice(const std::string& key) {
  return "[location.eu]\n[monitor.web]\ntype = \"ping\"\nagents = { " + key +
         " }\n[pool.a]\nmonitor = \"web\"\nmembers = [{ address = \"192.0.2.1\", location = \"eu\" }]\n" +
         kZone + "live = [{ name = \"a\", pool = \"a\" }]\n";
}
std::string place(const std::string& lines) { return "[location.eu]\n" + lines + "\n" + kZone; }
std::string self(const std::string& lines) { return "[self]\n" + lines + "\n" + kZone; }
std::string store_of(const std::string& lines) { return "[self]\nname = \"a\"\n[store]\n" + lines + "\n"; }
std::string store(const std::string& lines) { return store_of("endpoints = [\"https://a:1\"]\n" + lines); }
std::string agent(const std::string& lines) {
  return store("[location.eu]\n[agent.a]\nlocation = \"eu\"\n" + lines);
}

std::string text_of(std::size_t octets) { return '"' + std::string(octets, 'x') + '"'; }
std::string list_of(std::size_t size, const std::string& before, const std::string& after,
                    std::size_t first = 0) {
  std::string list = "[";
  for (std::size_t i = 0; i < size; ++i) list += before + std::to_string(first + i) + after + ", ";
  return list + "]";
}
std::string repeated(std::size_t times, const std::string& text) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}
std::string members(std::size_t size) {
  std::string list = "[";
  for (std::size_t i = 0; i < size; ++i) {
    list += "{ address = \"10.0." + std::to_string(i / 200) + '.' + std::to_string(i % 200) + "\" }, ";
  }
  return list + "]";
}

struct Range {
  const char* name;
  std::string (*around)(const std::string&);
  std::string key;
  std::vector<std::string> allowed;
  std::vector<std::string> refused;
};
void PrintTo(const Range& range, std::ostream* out) { *out << range.name; }

const Range kRanges[] = {
    {"Threads", server, "threads", {"0", "256"}, {"-1", "257"}},
    {"Nsid", server, "nsid", {"\"\"", text_of(128)}, {text_of(129)}},
    {"Version", server, "version", {"\"\"", text_of(255)}, {text_of(256)}},
    {"EdnsSize", server, "edns_size", {"512", "4096"}, {"511", "4097"}},
    {"TcpConnections", server, "tcp_connections", {"1", "100000"}, {"0", "100001"}},
    {"TcpIdle", server, "tcp_idle", {"\"100ms\"", "\"1h\""}, {"\"99ms\"", "\"1h1ms\""}},
    {"TcpMessage", server, "tcp_message", {"\"100ms\"", "\"1m\""}, {"\"99ms\"", "\"1m1ms\""}},
    {"Listen",
     server,
     "listen",
     {list_of(1, "\"127.0.0.1:", "\""), list_of(kMaxListen, "\"127.0.0.1:", "\"")},
     {"[]", list_of(kMaxListen + 1, "\"127.0.0.1:", "\"")}},
    {"ListenPort",
     server,
     "listen",
     {"[\"127.0.0.1:0\"]", "[\"127.0.0.1:65535\"]"},
     {"[\"127.0.0.1:-1\"]", "[\"127.0.0.1:65536\"]"}},
    {"State",
     server,
     "state",
     {"\"/var/lib/holdfast\"", "\"state/\"", text_of(4096)},
     {"\"\"", "\"a\\u0000\"", text_of(4097), "1"}},
    {"LogKeep", log, "keep", {"\"1m\"", "\"3650d\""}, {"\"59s\"", "\"3650d1s\"", "\"1h1ms\""}},
    {"LogSize", log, "size", {"\"4MiB\"", "\"1024GiB\""}, {"\"4095KiB\"", "\"1025GiB\"", "\"256MB\"", "1"}},
    {"ControlPort", control, "listen", {"\"127.0.0.1:0\"", "\"[::1]:65535\""}, {"\"127.0.0.1:65536\""}},
    {"AllowRemote", control, "allow_remote", {"true", "false"}, {"1", "\"yes\""}},
    {"Port", http, "port", {"1", "65535"}, {"0", "65536", "-1"}},
    {"Status",
     http,
     "status",
     {"[100]", "[599]", list_of(100, "", "", 100)},
     {"[]", "[99]", "[600]", "[200, 200]", list_of(101, "", "", 100)}},
    {"Expect", http, "expect", {"\"\"", text_of(5120), "\"a\\tb\\n\""}, {text_of(5121)}},
    {"Path",
     http,
     "path",
     {"\"/\"", "\"/" + std::string(4095, 'x') + "\""},
     {"\"\"", "\"x\"", "\"/ \"", "\"/#x\"", "\"/" + std::string(4096, 'x') + "\""}},
    {"Host",
     http,
     "host",
     {"\"a\"", "\"www.example.com.\"", "\"192.0.2.1\"", "\"2001:db8::1\""},
     {"\"\"", "\".\"", "\"a b\"", "\"a/b\"", "\"[::1]\"", text_of(64)}},
    {"StatusRange",
     http,
     "status",
     {"[\"100-599\"]", "[200, \"300-301\"]"},
     {"[\"99-200\"]", "[\"200-600\"]", "[\"200-200\"]", "[\"200-\"]", "[\"-299\"]", "[\"200 - 299\"]",
      "[\"2xx\"]", "[\"\"]"}},
    {"Method", http, "method", {"\"GET\"", "\"HEAD\"", "\"POST\"", "\"OPTIONS\""}, {"\"DELETE\"", "\"\""}},
    {"HttpVersion", https, "http_version", {"\"1.1\"", "\"2\""}, {"2", "\"1.0\""}},
    {"Headers",
     http,
     "headers",
     {list_of(1, "\"X-", ": a\""), list_of(kMaxHeaders, "\"X-", ": a\""),
      "[\"X: " + std::string(1021, 'a') + "\"]"},
     {"[]", list_of(kMaxHeaders + 1, "\"X-", ": a\""), "[\"X: " + std::string(1022, 'a') + "\"]", "[\"X:\"]",
      "[\": a\"]", "[\"X Y: a\"]", "[\"X: \u00e4\"]", "[\"Transfer-Encoding: chunked\"]",
      "[\"connection: close\"]", "[\"X: a\", \"X:  a\"]"}},
    {"Body",
     [](const std::string& lines) { return monitor("method = \"POST\"\n" + lines); },
     "body",
     {"\"\"", "\"\\u0000\"", text_of(5120)},
     {text_of(5121)}},
    {"Reject",
     http,
     "reject",
     {"\"\"", text_of(5120), "{ any_case = \"a\" }", "{ regex = \"^a+$\" }"},
     {text_of(5121), "{}"}},
    {"ExpectAsAPattern",
     tcp,
     "expect",
     {"{ regex = \"\" }", "{ any_case = " + text_of(5120) + " }"},
     {"{ regex = \"[\" }", "{ regex = \"((a{1000}){1000}){1000}\" }",
      "{ any_case = " + text_of(5121) + " }"}},
    {"ClientKey",
     [](const std::string& lines) { return monitor("client_certificate = \"c\"\n" + lines, "https"); },
     "client_key",
     {"\"a\""},
     {"\"\""}},
    {"Command",
     exec,
     "command",
     {"[\"true\"]", "[\"true\", \"\", \"\"]", "[\"true\", " + text_of(1024) + "]",
      "[" + repeated(kMaxWords, "\"true\", ") + "]"},
     {"[]", "[\"\"]", "[\"..\"]", "[\"/bin/true\"]", "[\"true\", " + text_of(1025) + "]",
      "[\"true\", \"a\\u0000\"]", "[" + repeated(kMaxWords + 1, "\"true\", ") + "]"}},
    {"Of",
     [](const std::string& lines) { return combination(lines); },
     "of",
     {"[\"a\"]", "[\"a\", \"b\"]"},
     {"[]", list_of(kMaxParts + 1, "\"p", "\"")}},
    {"Count",
     [](const std::string& lines) { return combination("of = [\"a\", \"b\"]\n" + lines, "at_least"); },
     "count",
     {"1", "2"},
     {"0", "3", "9"}},
    {"ExecDirectory",
     [](const std::string& lines) {
       return "[probes]\n" + lines + "\n" + monitor("command = [\"env\"]", "exec");
     },
     "exec_directory",
     {"\"/usr/bin\"", "\"/usr/bin/\""},
     {"\"\"", "\"/usr/bin/env\"", "\"/usr\\u0000\"", text_of(4097)}},
    {"AllowLoopback",
     [](const std::string& lines) { return "[probes]\n" + lines + "\n" + kZone; },
     "allow_loopback",
     {"true", "false"},
     {"1"}},
    {"AgentsMin", choice, "min", {"1", "256"}, {"0", "257", "\"2\""}},
    {"AgentsNearest",
     [](const std::string& row) { return choice("min = 1, " + row); },
     "nearest",
     {"1", "256"},
     {"0", "257"}},
    {"AgentsQuorum",
     choice,
     "quorum",
     {"\"majority\"", "\"any\"", "\"all\"", "1", "256"},
     {"0", "257", "1.5", "\"2\""}},
    {"AgentsPrefer", choice, "prefer", {"[\"eu\"]"}, {"[]", "[\"eu\", \"eu\"]", "[\"us\"]", "\"eu\""}},
    {"Latitude",
     [](const std::string& lines) { return place("longitude = 1\n" + lines); },
     "latitude",
     {"-90", "90.0", "0", "5e-324"},
     {"-90.1", "91", "nan", "inf", "\"1\""}},
    {"Longitude",
     [](const std::string& lines) { return place("latitude = 1\n" + lines); },
     "longitude",
     {"-180", "180"},
     {"-180.5", "180.5", "-inf"}},
    {"AgentAddresses",
     agent,
     "addresses",
     {"[\"192.0.2.1\"]", list_of(kMaxAgentAddresses, "\"192.0.2.", "\"", 1)},
     {"[]", "[\"0.0.0.0\"]", list_of(kMaxAgentAddresses + 1, "\"192.0.2.", "\"", 1)}},
    {"SelfName", self, "name", {"\"a\"", text_of(63)}, {"\"\"", "\"a b\"", text_of(64)}},
    {"References",
     self,
     "references",
     {"[\"192.0.2.1\", \"[::1]:1\"]", list_of(kMaxReferences, "\"192.0.2.", ":65535\"", 1)},
     {"[]", "[\"192.0.2.1:0\"]", "[\"0.0.0.0:443\"]", "[\"www.example.com:443\"]",
      list_of(kMaxReferences + 1, "\"192.0.2.", "\"", 1)}},
    {"StoreEndpoints",
     store_of,
     "endpoints",
     {"[\"https://etcd.example.net:2379\"]", "[\"http://127.0.0.1:2379/\"]", "[\"http://[::1]:1\"]",
      list_of(kMaxStoreEndpoints, "\"https://192.0.2.1:", "\"", 1)},
     {"[]", "[\"https://192.0.2.1\"]", "[\"https://[2001:db8::1]\"]", "[\"192.0.2.1:2379\"]",
      "[\"https://a:2379/v3\"]", "[\"https://u:p@a:2379\"]", "[\"ftp://a:2379\"]", "[\"https://a:0\"]",
      list_of(kMaxStoreEndpoints + 1, "\"https://192.0.2.1:", "\"", 1)}},
    {"StorePrefix",
     store,
     "prefix",
     {"\"/\"", "\"/a/\"", "\"/" + std::string(kMaxPrefix - 2, 'x') + "/\""},
     {"\"\"", "\"a/\"", "\"/a\"", "\"/\\u0000/\"", "\"/" + std::string(kMaxPrefix - 1, 'x') + "/\""}},
    {"Verify", https, "verify", {"true", "false"}, {"0"}},
    {"CaFile", https, "ca_file", {"\"a\"", text_of(4096)}, {"\"\"", "\"a/\"", "\"a\\u0000\"", text_of(4097)}},
    {"CertificateDays", https, "certificate_days", {"0", "3650"}, {"-1", "3651"}},
    {"Send", tcp, "send", {"\"\"", "\"\\u0000\"", text_of(5120)}, {text_of(5121)}},
    {"Ehlo", smtp, "ehlo", {"true", "false"}, {"1"}},
    {"Starttls", smtp, "starttls", {"true", "false"}, {"1"}},
    {"Query", dns_of, "query", {"\".\"", "\"example.com.\"", text_of(63)}, {"\"\"", "\"a..b\"", text_of(64)}},
    {"QueryType",
     dns,
     "query_type",
     {"\"AAAA\"", "\"ANY\"", "\"TYPE65535\""},
     {"\"\"", "\"TYPE0\"", "\"TYPE65536\"", "\"OPT\"", "\"AXFR\"", "\"IXFR\""}},
    {"Rcode", dns, "rcode", {"\"NOERROR\"", "\"NOTZONE\""}, {"\"noerror\"", "\"BADVERS\"", "3"}},
    {"Interval",
     [](const std::string& lines) { return monitor("timeout = \"999ms\"\nretry = \"1s\"\n" + lines); },
     "interval",
     {"\"1s\"", "\"1h\""},
     {"\"999ms\"", "\"1h1ms\""}},
    {"Retry", slow, "retry", {"\"100ms\"", "\"1h\""}, {"\"99ms\"", "\"1h1ms\""}},
    {"RetryOfInterval", http, "retry", {"\"5s\""}, {"\"5001ms\""}},
    {"Timeout", slow, "timeout", {"\"10ms\"", "\"59m59s999ms\""}, {"\"9ms\"", "\"1h\""}},
    {"TimeoutOfInterval", http, "timeout", {"\"4999ms\""}, {"\"5s\""}},
    {"ConnectTimeout",
     patient,
     "connect_timeout",
     {"\"0s\"", "\"1ms\"", "\"59m\""},
     {"\"59m1ms\"", "\"2h\""}},
    {"HeaderTimeout", patient, "header_timeout", {"\"0s\"", "\"1ms\"", "\"59m\""}, {"\"59m1ms\"", "\"2h\""}},
    {"BodyTimeout", patient, "body_timeout", {"\"0s\"", "\"1ms\"", "\"59m\""}, {"\"59m1ms\"", "\"2h\""}},
    {"Fall", http, "fall", {"1", "100"}, {"0", "101"}},
    {"Rise", http, "rise", {"1", "100"}, {"0", "101"}},
    {"PoolTtl", one_member, "ttl", {"\"1s\"", "\"15s\""}, {"\"0s\"", "\"999ms\"", "\"1d1s\""}},
    {"Members",
     pool,
     "members",
     {members(1), members(kMaxPoolMembers)},
     {"[]", members(kMaxPoolMembers + 1)}},
    {"Tier", tier, "tier", {"1", "65535"}, {"0", "65536"}},
    {"LiveTtl", live_row, "ttl", {"\"1s\"", "\"15s\""}, {"\"0s\"", "\"1d1s\""}},
    {"Live", zone, "name = \"example.com\"\nfile = \"f\"\nlive", {}, {"[]"}},
};

class OptionRange : public testing::TestWithParam<Range> {};

TEST_P(OptionRange, EndsWhereItSays) {
  const Range& range = GetParam();
  for (const std::string& value : range.allowed) {
    EXPECT_EQ(problems(range.around(range.key + " = " + value)), std::vector<std::string>{}) << value;
  }
  for (const std::string& value : range.refused) {
    EXPECT_FALSE(parse(range.around(range.key + " = " + value), "t").config) << value;
  }
}

std::string name_of(const testing::TestParamInfo<Range>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(, OptionRange, testing::ValuesIn(kRanges), name_of);

TEST(TtlRange, EndsAtADay) {
  const Loaded loaded = parse(one_member("ttl = \"1d\""), "t");
  ASSERT_TRUE(loaded.config);  // with a warning
  EXPECT_EQ(loaded.config->pools.at(0).ttl, std::chrono::hours(24));
}

}  // namespace
}  // namespace holdfast::config
