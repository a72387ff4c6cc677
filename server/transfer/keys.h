#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/transfer/tsig_key.h"
#include "zones/load/problem.h"
#include "zones/settings.h"

namespace holdfast::server {

/// The keys of a configuration. A value; immutable, so any thread may read it.
class Keys {
 public:
  Keys() = default;
  explicit Keys(std::map<std::string, SharedKey, std::less<>> keys);

  /// By their names in messages.
  const KeyRing& ring() const noexcept { return ring_; }
  /// That of [key.NAME]. Null: there is none.
  SharedKey find(std::string_view name) const noexcept;

 private:
  std::map<std::string, SharedKey, std::less<>> by_section_;
  KeyRing ring_;
};

struct LoadedKeys {
  Keys keys;                               ///< those that could be read
  std::vector<zones::Problem> problems{};  ///< all are errors: what had such keys before keeps them
};

/// Reads the files of all keys. Two files with the same name for a key are refused: a message would not tell them apart.
LoadedKeys load_keys(std::span<const zones::KeySettings> settings);

}  // namespace holdfast::server
