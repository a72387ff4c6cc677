#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "zones/dns/name.h"

struct evp_mac_ctx_st;

namespace holdfast::server {

/// How messages are signed (RFC 8945 6). Those with two numbers use the first octets of what the hash has.
enum class TsigAlgorithm : std::uint8_t {
  hmac_md5,
  hmac_sha1,
  hmac_sha224,
  hmac_sha256,
  hmac_sha256_128,
  hmac_sha384,
  hmac_sha384_192,
  hmac_sha512,
  hmac_sha512_256,
};

/// In their order, as key files have them. HMAC-MD5 is "hmac-md5" there, and has another name in messages.
inline constexpr std::string_view kTsigAlgorithms[] = {
    "hmac-md5",    "hmac-sha1",       "hmac-sha224", "hmac-sha256",     "hmac-sha256-128",
    "hmac-sha384", "hmac-sha384-192", "hmac-sha512", "hmac-sha512-256",
};
constexpr std::string_view text(TsigAlgorithm algorithm) {
  return kTsigAlgorithms[static_cast<std::size_t>(algorithm)];
}
/// In any case, with or without the final dot, also "hmac-md5.sig-alg.reg.int". Null: there is no such algorithm.
std::optional<TsigAlgorithm> parse_algorithm(std::string_view text);
/// As messages have it.
zones::NameView name_of(TsigAlgorithm algorithm) noexcept;

inline constexpr std::size_t kMaxMac = 64;                ///< octets: those of HMAC-SHA512
std::size_t hash_size(TsigAlgorithm algorithm) noexcept;  ///< octets of the hash; of a good secret, too
std::size_t mac_size(TsigAlgorithm algorithm) noexcept;   ///< octets of a MAC that nobody cut
/// Octets below which a MAC is no MAC (RFC 8945 5.2.2.1).
std::size_t shortest_mac(TsigAlgorithm algorithm) noexcept;

/// A key that two name servers share. Immutable, so any thread may use it. What it holds of the secret is wiped at the end.
class TsigKey {
 public:
  /// @param accepted_mac  octets that a MAC has at least, where the other side cuts it (RFC 8945 5.2.2.1); 0: as many as the
  ///                      algorithm has
  /// @return null: the library has no such algorithm, as in FIPS mode, or no memory
  static std::shared_ptr<const TsigKey> make(const zones::Name& name, TsigAlgorithm algorithm,
                                             std::span<const std::uint8_t> secret,
                                             std::size_t accepted_mac = 0);
  ~TsigKey();
  TsigKey(const TsigKey&) = delete;
  TsigKey& operator=(const TsigKey&) = delete;

  const zones::Name& name() const noexcept { return name_; }
  TsigAlgorithm algorithm() const noexcept { return algorithm_; }
  std::size_t accepted_mac() const noexcept { return accepted_mac_; }

 private:
  friend class Mac;
  TsigKey(const zones::Name& name, TsigAlgorithm algorithm, std::size_t accepted_mac, evp_mac_ctx_st* keyed)
      : name_(name), algorithm_(algorithm), accepted_mac_(accepted_mac), keyed_(keyed) {}

  zones::Name name_;
  TsigAlgorithm algorithm_;
  std::size_t accepted_mac_;
  evp_mac_ctx_st* keyed_;
};

using SharedKey = std::shared_ptr<const TsigKey>;

/// Keys by their names in messages. A value; immutable, so any thread may read it.
class KeyRing {
 public:
  KeyRing() = default;
  /// Of several with one name the first counts.
  explicit KeyRing(std::vector<SharedKey> keys);

  /// Null: there is none of that name.
  SharedKey find(zones::NameView name) const noexcept;
  std::size_t size() const noexcept { return keys_.size(); }

 private:
  std::vector<SharedKey> keys_;  // by name
};

/// HMAC over what is added. Once the library fails, so does `finish`.
class Mac {
 public:
  using Octets = std::array<std::uint8_t, kMaxMac>;

  explicit Mac(const TsigKey& key) noexcept;
  Mac(Mac&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Mac& operator=(Mac&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Mac();

  void add(std::span<const std::uint8_t> octets) noexcept;
  /// Writes all octets that the hash has. To be called once. False: the library failed.
  bool finish(Octets& mac) noexcept;

 private:
  evp_mac_ctx_st* state_;  // null: failed
};

}  // namespace holdfast::server
