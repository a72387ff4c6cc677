#include "health/notify/document.h"

#include <boost/json.hpp>

#include "health/notify/plain.h"
#include "health/notify/wording.h"
#include "health/utc.h"

namespace holdfast::health {
namespace {

namespace json = boost::json;

json::value or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(utf8(text));
}

json::array all_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(utf8(text));
  return array;
}

json::object to_json(const Event& event) {
  json::object object{{"id", utf8(event.id)},
                      {"time", rfc3339(event.time)},
                      {"kind", text(event.kind)},
                      {"text", utf8(event.text)},
                      {"is_bad", is_bad(event)},
                      {"monitor", nullptr},
                      {"address", nullptr},
                      {"used_by", all_of(event.used_by)},
                      {"before", nullptr},
                      {"after", nullptr},
                      {"outcome", nullptr},
                      {"detail", or_null(event.detail)},
                      {"command", or_null(event.command)},
                      {"answers", all_of(event.answers)},
                      {"agent", or_null(event.agent)},
                      {"location", or_null(event.location)}};
  if (event.target) {
    object["monitor"] = utf8(event.target->monitor);
    object["address"] = event.target->address.to_string();
  }
  if (event.kind == EventKind::transition) {
    object["before"] = text(event.before);
    object["after"] = text(event.after);
  }
  if (event.outcome) object["outcome"] = text(*event.outcome);
  return object;
}

}  // namespace

std::string document(const Notification& notification, const std::string& server) {
  json::array events;
  for (const EventPtr& event : notification.events) events.push_back(to_json(*event));
  return json::serialize(json::object{{"id", utf8(notification.id)},
                                      {"kind", text(notification.kind)},
                                      {"contact", utf8(notification.contact)},
                                      {"server", utf8(server)},
                                      {"time", rfc3339(notification.time)},
                                      {"subject", subject(notification)},
                                      {"text", message(notification, server)},
                                      {"left_out", notification.left_out},
                                      {"events", std::move(events)}});
}

}  // namespace holdfast::health
