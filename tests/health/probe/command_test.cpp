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

TEST(Command, TcpThatTalksIsFedByPrintf) {
  EXPECT_EQ(
      command(at("192.0.2.1", Protocol::tcp, {.port = 6379, .send = "PING 100%\r\n", .expect = "+PONG"})),
      R"(printf 'PING 100\045\015\012' | nc -n -v -w 3 192.0.2.1 6379)");
  EXPECT_EQ(command(at("192.0.2.1", Protocol::tcp, {.port = 22, .expect = "SSH-"})),
            "nc -n -v -w 3 192.0.2.1 22");
}

TEST(Command, TlsIsOpenssl) {
  EXPECT_EQ(command(at("192.0.2.1", Protocol::tls, {.host = "www.example.com"})),
            "openssl s_client -brief -connect 192.0.2.1:443 -servername www.example.com -verify_hostname "
            "www.example.com -verify_return_error -partial_chain </dev/null");
  EXPECT_EQ(command(at("2001:db8::1", Protocol::tls, {.port = 8443, .ca_file = "/etc/our ca.pem"})),
            "openssl s_client -brief -connect '[2001:db8::1]:8443' -noservername -verify_ip 2001:db8::1 "
            "-verify_return_error -partial_chain -CAfile '/etc/our ca.pem' </dev/null");
}

TEST(Command, SmtpIsNetcatOrOpenssl) {
  EXPECT_EQ(command(at("192.0.2.1", Protocol::smtp, {})),
            R"(printf 'QUIT\r\n' | nc -n -v -w 3 192.0.2.1 25)");
  EXPECT_EQ(command(at("192.0.2.1", Protocol::smtp, {.ehlo = true})),
            R"(printf 'EHLO [127.0.0.1]\r\nQUIT\r\n' | nc -n -v -w 3 192.0.2.1 25)");
  EXPECT_EQ(command(at("192.0.2.1", Protocol::smtp, {.port = 587, .starttls = true, .verify = false})),
            "openssl s_client -brief -connect 192.0.2.1:587 -starttls smtp -noservername </dev/null");
}

TEST(Command, DnsIsDig) {
  EXPECT_EQ(command(at("2001:db8::1", Protocol::dns, {.query = "example.com.", .timeout = 1500ms})),
            "dig @2001:db8::1 -p 53 +noedns +tries=1 +time=2 example.com. SOA");
}

TEST(Command, PingIsPing) {
  EXPECT_EQ(command(at("192.0.2.1", Protocol::ping, {.timeout = 1500ms})), "ping -n -c 1 -W 1.500 192.0.2.1");
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
