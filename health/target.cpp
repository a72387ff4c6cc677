#include "health/target.h"

#include <utility>

namespace holdfast::health {

bool is_same_check(MonitorSettings one, const MonitorSettings& other) {
  one.interval = other.interval;
  one.retry = other.retry;
  one.fall = other.fall;
  one.rise = other.rise;
  one.agents = other.agents;
  return one == other;
}

ServerName server_name(const Target& target) {
  std::string host = target.monitor.host;
  if (host.empty()) return {target.id.address.to_string(), true};
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  if (host.ends_with('.')) host.pop_back();  // of a name that is written as absolute (RFC 6066 3)
  return {std::move(host), !no_address};
}

boost::asio::ip::tcp::endpoint endpoint(const Target& target) {
  const MonitorSettings& monitor = target.monitor;
  return {target.id.address, monitor.port != 0 ? monitor.port : usual_port(monitor.type)};
}

}  // namespace holdfast::health
