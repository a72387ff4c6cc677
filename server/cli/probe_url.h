#pragma once

#include <string>
#include <variant>

#include "health/target.h"

namespace holdfast::server {

/// A check as somebody types it. What is empty was not said.
struct TypedProbe {
  std::string url{};      ///< https://www.example.com/healthz, dns://192.0.2.53/example.com/SOA
  std::string address{};  ///< to connect to; needed where the URL has a name
  std::string host{};     ///< instead of the URL's
  std::string expect{};
  std::string timeout{};  ///< "3s"
};

/// The target that is meant, with the rules of a configuration; or what is wrong, and what would be right. Resolves
/// nothing.
std::variant<health::Target, std::string> target_of(const TypedProbe& typed);

}  // namespace holdfast::server
