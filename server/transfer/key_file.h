#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/transfer/tsig_key.h"
#include "zones/load/problem.h"

namespace holdfast::server {

inline constexpr std::size_t kMaxKeyFile = 65536;   ///< octets
inline constexpr std::size_t kMaxKeySecret = 4096;  ///< octets, when it is no base64 any more

struct LoadedKey {
  SharedKey key{};                         ///< null: the file is refused
  std::vector<zones::Problem> problems{};  ///< one, then; never with a word of the file in it
};

/// Reads one key in BIND's format from a file that nobody but its owner can write, and nobody but its owner and group read
/// (0640 or less):
///   key "xfr.example." { algorithm hmac-sha256; secret "base64"; };
LoadedKey load_key(const std::string& file);
/// The same from its text; `file` stands for it in problems.
LoadedKey parse_key(std::string_view text, const std::string& file);

/// Such a file with a new secret, as long as the algorithm's hash, and how to use it in comments.
std::string new_key_file(const zones::Name& name, TsigAlgorithm algorithm);

}  // namespace holdfast::server
