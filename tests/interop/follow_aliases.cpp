// follow_aliases PORT MIN_TTL KEEP TARGET...: asks the resolver on 127.0.0.1 PORT, prints a line for each change.

#include <cstdio>
#include <cstdlib>

#include "zones/alias/aliases.h"

using namespace holdfast::zones;

int main(int count, char** words) {
  if (count < 5) return 2;
  ResolverSettings settings;
  settings.upstreams = {
      {boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::atoi(words[1]))}};
  settings.min_ttl = std::chrono::seconds(std::atoi(words[2]));
  settings.keep = std::chrono::seconds(std::atoi(words[3]));
  std::vector<Name> targets;
  for (int i = 4; i < count; ++i) {
    const auto target = Name::parse(words[i]);
    if (!target) return 2;
    targets.push_back(*target);
  }
  boost::asio::io_context io;
  Aliases aliases(io, settings, [](const Name& target, RrType type, const Served& served) {
    std::string line = target.text() + ' ' + text(type) + ' ' + text(served.state);
    for (const auto& address : served.addresses) line += ' ' + address.to_string();
    std::puts(line.c_str());
    std::fflush(stdout);
  });
  aliases.follow(targets);
  io.run();
}
