#include "server/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "zones/alias/settings.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kLeast = 64;  // to share out
constexpr std::size_t kProbes =
    2560;  // room for 3,400 targets that become black holes at once, with the defaults
constexpr std::size_t kControl = 128;

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

Descriptors share_out(std::size_t limit, std::size_t listeners, std::size_t tcp_connections) {
  const std::size_t taken = listeners + kSpareDescriptors;
  if (limit < taken + kLeast) {
    throw std::runtime_error("the system allows only " + std::to_string(limit) +
                             " open files, and at least " + std::to_string(taken + kLeast) +
                             " are needed; raise it (LimitNOFILE=, ulimit -n)");
  }
  const std::size_t left = limit - taken;
  Descriptors shares;
  shares.probes = std::min(kProbes, left / 8);
  shares.control_connections = std::min(kControl, left / 8);
  shares.questions = std::min(zones::ResolverSettings().in_flight, left / 8);
  shares.tcp_connections =
      std::min(tcp_connections, left - 2 * shares.probes - shares.control_connections - shares.questions);
  return shares;
}

}  // namespace holdfast::server
