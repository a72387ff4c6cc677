#include "config/own_listener.h"

#include <algorithm>

namespace holdfast::config {
namespace {

/// Whether a probe connects to that port over TCP, or a part of it does.
bool connects_to(const health::MonitorSettings& monitor, std::uint16_t port) {
  const auto& parts = monitor.parts;
  const bool speaks_tcp = monitor.type < health::Protocol::dns;
  return (speaks_tcp && (monitor.port != 0 ? monitor.port : usual_port(monitor.type)) == port) ||
         std::any_of(parts.begin(), parts.end(),
                     [port](const health::MonitorSettings& part) { return connects_to(part, port); });
}

}  // namespace

bool reaches(const server::ControlSettings& control, const health::MonitorSettings& monitor,
             const boost::asio::ip::address& address) {
  const boost::asio::ip::address ours = control.listen.address();
  return (address == ours || (ours.is_unspecified() && address.is_loopback())) &&
         connects_to(monitor, control.listen.port());
}

}  // namespace holdfast::config
