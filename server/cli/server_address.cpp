#include "server/cli/server_address.h"

#include <algorithm>
#include <charconv>

namespace holdfast::server {
namespace {

bool read_port(std::string_view text, std::optional<std::uint16_t>& port) {
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, port.emplace());
  return read.ec == std::errc() && read.ptr == end && *port != 0;
}

}  // namespace

std::optional<ServerAddress> parse_server(std::string_view text) {
  if (!text.starts_with('@')) return std::nullopt;
  text.remove_prefix(1);
  std::string_view host = text, rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
  } else if (std::ranges::count(text, ':') == 1) {  // more of them are an IPv6 address
    host = text.substr(0, text.find(':'));
    rest = text.substr(host.size());
  }
  ServerAddress server{std::string(host), std::nullopt};
  if (host.empty() || (!rest.empty() && !read_port(rest.substr(1), server.port))) return std::nullopt;
  return server;
}

}  // namespace holdfast::server
