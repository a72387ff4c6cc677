#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>

#include "health/probe/dns_message.h"
#include "health/probe/echo.h"
#include "health/probe/smtp_reply.h"

/// What a target answers is read, or refused, whatever it is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast::health;
  const std::span<const std::uint8_t> octets(data, size);
  for (const bool v6 : {false, true}) {
    if (const auto cookie = read_echo_reply(octets, v6); cookie && size < kEchoSize) std::abort();
  }
  const DnsQuestion question{"example.com.", "A"};
  if (const auto reply = read_dns_reply(octets, question, 0x1234); reply && size < 12) std::abort();

  SmtpReplyReader reader;
  auto state = SmtpReplyReader::State::more;
  for (std::string_view left(reinterpret_cast<const char*>(data), size);
       !left.empty() && state == SmtpReplyReader::State::more;) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    state = reader.take(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  if (state != SmtpReplyReader::State::wrong) (void)reader.reply().offers("STARTTLS");
  return 0;
}
