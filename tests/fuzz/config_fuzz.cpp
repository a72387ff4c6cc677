#include <cstdlib>

#include "config/config.h"

/// Any text gives a configuration or a problem, whatever it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::config;
  const Loaded loaded = parse({reinterpret_cast<const char*>(data), size}, "/etc/holdfast/fuzz.toml");
  bool has_error = false;
  for (const Problem& problem : loaded.problems) {
    has_error = has_error || problem.severity == Problem::Severity::error;
    for (const char c : problem.text()) {
      if (c < ' ' || c > '~') std::abort();  // what a terminal would act on
    }
  }
  if (loaded.config.has_value() == has_error) std::abort();
  return 0;
}
