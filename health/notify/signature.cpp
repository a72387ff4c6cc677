#include "health/notify/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <span>

namespace holdfast::health {

std::string signature(std::string_view secret, std::chrono::system_clock::time_point time,
                      std::string_view body) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  const std::string text = fmt::format("{}.{}", seconds, body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), octets.data(), &size);
  return fmt::format("t={},v1={:02x}", seconds, fmt::join(std::span(octets).first(size), ""));
}

}  // namespace holdfast::health
