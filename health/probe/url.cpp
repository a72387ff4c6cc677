#include "health/probe/url.h"

namespace holdfast::health {
namespace {

std::string in_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

}  // namespace

std::string address_and_port(const Target& target) {
  const auto where = endpoint(target);
  if (where.port() == 0) return where.address().to_string();
  return in_brackets(where.address().to_string()) + ':' + std::to_string(where.port());
}

std::string origin(const Target& target) {
  const bool is_tls = target.monitor.type == Protocol::https;
  const auto& host = target.monitor.host;
  const auto port = endpoint(target).port();
  std::string text = is_tls ? "https://" : "http://";
  text += in_brackets(host.empty() ? target.id.address.to_string() : host);
  if (port != (is_tls ? 443 : 80)) text += ':' + std::to_string(port);
  return text;
}

}  // namespace holdfast::health
