#include "server/versions/kill_point.h"

#ifdef HOLDFAST_KILL_POINTS
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string_view>
#endif

namespace holdfast::server {

#ifdef HOLDFAST_KILL_POINTS

namespace {

struct Wish {
  std::string_view name{};
  int passing = 1;

  static Wish read() noexcept {
    const char* const text = std::getenv("HOLDFAST_KILL_AT");
    if (text == nullptr) return {};
    Wish wish{.name = text};
    if (const auto colon = wish.name.find(':'); colon != wish.name.npos) {
      std::from_chars(text + colon + 1, text + wish.name.size(), wish.passing);
      wish.name = wish.name.substr(0, colon);
    }
    return wish;
  }
};

}  // namespace

void kill_point(const char* name) noexcept {
  static const Wish wish = Wish::read();
  static std::atomic<int> passings = 0;
  if (wish.name != name) return;
  if (++passings == wish.passing) std::raise(SIGKILL);
}

#else

void kill_point(const char*) noexcept {}

#endif

}  // namespace holdfast::server
