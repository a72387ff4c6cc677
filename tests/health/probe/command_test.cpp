#include "health/probe/command.h"

#include <gtest/gtest.h>

#include "tests/health/probe/probe_once.h"
#include "tests/health/probe/scripted_server.h"

namespace holdfast::health {
namespace {

using namespace std::chrono_literals;

Target at(const char* address, Protocol type, MonitorSettings monitor) {
  monitor.type = type;
  return {{"web", boost::asio::ip::make_address(address)}, std::move(monitor)};
}

const std::string kCurl = "curl -q -g -sS -i --http1.1 --noproxy '*' --max-time ";

TEST(Command, TcpIsNetcat) {
  EXPECT_EQ(command(at("192.0.2.1", Protocol::tcp, {.port = 25, .timeout = 1500ms})),
            "nc -n -v -z -w 2 192.0.2.1 25");
  EXPECT_EQ(command(at("2001:db8::1", Protocol::tcp, {.port = 25})), "nc -n -v -z -w 3 2001:db8::1 25");
}

TEST(Command, HttpIsCurlToTheAddress) {
  EXPECT_EQ(command(at("192.0.2.1", Protocol::http, {.host = "www.example.com", .path = "/healthz"})),
            kCurl + "3 --connect-to ::192.0.2.1:80 --path-as-is http://www.example.com/healthz");
}

TEST(Command, HttpsNamesItsCaFile) {
  const auto target = at("2001:db8::1", Protocol::https,
                         {.port = 8443, .host = "a.example", .ca_file = "/etc/our ca.pem", .timeout = 250ms});
  EXPECT_EQ(command(target), kCurl +
                                 "0.250 --connect-to '::[2001:db8::1]:8443' --cacert '/etc/our ca.pem' "
                                 "--path-as-is https://a.example:8443/");
}

TEST(Command, HttpsWithoutVerification) {
  EXPECT_EQ(command(at("192.0.2.1", Protocol::https, {.verify = false})),
            kCurl + "3 --connect-to ::192.0.2.1:443 --insecure --path-as-is https://192.0.2.1/");
}

TEST(Command, NothingReachesTheShell) {
  EXPECT_EQ(
      command(at("192.0.2.1", Protocol::http, {.path = "/'; rm -rf $HOME `id`&x"})),
      kCurl + R"(3 --connect-to ::192.0.2.1:80 --path-as-is 'http://192.0.2.1/'\''; rm -rf $HOME `id`&x')");
}

}  // namespace
}  // namespace holdfast::health
