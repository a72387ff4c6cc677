#include "health/target.h"

namespace holdfast::health {

boost::asio::ip::tcp::endpoint endpoint(const Target& target) {
  auto port = target.monitor.port;
  if (port == 0 && target.monitor.type == Protocol::http) port = 80;
  if (port == 0 && target.monitor.type == Protocol::https) port = 443;
  return {target.id.address, port};
}

}  // namespace holdfast::health
