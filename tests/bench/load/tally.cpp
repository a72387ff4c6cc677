#include "tests/bench/load/tally.h"

namespace holdfast::bench {

std::ostream& operator<<(std::ostream& out, const Tally& tally) {
  out << R"("sent": )" << tally.sent << R"(, "answers": )" << tally.answers << R"(, "lost": )" << tally.lost
      << R"(, "stray": )" << tally.stray << R"(, "truncated": )" << tally.truncated << R"(, "octets": )"
      << tally.octets << R"(, "answer": )" << tally.answer << R"(, "authority": )" << tally.authority
      << R"(, "additional": )" << tally.additional << R"(, "rcodes": {)";
  const char* separator = "";
  for (std::size_t rcode = 0; rcode < tally.rcodes.size(); ++rcode) {
    if (tally.rcodes[rcode] == 0) continue;
    out << separator << '"' << rcode << R"(": )" << tally.rcodes[rcode];
    separator = ", ";
  }
  return out << '}';
}

}  // namespace holdfast::bench
