#include "health/event.h"

#include <openssl/rand.h>
#include <spdlog/fmt/fmt.h>

#include <array>

namespace holdfast::health {

std::string make_event_id(std::chrono::system_clock::time_point time) {
  std::array<unsigned char, 5> chance{};
  RAND_bytes(chance.data(), static_cast<int>(chance.size()));
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return fmt::format("{:012x}-{:02x}", milliseconds, fmt::join(chance, ""));
}

}  // namespace holdfast::health
