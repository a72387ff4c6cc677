#include "server/control/guard.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

struct Case {
  const char* name;
  const char* listen;
  Provenance from;
  bool changes;
  std::optional<Refusal> expected;
};

class Guard : public testing::TestWithParam<Case> {};

TEST_P(Guard, Decides) {
  const Case& c = GetParam();
  const auto refused = refuse(c.from, {boost::asio::ip::make_address(c.listen), 8053}, c.changes);
  EXPECT_EQ(refused ? std::optional(refused->why) : std::nullopt, c.expected);
}

constexpr auto kTaken = std::nullopt;

INSTANTIATE_TEST_SUITE_P(
    Host, Guard,
    testing::Values(
        Case{"ListenAddress", "127.0.0.1", {"127.0.0.1:8053", "", ""}, false, kTaken},
        Case{"AnotherPort", "127.0.0.1", {"127.0.0.1:9053", "", ""}, false, kTaken},
        Case{"Localhost", "127.0.0.1", {"LocalHost:8053", "", ""}, false, kTaken},
        Case{"IPv6Loopback", "::1", {"[::1]:8053", "", ""}, false, kTaken},
        Case{"OtherLoopback", "127.0.0.1", {"127.0.0.53", "", ""}, false, kTaken},
        Case{"ItsNetworkAddress", "192.0.2.1", {"192.0.2.1:8053", "", ""}, false, kTaken},
        Case{"OtherNetworkAddress", "192.0.2.1", {"192.0.2.2:8053", "", ""}, false, Refusal::host},
        Case{"AnyAddressWhereItListensOnAll", "0.0.0.0", {"192.0.2.2:8053", "", ""}, false, kTaken},
        Case{"NoNameWhereItListensOnAll", "0.0.0.0", {"evil.example:8053", "", ""}, false, Refusal::host},
        Case{"Absent", "127.0.0.1", {"", "", ""}, false, Refusal::host},
        Case{"Rebound", "127.0.0.1", {"evil.example:8053", "", ""}, false, Refusal::host},
        Case{"LocalhostAsLabel", "127.0.0.1", {"localhost.evil.example", "", ""}, false, Refusal::host},
        Case{"AddressAsLabel", "127.0.0.1", {"127.0.0.1.evil.example", "", ""}, false, Refusal::host},
        Case{"OpenBracket", "::1", {"[::1", "", ""}, false, Refusal::host}),
    [](const auto& row) { return std::string(row.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Change, Guard,
    testing::Values(
        Case{"FromAProgram", "127.0.0.1", {"localhost:8053", "", ""}, true, kTaken},
        Case{"OwnOrigin", "127.0.0.1", {"localhost:8053", "http://localhost:8053", ""}, true, kTaken},
        Case{"OtherPortsOrigin",
             "127.0.0.1",
             {"localhost:8053", "http://localhost:80", ""},
             true,
             Refusal::origin},
        Case{"OtherSite", "127.0.0.1", {"localhost:8053", "https://evil.example", ""}, true, Refusal::origin},
        Case{"SandboxedPage", "127.0.0.1", {"localhost:8053", "null", ""}, true, Refusal::origin},
        Case{"OtherSiteReading", "127.0.0.1", {"localhost:8053", "https://evil.example", ""}, false, kTaken},
        Case{"Json", "127.0.0.1", {"localhost", "", "application/json"}, true, kTaken},
        Case{"UrlEncodedForm",
             "127.0.0.1",
             {"localhost", "", "Application/X-WWW-Form-urlencoded"},
             true,
             Refusal::form},
        Case{"TextForm", "127.0.0.1", {"localhost", "", "text/plain;charset=UTF-8"}, true, Refusal::form}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace holdfast::server
