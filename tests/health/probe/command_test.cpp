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

TEST(Command, HttpAsksTheSame) {
  EXPECT_EQ(command(at("192.0.2.1", Protocol::https,
                       {.method = "HEAD", .http_version = HttpVersion::http_2, .headers = {"Accept: a/b"}})),
            "curl -q -g -sS -i --http2 --noproxy '*' --max-time 3 --connect-to ::192.0.2.1:443 --head -H "
            "'Accept: a/b' "
            "--path-as-is https://192.0.2.1/");
  EXPECT_EQ(command(at("192.0.2.1", Protocol::http, {.method = "POST", .body = "a=\r\n"})),
            R"(printf 'a=\015\012' | )" + kCurl +
                "3 --connect-to ::192.0.2.1:80 --path-as-is http://192.0.2.1/ --data-binary @-");
}

TEST(Command, ShortensWhatIsLong) {
  const std::string most(200, 'a');
  MonitorSettings monitor{.name = "shop", .method = "POST", .body = most};
  EXPECT_TRUE(command(at("192.0.2.1", Protocol::http, monitor)).starts_with("printf " + most + " | curl "));
  monitor.body += "\r\n";
  EXPECT_TRUE(command(at("192.0.2.1", Protocol::http, monitor))
                  .starts_with("printf '" + most +
                               " (200 of 202 octets; all: body of monitor shop in the configuration)' | "));
  EXPECT_EQ(command(at("192.0.2.1", Protocol::tcp, {.name = "line", .port = 7, .send = most + "b"})),
            "printf '" + most +
                " (200 of 201 octets; all: send of monitor line in the configuration)' | "
                "nc -n -v -w 3 192.0.2.1 7");
}

TEST(Command, SecretsStayOut) {
  for (const auto* header : {"Authorization: Bearer 5ecret", "cookie: id=5ecret", "X-API-Key: 5ecret",
                             "X-Auth-Token: 5ecret", "X-Password: 5ecret"}) {
    const std::string line = command(at("192.0.2.1", Protocol::http, {.headers = {header}}));
    EXPECT_EQ(line.find("5ecret"), std::string::npos) << line;
    EXPECT_NE(line.find(": ...'"), std::string::npos) << line;
  }
}

TEST(Command, ClientCertificateIsNamed) {
  const MonitorSettings monitor{.verify = false, .client_certificate = "/c.pem", .client_key = "/k y.pem"};
  EXPECT_NE(command(at("192.0.2.1", Protocol::https, monitor)).find(" --cert /c.pem --key '/k y.pem'"),
            std::string::npos);
  EXPECT_NE(command(at("192.0.2.1", Protocol::tls, monitor)).find(" -cert /c.pem -key '/k y.pem' </dev/null"),
            std::string::npos);
}

TEST(Command, ExecIsTheProgramItself) {
  EXPECT_EQ(
      command(at("192.0.2.1", Protocol::exec,
                 {.port = 80, .command = {"/etc/checks/check_it", "--name", "a b"}, .timeout = 1500ms})),
      "env -i HOLDFAST_ADDRESS=192.0.2.1 HOLDFAST_MONITOR=web LANG=C PATH=/usr/local/bin:/usr/bin:/bin "
      "HOLDFAST_PORT=80 timeout 1.500 /etc/checks/check_it --name 'a b' </dev/null");
}

TEST(Command, ACombinationHasALineForEachPart) {
  MonitorSettings ping{.name = "echo", .type = Protocol::ping};
  MonitorSettings tcp{.name = "port", .type = Protocol::tcp, .port = 25};
  EXPECT_EQ(command(at("192.0.2.1", Protocol::all, {.parts = {ping, tcp}})),
            "ping -n -c 1 -W 3 192.0.2.1; nc -n -v -z -w 3 192.0.2.1 25");
}

TEST(Command, NothingReachesTheShell) {
  EXPECT_EQ(
      command(at("192.0.2.1", Protocol::http, {.path = "/'; rm -rf $HOME `id`&x"})),
      kCurl + R"(3 --connect-to ::192.0.2.1:80 --path-as-is 'http://192.0.2.1/'\''; rm -rf $HOME `id`&x')");
}

}  // namespace
}  // namespace holdfast::health
