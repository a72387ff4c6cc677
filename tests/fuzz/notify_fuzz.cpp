// What a target sent, in a mail and in a template: nothing of it becomes a header, or leaves its quotes.

#include <boost/json.hpp>
#include <cstdlib>

#include "health/notify/letter.h"
#include "health/notify/template.h"
#include "health/notify/webhook.h"

using namespace holdfast::health;

namespace {

/// The header of a mail has these fields and no others, each line visible and not too long.
void check_header(std::string_view text) {
  constexpr std::string_view kFields[] = {
      "From: ",           "To: ",           "Subject: ", "Date: ", "Message-ID: ", "X-Holdfast-Event: ",
      "Auto-Submitted: ", "MIME-Version: ", "Content-T"};
  const std::size_t end = text.find("\r\n\r\n");
  if (end == text.npos) std::abort();
  for (std::string_view left = text.substr(0, end + 2); !left.empty();) {
    const std::size_t line_end = left.find("\r\n");
    const std::string_view line = left.substr(0, line_end);
    bool is_known = line.starts_with(' ');
    for (const std::string_view field : kFields) is_known = is_known || line.starts_with(field);
    for (const char c : line) is_known = is_known && c >= ' ' && c <= '~';
    if (!is_known || line.size() > 998) std::abort();
    left.remove_prefix(line_end + 2);
  }
  for (std::string_view left = text.substr(end + 4); !left.empty();) {
    const std::size_t line_end = left.find("\r\n");
    if (line_end == left.npos || line_end > 76) std::abort();
    left.remove_prefix(line_end + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  Event event{.id = input.substr(0, 40), .text = input};
  event.target = TargetId{"web", {}};
  event.used_by = {input.substr(0, 100)};
  event.detail = event.command = input;
  event.kind = size % 2 == 0 ? EventKind::transition : EventKind::store;
  const Notification notification{
      .id = event.id, .contact = "ops", .events = {std::make_shared<const Event>(event)}};

  ContactSettings contact{.name = "ops", .from = "a@b.example", .to = {"c@d.example"}};
  const std::string server = "ns1";
  check_header(letter({notification, contact, server}));

  boost::json::parse(body({notification, contact, server}));  // throws
  contact.body = R"({"a": "{{text}}", "b": "{{id}}", "c": "{{subject}}"})";
  if (boost::json::parse(body({notification, contact, server})).as_object().size() != 3) std::abort();

  const std::string filled = fill(input, [](std::string_view) { return std::string(); });
  if (filled.size() > input.size()) std::abort();
  if (!template_fault(input) && input.find("{{") != input.npos && filled == input) std::abort();
  return 0;
}
