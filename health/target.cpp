#include "health/target.h"

namespace holdfast::health {

boost::asio::ip::tcp::endpoint endpoint(const Target& target) {
  const MonitorSettings& monitor = target.monitor;
  return {target.id.address, monitor.port != 0 ? monitor.port : usual_port(monitor.type)};
}

}  // namespace holdfast::health
