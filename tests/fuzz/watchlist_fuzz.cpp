// What a server published in the store.
#include <cstdlib>

#include "config/watchlist.h"

/// Any text gives a list or none, and a list is the same when it is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::config;
  const auto list = read_watchlist({reinterpret_cast<const char*>(data), size}, {});
  if (!list) return 0;
  const std::string text = write_watchlist(list->targets, list->locations, list->agents);
  const auto again = read_watchlist(text, {});
  if (again != watchlist(list->targets, list->locations, list->agents, text)) std::abort();
  return 0;
}
