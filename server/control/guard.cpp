#include "server/control/guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>

namespace holdfast::server {
namespace {

/// Without the port: "[::1]:8053" is "::1".
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == host.npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

// Any port will do: behind a forwarded port (ssh -L, a container) it is another one, and it is the name that lies when
// a browser was lured here.
bool is_ours(std::string_view host, const boost::asio::ip::address& listen) {
  const std::string_view name = name_of(host);
  if (boost::algorithm::iequals(name, "localhost")) return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(name, error);
  if (error) return false;
  return address == listen || (listen.is_loopback() && address.is_loopback()) || listen.is_unspecified();
}

/// What an HTML form can send without asking first.
bool is_form(std::string_view content_type) {
  constexpr std::array<std::string_view, 3> kForms{"application/x-www-form-urlencoded", "multipart/form-data",
                                                   "text/plain"};
  return std::any_of(kForms.begin(), kForms.end(), [&](std::string_view form) {
    return boost::algorithm::istarts_with(content_type, form);
  });
}

}  // namespace

std::optional<Refused> refuse(const Provenance& from, const boost::asio::ip::tcp::endpoint& listen,
                              bool changes) {
  if (!is_ours(from.host, listen.address())) {
    return Refused{
        Refusal::host, 421,
        fmt::format("the Host header must be {} or localhost: use that in the URL\n",
                    listen.address().is_unspecified() ? "an address" : listen.address().to_string())};
  }
  if (!changes) return std::nullopt;
  if (!from.origin.empty() && !boost::algorithm::iequals(from.origin, fmt::format("http://{}", from.host))) {
    return Refused{Refusal::origin, 403, "this was sent by a page of another site, and is refused\n"};
  }
  if (is_form(from.content_type)) {
    return Refused{Refusal::form, 415, "forms are refused: send no Content-Type, or application/json\n"};
  }
  return std::nullopt;
}

}  // namespace holdfast::server
