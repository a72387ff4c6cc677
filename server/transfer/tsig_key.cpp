#include "server/transfer/tsig_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>

namespace holdfast::server {
namespace {

struct Properties {
  const char* digest;
  std::size_t hash_size;
  std::size_t mac_size;
};

constexpr Properties kProperties[] = {
    {"MD5", 16, 16},    {"SHA1", 20, 20},   {"SHA224", 28, 28}, {"SHA256", 32, 32}, {"SHA256", 32, 16},
    {"SHA384", 48, 48}, {"SHA384", 48, 24}, {"SHA512", 64, 64}, {"SHA512", 64, 32},
};
static_assert(std::size(kProperties) == std::size(kTsigAlgorithms));

const Properties& properties(TsigAlgorithm algorithm) {
  return kProperties[static_cast<std::size_t>(algorithm)];
}

// In wire form; the zero that ends each text is the root label.
constexpr std::string_view kNames[] = {
    "\x08hmac-md5\x07sig-alg\x03reg\x03int",
    "\x09hmac-sha1",
    "\x0bhmac-sha224",
    "\x0bhmac-sha256",
    "\x0fhmac-sha256-128",
    "\x0bhmac-sha384",
    "\x0fhmac-sha384-192",
    "\x0bhmac-sha512",
    "\x0fhmac-sha512-256",
};
static_assert(std::size(kNames) == std::size(kTsigAlgorithms));

}  // namespace

std::optional<TsigAlgorithm> parse_algorithm(std::string_view text) {
  const auto name = zones::Name::parse(text);
  if (!name) return std::nullopt;
  for (std::size_t i = 0; i < std::size(kTsigAlgorithms); ++i) {
    const auto algorithm = static_cast<TsigAlgorithm>(i);
    if (*name == zones::Name::parse(kTsigAlgorithms[i]) || name->view() == name_of(algorithm))
      return algorithm;
  }
  return std::nullopt;
}

zones::NameView name_of(TsigAlgorithm algorithm) noexcept {
  const std::string_view name = kNames[static_cast<std::size_t>(algorithm)];
  return {reinterpret_cast<const std::uint8_t*>(name.data()), name.size() + 1};
}

std::size_t hash_size(TsigAlgorithm algorithm) noexcept { return properties(algorithm).hash_size; }
std::size_t mac_size(TsigAlgorithm algorithm) noexcept { return properties(algorithm).mac_size; }
std::size_t shortest_mac(TsigAlgorithm algorithm) noexcept {
  return std::max<std::size_t>(10, hash_size(algorithm) / 2);
}

SharedKey TsigKey::make(const zones::Name& name, TsigAlgorithm algorithm,
                        std::span<const std::uint8_t> secret, std::size_t accepted_mac) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  EVP_MAC_CTX* const keyed = hmac == nullptr ? nullptr : EVP_MAC_CTX_new(hmac);
  if (keyed == nullptr) return nullptr;
  std::string digest = properties(algorithm).digest;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end(),
  };
  const std::uint8_t nothing = 0;  // an empty secret is one, but none at all would be taken for "as before"
  const std::size_t whole = mac_size(algorithm);
  const std::size_t accepted =
      accepted_mac == 0 ? whole : std::clamp(accepted_mac, shortest_mac(algorithm), whole);
  SharedKey key(new TsigKey(name, algorithm, accepted, keyed));
  if (EVP_MAC_init(keyed, secret.empty() ? &nothing : secret.data(), secret.size(), parameters) != 1)
    return nullptr;
  return key;
}

TsigKey::~TsigKey() { EVP_MAC_CTX_free(keyed_); }

KeyRing::KeyRing(std::vector<SharedKey> keys) : keys_(std::move(keys)) {
  std::stable_sort(keys_.begin(), keys_.end(),
                   [](const SharedKey& a, const SharedKey& b) { return a->name() < b->name(); });
}

SharedKey KeyRing::find(zones::NameView name) const noexcept {
  const auto found = std::lower_bound(
      keys_.begin(), keys_.end(), name,
      [](const SharedKey& key, zones::NameView wanted) { return key->name().view() < wanted; });
  return found != keys_.end() && (*found)->name().view() == name ? *found : nullptr;
}

Mac::Mac(const TsigKey& key) noexcept : state_(EVP_MAC_CTX_dup(key.keyed_)) {}

Mac::~Mac() { EVP_MAC_CTX_free(state_); }

void Mac::add(std::span<const std::uint8_t> octets) noexcept {
  if (state_ == nullptr || octets.empty() || EVP_MAC_update(state_, octets.data(), octets.size()) == 1)
    return;
  EVP_MAC_CTX_free(std::exchange(state_, nullptr));
}

bool Mac::finish(Octets& mac) noexcept {
  std::size_t size = 0;
  return state_ != nullptr && EVP_MAC_final(state_, mac.data(), &size, mac.size()) == 1;
}

}  // namespace holdfast::server
