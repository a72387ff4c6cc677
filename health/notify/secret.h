#pragma once

#include <string>
#include <variant>

namespace holdfast::health {

inline constexpr std::size_t kMaxSecret = 4096;  ///< octets

/// Why a secret cannot be used, and what to do; never the secret itself.
struct SecretFault {
  std::string what;
};

/// The first line of a file that nobody but its owner can write, and nobody but its owner and group read (0640 or less).
/// Read each time that it is needed, so that another one counts at once.
std::variant<std::string, SecretFault> read_secret(const std::string& file);

/// The first `most` octets of such a file. The fault does not name the file.
std::variant<std::string, SecretFault> read_guarded(const std::string& file, std::size_t most);

}  // namespace holdfast::health
