#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "server/control/door_counters.h"

namespace holdfast::server {

/// What of a request tells where it comes from. Empty: there is no such header.
struct Provenance {
  std::string_view host;
  std::string_view origin;
  std::string_view content_type;
};

struct Refused {
  Refusal why;
  unsigned status;
  std::string text;
};

/// Keeps web pages that an operator happens to look at from using his browser to talk to the door.
///
/// A page cannot forge these headers: Host names the site it came from, also when that name was made to lead here (DNS
/// rebinding), and what changes something carries its Origin, or the content type of a form.
/// @param listen  where the door listens
/// @param changes  true for requests that change something
std::optional<Refused> refuse(const Provenance& from, const boost::asio::ip::tcp::endpoint& listen,
                              bool changes);

}  // namespace holdfast::server
