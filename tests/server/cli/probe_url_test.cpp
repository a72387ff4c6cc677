#include "server/cli/probe_url.h"

#include <gtest/gtest.h>

#include "health/probe/url.h"

namespace holdfast::server {
namespace {

using health::Protocol;

health::Target good(const TypedProbe& typed) {
  const auto target = target_of(typed);
  const auto* wrong = std::get_if<std::string>(&target);
  EXPECT_EQ(wrong, nullptr) << *wrong;
  return wrong == nullptr ? std::get<health::Target>(target) : health::Target();
}

std::string complaint(const TypedProbe& typed) {
  const auto target = target_of(typed);
  const auto* wrong = std::get_if<std::string>(&target);
  return wrong == nullptr ? "" : *wrong;
}

TEST(ProbeUrl, ReadsHttps) {
  const health::Target target =
      good({.url = "https://www.example.com:8443/healthz?a=b", .address = "192.0.2.10"});
  EXPECT_EQ(target.monitor.type, Protocol::https);
  EXPECT_EQ(target.monitor.host, "www.example.com");
  EXPECT_EQ(target.monitor.path, "/healthz?a=b");
  EXPECT_EQ(health::address_and_port(target), "192.0.2.10:8443");
}

TEST(ProbeUrl, TakesTheAddressOfTheUrl) {
  const health::Target target = good({.url = "http://[2001:db8::1]"});
  EXPECT_EQ(target.monitor.host, "");
  EXPECT_EQ(target.monitor.path, "/");
  EXPECT_EQ(health::address_and_port(target), "[2001:db8::1]:80");
  EXPECT_EQ(good({.url = "tls://192.0.2.1", .host = "mx.example.com"}).monitor.host, "mx.example.com");
  const health::Target other = good({.url = "http://192.0.2.1/", .address = "192.0.2.2"});
  EXPECT_EQ(other.monitor.host, "192.0.2.1");
  EXPECT_EQ(other.id.address.to_string(), "192.0.2.2");
}

TEST(ProbeUrl, ReadsEveryScheme) {
  EXPECT_EQ(good({.url = "tcp://192.0.2.1:22", .expect = "SSH-2.0"}).monitor.expect, "SSH-2.0");
  EXPECT_EQ(health::endpoint(good({.url = "smtp://192.0.2.1"})).port(), 25);
  EXPECT_EQ(health::endpoint(good({.url = "tls://[::1]:465/"})).port(), 465);
  EXPECT_EQ(good({.url = "ping://192.0.2.1", .timeout = "500ms"}).monitor.timeout,
            std::chrono::milliseconds(500));
  const health::Target dns = good({.url = "dns://192.0.2.53/example.com/AAAA"});
  EXPECT_EQ(dns.monitor.query, "example.com.");
  EXPECT_EQ(dns.monitor.query_type, "AAAA");
  EXPECT_EQ(good({.url = "dns://192.0.2.53/example.com"}).monitor.query_type, "SOA");
}

TEST(ProbeUrl, SaysWhatWouldBeRight) {
  struct Case {
    TypedProbe typed;
    const char* says;
  };
  const Case kCases[] = {
      {{.url = ""}, "\"\" is no check; write one such as https://"},
      {{.url = "www.example.com"}, "\"www.example.com\" is no check"},
      {{.url = "gopher://192.0.2.1"}, "\"gopher://192.0.2.1\" is no check"},
      {{.url = "https://"}, "\"https://\" is no check"},
      {{.url = "exec://192.0.2.1"}, "\"exec://192.0.2.1\" is no check"},
      {{.url = "all://192.0.2.1"}, "\"all://192.0.2.1\" is no check"},
      {{.url = "dns://192.0.2.53/example.com/A", .expect = "192.0.2"},
       "expect: \"192.0.2\" is no data of a record of type A"},
      {{.url = "https://:443/"}, "\"https://:443/\" is no check"},
      {{.url = "https://[::1"}, "\"https://[::1\" is no check"},
      {{.url = "https://[::1]443"}, "\"https://[::1]443\" is no check"},
      {{.url = "https://192.0.2.1:/"}, "\"https://192.0.2.1:/\" is no check"},
      {{.url = "https://www.example.com/"}, "say which address of www.example.com is meant"},
      {{.url = "tcp://192.0.2.1"}, "tcp must name a port"},
      {{.url = "tcp://192.0.2.1:ssh"}, "port: \"ssh\" is no number"},
      {{.url = "tcp://192.0.2.1:0"}, "port: 0 is outside 1 .. 65535"},
      {{.url = "tcp://192.0.2.1:65536"}, "port: 65536 is outside"},
      {{.url = "tcp://192.0.2.1:22/x"}, "tcp has no path"},
      {{.url = "ping://192.0.2.1:7"}, "ping has no port"},
      {{.url = "ping://host", .address = "192.0.2.1"}, "ping has no host"},
      {{.url = "smtp://192.0.2.1", .expect = "x"}, "smtp has no expect"},
      {{.url = "dns://192.0.2.53"}, "dns must say what to ask for"},
      {{.url = "dns://192.0.2.53/"}, "dns must say what to ask for"},
      {{.url = "dns://192.0.2.53/a..b"}, "query: "},
      {{.url = "dns://192.0.2.53/example.com/AXFR"}, "query_type: "},
      {{.url = "http://user@host/", .address = "192.0.2.1"}, "host: "},
      {{.url = "http://192.0.2.1?x"}, "path: "},
      {{.url = "http://192.0.2.1/#x"}, "path: "},
      {{.url = "http://192.0.2.1/a b"}, "path: "},
      {{.url = "http://host/", .address = "localhost"}, "address: "},
      {{.url = "http://192.0.2.1/", .timeout = "3"}, "timeout: "},
      {{.url = "http://192.0.2.1/", .timeout = "1h"}, "timeout: "},
      {{.url = "http://0.0.0.0/"}, "address: "},
  };
  for (const Case& one : kCases) {
    EXPECT_TRUE(complaint(one.typed).starts_with(one.says)) << one.typed.url << ": " << complaint(one.typed);
  }
}

}  // namespace
}  // namespace holdfast::server
