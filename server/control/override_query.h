#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "server/overrides.h"

namespace holdfast::server {

/// What the query of a URL asks for, `decision=drain&subject=shop&author=alice&reason=...&for=1h&force=true`; otherwise what
/// is wrong with it.
std::variant<OverrideWish, std::string> override_wish(std::string_view query);

struct ReleaseWish {
  std::string subject{};  ///< or an id
  std::string author{};
};
/// The same for `subject=shop&author=alice`.
std::variant<ReleaseWish, std::string> release_wish(std::string_view query);

}  // namespace holdfast::server
