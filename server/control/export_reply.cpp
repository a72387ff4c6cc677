#include "server/control/export_reply.h"

#include <fmt/format.h>

#include "server/control/url_query.h"
#include "zones/text/zone_file.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kPiece = 64U << 10;  // octets; some milliseconds of this thread

struct Wish {
  std::optional<zones::Name> zone{};
  bool with_live = false;
};

std::variant<Wish, Reply> wish_in(std::string_view query) {
  const auto given = parameters(query);
  if (!given) return Reply{400, std::string(kQueryForm) + "\n"};
  Wish wish;
  for (const Parameter& parameter : *given) {
    if (parameter.name == "zone") {
      wish.zone = zones::Name::parse(parameter.value);
    } else if (parameter.name == "live" && (parameter.value == "true" || parameter.value == "false")) {
      wish.with_live = parameter.value == "true";
    } else {
      return Reply{400, "known are zone=NAME and live=true\n"};
    }
  }
  if (!wish.zone) return Reply{400, "say which zone: ?zone=example.com\n"};
  return wish;
}

}  // namespace

Reply export_zone(const Asked& asked) {
  const auto read = wish_in(asked.query);
  if (const Reply* wrong = std::get_if<Reply>(&read)) return *wrong;
  const auto& [zone, with_live] = std::get<Wish>(read);
  const auto found = asked.state.contents ? asked.state.contents(*zone, with_live) : NoContents::unknown;
  if (const NoContents* why = std::get_if<NoContents>(&found)) {
    if (*why == NoContents::unknown)
      return {404, fmt::format("there is no zone {} here; `holdfast status` has a list\n", zone->text())};
    return {503, fmt::format("{} is not served at the moment; `holdfast status` says why\n", zone->text())};
  }
  Reply reply{200, ""};
  reply.more = [file = std::make_shared<zones::ZoneFile>(std::get<zones::Contents>(found))](
                   std::string& text) { return file->write(text, kPiece); };
  return reply;
}

}  // namespace holdfast::server
