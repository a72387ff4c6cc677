// What the log tells people of overrides: an id in the first line, then two lines of text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/past_decisions.h"

using namespace holdfast;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const std::string_view taken = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(taken.size() + 1, input.size()));
    return std::string(taken);
  };
  health::LogEntry begin, end;
  begin.id = line();
  begin.text = line();
  if (begin.id.ends_with("-end")) return 0;  // it tells of an end itself
  end.id = begin.id + "-end";
  end.text = line();
  end.time = begin.time + std::chrono::hours(1);
  for (const auto& told : {std::vector{begin}, std::vector{end}, std::vector{begin, end}}) {
    const auto decisions = server::past_decisions(told, {});
    if (decisions.size() > 1) std::abort();
    for (const server::Past::Decision& one : decisions) {
      if (health::read_subject(text(one.override_.subject)) != one.override_.subject) std::abort();
    }
  }
  return 0;
}
